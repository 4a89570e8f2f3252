"""Metadata of sounds: the kinds that an MP3 or a WAV carries, and what of it is about people, places or devices.

libavformat reads texts. What it leaves out (APE, a second ID3v1, objects, e-mail addresses, XML, EXIF in covers) is
looked for here, in the bytes.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from prep.media.audio.strip import wav_block
from prep.media.container.block import Block
from prep.media.container.mp3_tags import tags_before, tags_behind
from prep.media.container.riff import MOST_CHUNKS, chunks
from prep.media.image.metadata_blocks import blocks
from prep.media.image.private_metadata import private_in_blocks
from prep.media.io.read import read_part
from prep.model.byte_source import Openable

# Of a longer tag or chunk this much is looked at.
MOST_BYTES = 8_000_000
# Parts of the keys of tags, of any format.
PRIVATE_KEYS = {
    "gps": ("location", "gps", "iso6709", "xyz", "latitude", "longitude", "geotag"),
    "serial number": ("serial", "originator_reference"),
    "owner": ("author", "owner", "artist", "engineer", "technician", "originator", "email"),
}
# Keys that libavformat leaves as they are in the file, and its key for the originator of a bext and for a technician.
KEYS = {"TOWN": "owner", "IENG": "engineer", "ICMS": "owner"}
WAV_KEYS = {"encoded_by": "originator"}
# Frames of ID3v2 (2.2 to 2.4) that libavformat leaves out: objects and identifiers, which begin with a text that says
# what they are; ratings with an e-mail address; the purchaser. A zero follows each name: no frame has 2 MB.
ID3_OBJECT = re.compile(rb"(?:GEOB?|UFID?)\0(.{0,70})", re.DOTALL)
ID3_OWNER = re.compile(rb"OWNE\0|POPM?\0.{2,5}[\w.+-]{1,64}@", re.DOTALL)
JPEG, MOST_COVERS = re.compile(rb"\xff\xd8\xff"), 8
# Elements and attributes of XML that are not empty: <LOCATION_GPS>48.1..., exif:GPSLatitude="48... Names have an end:
# without one, a megabyte of "gps" would be searched from each of them on.
IN_XML = {
    "gps": re.compile(rb"(?:gps|location)\w{0,64}(?:>|=\")\s*[^\s<\"]", re.IGNORECASE),
    "serial number": re.compile(rb"serial\w{0,64}(?:>|=\")\s*[^\s<\"]", re.IGNORECASE),
    "owner": re.compile(rb"(?:creator|author|artist|owner|originator)\w{0,64}(?:>|=\")\s*[^\s\"]", re.IGNORECASE),
}


class Metadata(NamedTuple):
    """*kinds* of blocks beside the sound ("id3", "bext", ...), and what of them is *private* ("gps", "owner", ...)."""

    kinds: tuple[str, ...] = ()
    private: tuple[str, ...] = ()


def read_metadata(item: Openable, container: str, keys: Iterable[str]) -> Metadata:
    """The metadata of *item*; *keys* are those that libavformat gives a text for.

    Only the places of metadata are read: before and behind the frames of an MP3, around the samples of a WAV.
    """
    kinds, private = dict[str, None](), set[str]()
    names = {(WAV_KEYS if container == "wav" else {}).get(key, KEYS.get(key, key)) for key in keys}
    for block in _blocks(item, container):  # one at a time: each may be megabytes
        if block.says:
            kinds[block.says] = None
            private.update(_private_in(block))
            names.update(_keys(block))
    return Metadata(tuple(kinds), in_order((*private, *private_keys(names))))


def in_order(kinds: Iterable[str]) -> tuple[str, ...]:
    present = set(kinds)
    return tuple(kind for kind in PRIVATE_KEYS if kind in present)


def private_keys(keys: Iterable[str]) -> tuple[str, ...]:
    """What tags with these *keys* are about. The artist of a song on an album is a credit, not an owner."""
    names = {key.lower() for key in keys}
    if any("album" in name and "artist" not in name for name in names):
        names = {name for name in names if "artist" not in name}
    text = "\n".join(names)
    return in_order(kind for kind, parts in PRIVATE_KEYS.items() if any(part in text for part in parts))


def _blocks(item: Openable, container: str) -> Iterator[Block]:
    if container == "mp3":
        end = 0
        for at, size in tags_before(item):
            yield Block(b"ID3v2", read_part(item, at, min(size, MOST_BYTES)), "id3")
            end = at + size
        yield from tags_behind(item, end)
    elif container == "wav":
        for chunk in islice(chunks(item), MOST_CHUNKS):
            if chunk.name != b"data":
                yield wav_block(chunk.name, read_part(item, chunk.begin, min(8 + chunk.size, MOST_BYTES)))


def _keys(block: Block) -> Iterator[str]:
    """The keys in a block of which libavformat gives no text."""
    content = block.content
    if block.name == b"ID3v1":
        tag = content[-128:]
        yield from (key for key, text in (("artist", tag[33:63]), ("album", tag[63:93])) if text.strip(b"\0 "))
    elif block.says == "id3":
        yield from (match[1].replace(b"\0", b" ").decode("latin-1") for match in ID3_OBJECT.finditer(content))
        yield from ("owner",) if ID3_OWNER.search(content) else ()
    elif block.says == "ape":
        yield from _ape_keys(content)


def _ape_keys(tag: bytes) -> Iterator[str]:
    at = 32 if tag[23] & 0x20 and tag.startswith(b"APETAGEX") else 0
    while at + 9 < len(tag):
        size, end = int.from_bytes(tag[at : at + 4], "little"), tag.find(b"\0", at + 8)
        if end < 0:
            return
        if tag[end + 1 : end + 1 + size].strip():
            yield tag[at + 8 : end].decode("latin-1")
        at = end + 1 + size


def _private_in(block: Block) -> Iterator[str]:
    """What is there without a key: in XML, in the EXIF of covers."""
    text = block.content.replace(b"\0", b"")  # also in UTF-16
    yield from (kind for kind, pattern in IN_XML.items() if pattern.search(text))
    if block.says in ("id3", "ape"):
        yield from _private_in_covers(block.content)
        yield from _private_in_covers(block.content.replace(b"\xff\0", b"\xff"))  # an unsynchronised tag


def _private_in_covers(content: bytes) -> Iterator[str]:
    for cover in islice(JPEG.finditer(content), MOST_COVERS):
        yield from private_in_blocks(blocks(content[cover.start() :], "jpeg"))
