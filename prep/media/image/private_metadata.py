"""Private metadata of a picture: what it tells about people, places and devices, and what hides behind it."""

import re
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from PIL import Image

from prep.media.container.block import Block
from prep.media.container.isobmff import boxes
from prep.media.image.decode import DECODING_ERRORS
from prep.media.image.metadata_blocks import appended_pictures, blocks
from prep.model.byte_source import Openable

# What Pillow raises over EXIF that is broken.
UNREADABLE = (*DECODING_ERRORS, KeyError, struct.error)
ARTIST, GPS, EXIF_IFD = 0x013B, 0x8825, 0x8769
OWNER, BODY_SERIAL, LENS_SERIAL, XP_AUTHOR = 0xA430, 0xA431, 0xA435, 0x9C9D
MAKER_NOTE, CONTENT_IDENTIFIER = 0x927C, 0x0011
APPLE = b"Apple iOS\0\0\x01MM"
IN_XMP = {
    "gps": re.compile(rb"GPSLatitude"),
    "serial number": re.compile(rb"SerialNumber"),
    "owner": re.compile(rb"dc:creator"),
    "depth map": re.compile(
        rb"GDepth:Data|Semantic=.(?:Depth|PrimaryDepth|Segmentation)|AuxiliaryImageType=.depth", re.I
    ),
    "identifier": re.compile(rb"ContentIdentifier|GCamera:VideoId"),
}
# Phones put a short MP4 behind a photo, or into a box of its own behind a HEIC.
VIDEO = re.compile(rb"\0\0..ftyp(?!hei|hev|mif|msf|avi)", re.DOTALL)
VIDEO_BOX = b"mpvd"
HEIF_BOXES = frozenset((b"ftyp", b"meta", b"mdat", b"free", b"skip", b"moov", b"uuid", b"idat"))
# Fewer bytes behind a picture are a slip of its writer.
TELLING_BYTES = 16
PADDING = b"\0\xff\r\n "


def private_in(exif: Image.Exif, xmp: bytes | str | None, *, author: bool = False) -> tuple[str, ...]:
    """The private facts in EXIF and an XMP packet: "gps", "serial number", "owner"; *author*: an author is named."""
    camera = _directory(exif, EXIF_IFD)
    packet = xmp.encode() if isinstance(xmp, str) else xmp or b""
    in_exif = {
        "gps": bool(_directory(exif, GPS)),
        "serial number": BODY_SERIAL in camera or LENS_SERIAL in camera,
        "owner": author or OWNER in camera or ARTIST in exif or XP_AUTHOR in exif,
    }
    in_exif |= {"depth map": False, "identifier": _links_to_a_video(camera.get(MAKER_NOTE))}
    return tuple(name for name, present in in_exif.items() if present or IN_XMP[name].search(packet))


def private_in_appended(jpeg: bytes) -> tuple[str, ...]:
    """The same for what follows the first picture in a JPEG: gain maps, stereo pairs, previews, videos."""
    pictures = appended_pictures(jpeg)
    private = [name for picture in pictures for name in private_in_blocks(picture)]
    last = pictures[-1] if pictures else list(blocks(jpeg, "jpeg"))
    return tuple(dict.fromkeys((*private, *private_in_trailer(last))))


def private_in_trailer(picture: Iterable[Block]) -> tuple[str, ...]:
    """ "hidden video" or "appended data" where more than padding follows a picture with these blocks."""
    trailer = b"".join(block.content for block in picture if block.says == "trailer")
    if VIDEO.search(trailer):
        return ("hidden video",)
    return ("appended data",) if len(trailer.strip(PADDING)) >= TELLING_BYTES else ()


def private_in_boxes(item: Openable) -> tuple[str, ...]:
    """The same for what is in a HEIC or AVIF beside its pictures."""
    names = [box.name for box in boxes(item)]
    if VIDEO_BOX in names:
        return ("hidden video",)
    return ("appended data",) if not HEIF_BOXES.issuperset(names) else ()


def private_in_blocks(picture: Iterable[Block]) -> Iterator[str]:
    """The same for the blocks of one JPEG; broken blocks are skipped."""
    for block in picture:
        if block.says == "exif":
            yield from private_in(load_exif(block.content[4:]), None)
        elif block.says == "xmp":
            yield from private_in(Image.Exif(), block.content)


def _links_to_a_video(maker_note: object) -> bool:
    """Whether a note of Apple's has the identifier that a Live Photo shares with its video."""
    if not isinstance(maker_note, bytes) or not maker_note.startswith(APPLE):
        return False
    table = maker_note[len(APPLE) :]
    entries = int.from_bytes(table[:2], "big")
    tags = {int.from_bytes(table[at : at + 2], "big") for at in range(2, 2 + 12 * min(entries, 200), 12)}
    return CONTENT_IDENTIFIER in tags


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
