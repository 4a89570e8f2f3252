"""The bytes in which an image tells about itself."""

import re
import zlib
from pathlib import Path

from prep.media.image.metadata_blocks import PNG_SIGNATURE, START_OF_SCAN
from prep.media.image.mpf import picture_offsets
from prep.media.io.read import read_part, size_of
from prep.model.byte_source import Content, Openable

MOST_BYTES = 4_000_000
# What stands behind the pixels is looked for in so much of the end.
SHORT_TAIL_BYTES, PNG_TAIL_BYTES, TAIL_BYTES = 512, 32_768, 65_536
END_OF_IMAGE, PNG_END = b"\xff\xd9", b"\0\0\0\0IEND\xae\x42\x60\x82"
PNG_CHUNK = re.compile(rb"(?=(.{4})([a-zA-Z]{4}))", re.DOTALL)


def told_in(item: Openable, container: str) -> bytes:
    """All bytes of *item*; of a JPEG or a PNG that would have to be fetched only those before and behind its pixels."""
    if isinstance(item, Path) or not item.far or container not in ("jpeg", "png"):
        return read_part(item, 0, size_of(item))
    return _jpeg(item) if container == "jpeg" else _png(item)


def _jpeg(item: Content) -> bytes:
    """With the heads of the pictures that its index (MPF) names, or else with what follows its end."""
    head = read_part(item, 0, min(before_scan(item), MOST_BYTES))
    tail = read_part(item, -SHORT_TAIL_BYTES, SHORT_TAIL_BYTES)
    if END_OF_IMAGE not in tail:
        tail = read_part(item, -TAIL_BYTES, TAIL_BYTES)
    if END_OF_IMAGE not in tail:  # truncated, or much stands behind it: all of it has to be decoded to know
        return read_part(item, 0, item.size_bytes)
    others = [at for at in picture_offsets(head) if len(head) < at < item.size_bytes]
    behind = b"".join(read_part(item, at, min(before_scan(item, at) - at, MOST_BYTES)) + END_OF_IMAGE for at in others)
    return head + END_OF_IMAGE + (behind or tail[tail.rindex(END_OF_IMAGE) + 2 :])


def before_scan(item: Openable, start: int = 0) -> int:
    """Where the coded data of the JPEG that begins at *start* begins; somewhere before it when its header is larger
    than MOST_BYTES."""
    at = start + 2
    while at - start < MOST_BYTES:
        head = read_part(item, at, 4)
        if len(head) < 4 or head[0] != 0xFF:
            return at
        if head[1] == 0xFF:  # filling
            at += 1
            continue
        at += 2 + int.from_bytes(head[2:4], "big")
        if head[1] == START_OF_SCAN:
            return at
    return at


def _png(item: Content) -> bytes:
    head = read_part(item, 0, min(_before_pixels(item), MOST_BYTES))
    start = max(len(head), item.size_bytes - PNG_TAIL_BYTES)
    return head + _last_chunks(read_part(item, start, item.size_bytes - start))


def _before_pixels(item: Content) -> int:
    at = len(PNG_SIGNATURE)
    while at < MOST_BYTES:
        head = read_part(item, at, 8)
        if len(head) < 8 or head[4:] == b"IDAT":
            return at
        at += 12 + int.from_bytes(head[:4], "big")
    return at


def _last_chunks(tail: bytes) -> bytes:
    """*tail* from its first whole chunk on: one with the right check sum, after which chunks follow up to the end."""
    end = tail.rfind(PNG_END)
    for found in PNG_CHUNK.finditer(tail, 0, max(0, end)):
        at = found.start()
        stop = at + 12 + int.from_bytes(found[1], "big")
        if stop <= end and zlib.crc32(tail[at + 4 : stop - 4]) == int.from_bytes(tail[stop - 4 : stop], "big"):
            return tail[at:]
    return tail[max(0, end) :]
