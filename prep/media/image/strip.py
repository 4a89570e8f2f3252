"""Removal of metadata (GPS, serial numbers, text, appended files) from a JPEG, PNG or WebP without encoding it."""

from pathlib import Path

from prep.media.container.block import Block
from prep.media.image.metadata_blocks import PNG_SIGNATURE, blocks

XMP_AND_EXIF_FLAGS = 0x04 | 0x08  # in the first byte of VP8X


def strip(source: Path, target: Path, container: str) -> None:
    """Write *source* to *target* without its metadata; the coded picture stays the same, bit by bit."""
    kept = [block for block in blocks(source.read_bytes(), container) if not block.says]
    match container:
        case "jpeg":
            target.write_bytes(b"".join(block.content for block in kept))
        case "png":
            target.write_bytes(PNG_SIGNATURE + b"".join(block.content for block in kept))
        case "webp":
            body = b"".join(_without_flags(block) for block in kept)
            target.write_bytes(b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body)
        case _:
            raise ValueError(f"{container} can't be stripped without encoding it again")


def _without_flags(block: Block) -> bytes:
    if block.name != b"VP8X":
        return block.content
    content = bytearray(block.content)
    content[8] &= ~XMP_AND_EXIF_FLAGS
    return bytes(content)
