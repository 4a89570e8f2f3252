"""What a picture's metadata tells about people, places and devices."""

import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from PIL import Image

from prep.media.container.block import Block
from prep.media.image.decode import DECODING_ERRORS
from prep.media.image.metadata_blocks import pictures_behind

# What Pillow raises over EXIF that is broken.
UNREADABLE = (*DECODING_ERRORS, KeyError, struct.error)
ARTIST, GPS, EXIF_IFD = 0x013B, 0x8825, 0x8769
OWNER, BODY_SERIAL, LENS_SERIAL, XP_AUTHOR = 0xA430, 0xA431, 0xA435, 0x9C9D
IN_XMP = {"gps": b"GPSLatitude", "serial number": b"SerialNumber", "owner": b"dc:creator"}


def private_in(exif: Image.Exif, xmp: bytes | str | None, *, author: bool = False) -> tuple[str, ...]:
    """What EXIF and an XMP packet tell: "gps", "serial number", "owner"."""
    camera = _directory(exif, EXIF_IFD)
    packet = xmp.encode() if isinstance(xmp, str) else xmp or b""
    found = {
        "gps": bool(_directory(exif, GPS)),
        "serial number": BODY_SERIAL in camera or LENS_SERIAL in camera,
        "owner": author or OWNER in camera or ARTIST in exif or XP_AUTHOR in exif,
    }
    return tuple(name for name, there in found.items() if there or IN_XMP[name] in packet)


def private_behind(jpeg: bytes) -> tuple[str, ...]:
    """The same, of the pictures that lie behind the first one in a JPEG: gain maps, stereo pairs, previews."""
    return tuple(dict.fromkeys(name for picture in pictures_behind(jpeg) for name in private_in_blocks(picture)))


def private_in_blocks(picture: Iterable[Block]) -> Iterator[str]:
    """The same, of one JPEG's blocks; what is broken tells nothing that can be read."""
    for block in picture:
        if block.says == "exif":
            yield from private_in(loaded(block.content[4:]), None)
        elif block.says == "xmp":
            yield from private_in(Image.Exif(), block.content)


def loaded(content: bytes | None) -> Image.Exif:
    """EXIF from its bytes, with or without their usual introduction; empty when they are no EXIF."""
    exif = Image.Exif()
    with suppress(*UNREADABLE):
        if content:
            exif.load(content)
    return exif


def _directory(exif: Image.Exif, tag: int) -> dict[int, Any]:
    with suppress(*UNREADABLE):
        return exif.get_ifd(tag)
    return {}
