"""Removal of metadata (GPS, serial numbers, text, appended files) from a JPEG, PNG or WebP without encoding it."""

from pathlib import Path

from prep.media.container.block import Block
from prep.media.image.metadata_blocks import PNG_SIGNATURE, blocks

XMP_AND_EXIF_FLAGS = 0x04 | 0x08  # in the first byte of VP8X


def strip(source: Path, target: Path, container: str) -> None:
    """Write *source* to *target* without its metadata; the coded picture stays the same, bit by bit."""
    kept = [block for block in blocks(source.read_bytes(), container) if not block.says]
    body = b"".join(_without_flags(block) for block in kept)
    webp = b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP"
    target.write_bytes({"jpeg": b"", "png": PNG_SIGNATURE, "webp": webp}[container] + body)


def _without_flags(block: Block) -> bytes:
    if block.name != b"VP8X":
        return block.content
    content = bytearray(block.content)
    content[8] &= ~XMP_AND_EXIF_FLAGS
    return bytes(content)
