"""What a picture's metadata tells about people, places and devices."""

from contextlib import suppress

from PIL import Image

from prep.tools.blocks import pictures_behind
from prep.tools.open_image import DECODING_ERRORS

ARTIST, GPS, EXIF_IFD = 0x013B, 0x8825, 0x8769
OWNER, BODY_SERIAL, LENS_SERIAL, XP_AUTHOR = 0xA430, 0xA431, 0xA435, 0x9C9D
IN_XMP = {"gps": b"GPSLatitude", "serial number": b"SerialNumber", "owner": b"dc:creator"}


def private_in(exif: Image.Exif, xmp: bytes | str | None, *, author: bool = False) -> tuple[str, ...]:
    """What EXIF and an XMP packet tell: "gps", "serial number", "owner"."""
    camera = exif.get_ifd(EXIF_IFD)
    packet = xmp.encode() if isinstance(xmp, str) else xmp or b""
    found = {
        "gps": bool(exif.get_ifd(GPS)),
        "serial number": BODY_SERIAL in camera or LENS_SERIAL in camera,
        "owner": author or OWNER in camera or ARTIST in exif or XP_AUTHOR in exif,
    }
    return tuple(name for name, there in found.items() if there or IN_XMP[name] in packet)


def private_behind(jpeg: bytes) -> tuple[str, ...]:
    """The same, of the pictures that lie behind the first one in a JPEG: gain maps, stereo pairs, previews."""
    blocks = [block for picture in pictures_behind(jpeg) for block in picture]
    exifs = [loaded(block.content[4:]) for block in blocks if block.says == "exif"]
    xmp = b"".join(block.content for block in blocks if block.says == "xmp")
    return tuple(dict.fromkeys(name for exif in (*exifs, Image.Exif()) for name in private_in(exif, xmp)))


def loaded(content: bytes | None) -> Image.Exif:
    """EXIF from its bytes, with or without their usual introduction; empty when they are no EXIF."""
    exif = Image.Exif()
    with suppress(*DECODING_ERRORS):
        if content:
            exif.load(content)
    return exif
