"""The bytes in which an image tells about itself."""

from pathlib import Path

from prep.model.content import Openable
from prep.tools.blocks import PNG_SIGNATURE, START_OF_SCAN
from prep.tools.opening import read_part, size_of

MOST_BYTES = 4_000_000


def told_in(item: Openable, container: str) -> bytes:
    """All bytes of *item*; of a JPEG or a PNG that would have to be fetched only those before its pixels."""
    if isinstance(item, Path) or not item.far or container not in ("jpeg", "png"):
        return read_part(item, 0, size_of(item))
    stops = {"jpeg": before_scan, "png": _before_pixels}
    return read_part(item, 0, min(stops[container](item), MOST_BYTES))


def before_scan(item: Openable) -> int:
    """Where the coded data of a JPEG begins; somewhere before it when its header is larger than MOST_BYTES."""
    at = 2
    while at < MOST_BYTES:
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


def _before_pixels(item: Openable) -> int:
    at = len(PNG_SIGNATURE)
    while at < MOST_BYTES:
        head = read_part(item, at, 8)
        if len(head) < 8 or head[4:] == b"IDAT":
            return at
        at += 12 + int.from_bytes(head[:4], "big")
    return at
