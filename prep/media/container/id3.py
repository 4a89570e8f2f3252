"""ID3v2 tags (2.2 to 2.4): how long one is, and what its frames tell. Damage ends the reading, and is no error."""

import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

HEADER_BYTES = 10
UNSYNCHRONISED, EXTENDED, FOOTER = 0x80, 0x40, 0x10
# Of a frame in 2.4: compressed, encrypted, unsynchronised, with its length in front.
COMPRESSED, ENCRYPTED, FRAME_UNSYNCHRONISED, HAS_LENGTH = 0x08, 0x04, 0x02, 0x01
MOST_UNPACKED_BYTES = 16_000_000  # of the compressed frames of a tag: they are no bomb
ENCODINGS = {0: "latin-1", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}
# In 2.2 names have three letters; those that are looked at here.
LONGER = {"TP1": "TPE1", "TAL": "TALB", "TXX": "TXXX", "PIC": "APIC", "GEO": "GEOB", "POP": "POPM"}


class Frame(NamedTuple):
    """One frame: its name of four letters, and its content as it was before it was packed."""

    name: str
    content: bytes


def tag_bytes(header: bytes) -> int:
    """How long the tag is that begins with these ten bytes, itself and its footer included; 0 when none does."""
    if len(header) < HEADER_BYTES or header[:3] != b"ID3" or header[3] == 0xFF or max(header[6:10]) > 0x7F:
        return 0
    return HEADER_BYTES * (2 if header[5] & FOOTER else 1) + _seven_bits(header[6:10])


def frames(tag: bytes) -> Iterator[Frame]:
    """The frames of one whole tag; those that are encrypted are left out, and what unpacks to too much ends it."""
    version, flags = tag[3], tag[5]
    body = tag[HEADER_BYTES : HEADER_BYTES + _seven_bits(tag[6:10])]
    if flags & UNSYNCHRONISED and version < 4:
        body = _synchronised(body)
    if flags & EXTENDED and version >= 3:
        size = _seven_bits(body[:4]) if version == 4 else int.from_bytes(body[:4], "big") + 4
        body = body[size:]
    letters, head = (3, 6) if version == 2 else (4, 10)
    at, room = 0, MOST_UNPACKED_BYTES
    while room and at + head <= len(body) and body[at : at + letters].isalnum():
        name = body[at : at + letters].decode("ascii")
        size = _size(body[at + letters : at + 2 * letters], version)
        content = body[at + head : at + head + size]
        packing = body[at + 9] if version == 4 else _as_in_4(body[at + 9]) if version == 3 else 0
        at += head + size
        if not packing & ENCRYPTED:
            with suppress(zlib.error):
                unpacked = _unpacked(content, packing, bool(flags & UNSYNCHRONISED), room)
                room -= len(unpacked) if packing & COMPRESSED else 0
                yield Frame(LONGER.get(name, name), unpacked)


def text_of(content: bytes) -> tuple[str, str]:
    """A text frame's description and text; the description is empty where the frame has none."""
    encoding = ENCODINGS.get(content[0] if content else 0, "latin-1")
    parts = content[1:].decode(encoding, "replace").lstrip("\ufeff").split("\0")
    words = [part.lstrip("\ufeff").strip() for part in parts]
    return ("", words[0]) if len([word for word in words if word]) < 2 else (words[0], " ".join(words[1:]).strip())


def _unpacked(content: bytes, packing: int, unsynchronised: bool, most: int) -> bytes:
    if packing & FRAME_UNSYNCHRONISED or (packing and unsynchronised):
        content = _synchronised(content)
    if packing & HAS_LENGTH:
        content = content[4:]
    return zlib.decompressobj().decompress(content, most) if packing & COMPRESSED else content


def _as_in_4(flags: int) -> int:
    """The second byte of a frame's flags in 2.3; there the length before compressed content is no flag of its own."""
    compressed = COMPRESSED | HAS_LENGTH if flags & 0x80 else 0
    return compressed | (ENCRYPTED if flags & 0x40 else 0)


def _size(field: bytes, version: int) -> int:
    return _seven_bits(field) if version == 4 and max(field) <= 0x7F else int.from_bytes(field, "big")


def _seven_bits(field: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(field, (21, 14, 7, 0), strict=False))


def _synchronised(data: bytes) -> bytes:
    return data.replace(b"\xff\0", b"\xff")
