"""What an MP3 or a WAV tells beside its sound, and what of that is about people, places or devices."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from prep.media.audio.strip import wav_block
from prep.media.container.id3 import frames, tag_bytes, text_of
from prep.media.container.mp3_tags import tags_before, tags_behind
from prep.media.container.riff import chunks
from prep.media.image.metadata_blocks import Block, blocks
from prep.media.image.private_metadata import private_in_blocks
from prep.media.io.read import read_part
from prep.model.byte_source import Openable

# Of a longer tag or chunk so much is looked at.
MOST_BYTES = 8_000_000
NO_TAG = b"ID3\4" + bytes(6)
# Parts of the keys of tags, of any format.
PRIVATE_KEYS = {
    "gps": ("location", "gps", "iso6709", "xyz", "latitude", "longitude", "geotag"),
    "serial number": ("serial", "originator_reference"),
    "owner": ("author", "owner", "artist", "engineer", "technician", "originator", "email"),
}
ID3_KEYS = {"TPE1": "artist", "TALB": "album", "TOWN": "owner", "OWNE": "owner"}
INFO_KEYS = {b"IART": "artist", b"IPRD": "album", b"IENG": "engineer", b"ITCH": "technician", b"ICMS": "owner"}
# Elements and attributes of XML that are not empty: <LOCATION_GPS>48.1..., exif:GPSLatitude="48... Names have an end:
# without one, a megabyte of "gps" would be gone through from each of them on.
IN_XML = {
    "gps": re.compile(rb"(?:gps|location)\w{0,64}(?:>|=\")\s*[^\s<\"]", re.IGNORECASE),
    "serial number": re.compile(rb"serial\w{0,64}(?:>|=\")\s*[^\s<\"]", re.IGNORECASE),
    "owner": re.compile(rb"(?:creator|author|artist|owner|originator)\w{0,64}(?:>|=\")\s*[^\s\"]", re.IGNORECASE),
}


class Told(NamedTuple):
    """*kinds* of blocks beside the sound ("id3", "bext", ...), and what is *private* of it ("gps", "owner", ...)."""

    kinds: tuple[str, ...] = ()
    private: tuple[str, ...] = ()


class Field(NamedTuple):
    key: str
    value: str


def told_beside(item: Openable, container: str) -> Told:
    """Read only where metadata stands: before and behind the frames of an MP3, around the samples of a WAV."""
    if container not in ("mp3", "wav"):
        return Told()
    kinds, found, keys = dict[str, None](), set[str](), set[str]()
    for block in _of_mp3(item) if container == "mp3" else _of_wav(item):  # one at a time: each may be megabytes
        if block.says:
            kinds[block.says] = None
            found.update(_private_in(block))
            keys.update(field.key for field in _fields(block) if field.value.strip())
    return Told(tuple(kinds), in_order((*found, *private_keys(keys))))


def in_order(found: Iterable[str]) -> tuple[str, ...]:
    there = set(found)
    return tuple(kind for kind in PRIVATE_KEYS if kind in there)


def private_keys(told: Iterable[str]) -> tuple[str, ...]:
    """What tags tell by their keys; *told* are those of tags that are not empty. The artist of what belongs to an album
    is a credit, and no owner."""
    keys = {key.lower() for key in told}
    if any("album" in key and "artist" not in key for key in keys):
        keys = {key for key in keys if "artist" not in key}
    return in_order(kind for kind, parts in PRIVATE_KEYS.items() if any(part in key for key in keys for part in parts))


def _of_mp3(item: Openable) -> Iterator[Block]:
    end = 0
    for at, size in tags_before(item):
        yield Block(b"ID3v2", read_part(item, at, min(size, MOST_BYTES)), "id3")
        end = at + size
    yield from tags_behind(item, end)


def _of_wav(item: Openable) -> Iterator[Block]:
    for chunk in chunks(item):
        if chunk.name != b"data":
            yield wav_block(chunk.name, read_part(item, chunk.start - 8, min(8 + chunk.size, MOST_BYTES)))


def _fields(block: Block) -> Iterator[Field]:
    content = block.content
    if block.says == "id3" and block.name != b"ID3v1":
        yield from _id3_fields(_id3_tag(block))
    elif block.says == "id3":
        tag = content[-128:].decode("latin-1")
        yield from (Field("artist", tag[33:63].strip("\0 ")), Field("album", tag[63:93].strip("\0 ")))
    elif block.says == "ape":
        yield from _ape_fields(content)
    elif block.says == "info":
        yield from _info_fields(content[12:])
    elif block.says == "bext":  # EBU Tech 3285: description 256, originator 32, its reference 32
        text = content[8:].decode("latin-1")
        yield Field("originator", text[256:288].strip("\0 "))
        yield Field("originator_reference", text[288:320].strip("\0 "))


def _id3_tag(block: Block) -> bytes:
    """The ID3v2 tag that a block is, or a chunk holds; one without frames when it is none."""
    tag = block.content[8:] if block.name in (b"id3 ", b"ID3 ") else block.content
    return tag if tag_bytes(tag[:10]) else NO_TAG


def _id3_fields(tag: bytes) -> Iterator[Field]:
    for frame in frames(tag):
        if frame.name in ID3_KEYS:
            yield Field(ID3_KEYS[frame.name], text_of(frame.content)[1])
        elif frame.name == "TXXX":
            yield Field(*text_of(frame.content))
        elif frame.name in ("GEOB", "PRIV", "UFID"):
            yield Field(frame.content[:64].replace(b"\0", b" ").decode("latin-1"), "x")
        elif frame.name == "POPM" and b"@" in frame.content.partition(b"\0")[0]:
            yield Field("email", "x")


def _ape_fields(tag: bytes) -> Iterator[Field]:
    at = 32 if tag[23] & 0x20 and tag.startswith(b"APETAGEX") else 0
    while at + 9 < len(tag):
        size, ends = int.from_bytes(tag[at : at + 4], "little"), tag.find(b"\0", at + 8)
        if ends < 0:
            return
        yield Field(tag[at + 8 : ends].decode("latin-1"), tag[ends + 1 : ends + 1 + size].decode("utf-8", "replace"))
        at = ends + 1 + size


def _info_fields(chunks: bytes) -> Iterator[Field]:
    at = 0
    while at + 8 <= len(chunks):
        size = int.from_bytes(chunks[at + 4 : at + 8], "little")
        text = chunks[at + 8 : at + 8 + size].decode("latin-1").strip("\0 ")
        yield Field(INFO_KEYS.get(chunks[at : at + 4], ""), text)
        at += 8 + size + size % 2


def _private_in(block: Block) -> Iterator[str]:
    """What is told without a key: in XML, in pictures, in chunks of makers of recorders."""
    text = block.content.replace(b"\0", b"")  # also in UTF-16
    yield from (kind for kind, there in IN_XML.items() if there.search(text))
    if block.says == "id3":
        for frame in frames(_id3_tag(block)):
            if frame.name == "APIC":
                yield from _private_in_picture(frame.content)
    elif block.says == "ape":
        yield from _private_in_picture(block.content)


def _private_in_picture(content: bytes) -> Iterator[str]:
    """What the EXIF of a cover tells, a JPEG somewhere in *content*."""
    start = content.find(b"\xff\xd8\xff")
    if start >= 0:
        yield from private_in_blocks(blocks(content[start:], "jpeg"))
