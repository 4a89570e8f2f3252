"""Private metadata of a picture: what it tells about people, places and devices."""

import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from PIL import Image

from prep.media.container.block import Block
from prep.media.image.decode import DECODING_ERRORS
from prep.media.image.metadata_blocks import appended_pictures

# What Pillow raises over EXIF that is broken.
UNREADABLE = (*DECODING_ERRORS, KeyError, struct.error)
ARTIST, GPS, EXIF_IFD = 0x013B, 0x8825, 0x8769
OWNER, BODY_SERIAL, LENS_SERIAL, XP_AUTHOR = 0xA430, 0xA431, 0xA435, 0x9C9D
IN_XMP = {"gps": b"GPSLatitude", "serial number": b"SerialNumber", "owner": b"dc:creator"}


def private_in(exif: Image.Exif, xmp: bytes | str | None, *, author: bool = False) -> tuple[str, ...]:
    """The private facts in EXIF and an XMP packet: "gps", "serial number", "owner"; *author*: an author is named."""
    camera = _directory(exif, EXIF_IFD)
    packet = xmp.encode() if isinstance(xmp, str) else xmp or b""
    in_exif = {
        "gps": bool(_directory(exif, GPS)),
        "serial number": BODY_SERIAL in camera or LENS_SERIAL in camera,
        "owner": author or OWNER in camera or ARTIST in exif or XP_AUTHOR in exif,
    }
    return tuple(name for name, present in in_exif.items() if present or IN_XMP[name] in packet)


def private_in_appended(jpeg: bytes) -> tuple[str, ...]:
    """The same for the pictures that follow the first one in a JPEG: gain maps, stereo pairs, previews."""
    return tuple(dict.fromkeys(name for picture in appended_pictures(jpeg) for name in private_in_blocks(picture)))


def private_in_blocks(picture: Iterable[Block]) -> Iterator[str]:
    """The same for the blocks of one JPEG; broken blocks are skipped."""
    for block in picture:
        if block.says == "exif":
            yield from private_in(load_exif(block.content[4:]), None)
        elif block.says == "xmp":
            yield from private_in(Image.Exif(), block.content)


def load_exif(content: bytes | None) -> Image.Exif:
    """EXIF from its bytes, with or without their usual introduction; empty when they are not EXIF."""
    exif = Image.Exif()
    with suppress(*UNREADABLE):
        if content:
            exif.load(content)
    return exif


def _directory(exif: Image.Exif, tag: int) -> dict[int, Any]:
    with suppress(*UNREADABLE):
        return exif.get_ifd(tag)
    return {}
