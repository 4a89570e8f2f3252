"""Test whether a picture decodes, which reads as little of it as is certain: `check` has to say what `prep` will.

Measured on mutated files: a JPEG of one scan decodes if its first blocks do and its end is there, since decoders fill
in damage in between; a PNG if its checksums are right. Other formats are decoded, a large JPEG 2000 at an eighth of its
sides, but not a large HEIC, nor what a URL would have to send as a whole for that: there the end is looked for.
"""

import zlib
from io import BytesIO
from typing import Any

from PIL import Image

from prep.errors import UnreadableError
from prep.media.container import isobmff
from prep.media.image import tiff
from prep.media.image.decode import DECODING_ERRORS, open_image
from prep.media.image.metadata_blocks import blocks, scan_start
from prep.media.io.read import is_far, size_of
from prep.model.byte_source import Openable
from prep.model.redact import shown

END_OF_IMAGE = b"\xff\xd9"
# Coded data of a JPEG that holds its first blocks, whatever their size.
FIRST_BYTES = 2048
DECODED = ("webp", "gif", "bmp", "tiff", "avif", "jp2")
# A phone's HEIC takes a second to decode, a JPEG 2000 three: too long. Of a larger HEIC only missing parts are noticed:
# of 360 changed ones 5 were refused by the decoder alone, for their coding parameters; of 120 JPEG 2000 none.
MAX_SLOW_PIXELS = 3_000_000
# So few bytes hardly are a photo of that size: its header may lie.
QUICK_BYTES = 200_000
# Of these a file at a URL is not read as a whole.
READ_IN_PARTS = ("bmp", "tiff", "jp2")
# TIFF's tags for where its strips or tiles begin, and how many bytes each has.
TIFF_PARTS = ((273, 279), (324, 325))
PROGRESSIVE, SCAN, END = b"C2", b"DA", b"EOI"
# A scan of a few bytes goes through all of the picture: 8 ms for 12 million pixels. libvips takes as many, cjpeg writes
# no more, and libjpeg-turbo's fuzzers read 500.
MOST_SCANS = 100


def refuse_undecodable(item: Openable, container: str, data: bytes) -> None:
    """Raise UnreadableError for a picture that ends early, does not decode or takes too long, though its header parses.

    *data* is all of a JPEG, a PNG or a WebP. A picture whose damage the decoder gets over is not refused.
    """
    if container == "jpeg":
        names = [block.name for block in blocks(data, "jpeg")]
        if names.count(SCAN) > MOST_SCANS:
            raise UnreadableError(
                f"{shown(item)}: a JPEG in more than {MOST_SCANS} scans, the most that are decoded; save it again"
            )
        if END not in names:
            sound, reason = _decodes(item, container), _TRUNCATED
        else:
            one_scan = names.count(SCAN) == 1 and PROGRESSIVE not in names
            sound, reason = _first_blocks_decode(data) if one_scan else _decodes(item, container), _DAMAGED
    elif container == "png":
        if _has_right_checksums(data) or _decodes(item, container):
            return
        ends = any(block.name == b"IEND" for block in blocks(data, "png"))
        sound, reason = False, _DAMAGED if ends else _TRUNCATED
    elif container in READ_IN_PARTS and is_far(item):
        sound, reason = _is_whole(item, container), _TRUNCATED
    elif container in DECODED:
        sound, reason = _decodes(item, container), _DAMAGED
    else:
        return
    if not sound:
        raise UnreadableError(f"{shown(item)}: {reason}")


_TRUNCATED = "the file is cut off before the end of the picture"
_DAMAGED = "its header is fine, but the picture does not decode"


def refuse_undecodable_heif(item: Openable, heif: Any) -> None:
    """Raise UnreadableError for a HEIC that does not decode, unless it is too large to try."""
    if heif.size[0] * heif.size[1] > MAX_SLOW_PIXELS and size_of(item) > QUICK_BYTES:
        return
    try:
        heif.data  # noqa: B018  decoded on the way
    except DECODING_ERRORS:
        raise UnreadableError(f"{shown(item)}: {_DAMAGED}") from None


def _is_whole(item: Openable, container: str) -> bool:
    """Whether the coded picture ends inside the file, by the places that the header gives."""
    if container == "jp2":
        return not any(box.stop > size_of(item) for box in isobmff.boxes(item))
    image: Any
    with open_image(item, container) as image:
        if container == "tiff":
            tags = image.tag_v2
            ends = [
                at + count
                for starts, counts in TIFF_PARTS
                for at, count in zip(tags.get(starts, ()), tags.get(counts, ()), strict=False)
            ]
        else:
            ends = [tile[2] + tile[3][1] * image.height for tile in image.tile if tile[0] == "raw"]
    return max(ends, default=0) <= size_of(item)


def _decodes(item: Openable, container: str) -> bool:
    if container == "tiff" and tiff.opens(item):
        return tiff.decodes(item)
    if container == "jp2" and _decodes_small(item):
        return True
    try:
        with open_image(item, container) as image:
            _load(image)
    except Image.DecompressionBombError:
        raise
    except DECODING_ERRORS:
        return False
    return True


def _decodes_small(item: Openable) -> bool:
    """Whether a large JPEG 2000 decodes at an eighth of its sides, which takes a fiftieth of the time.

    Damage that this passes over is passed over at full size as well. One that has fewer sizes fails here.
    """
    try:
        with open_image(item, "jp2") as image:
            image.reduce = 3  # type: ignore[assignment,method-assign]
            image.load()
            return image.width * image.height * 64 > MAX_SLOW_PIXELS
    except DECODING_ERRORS:
        return False


def _first_blocks_decode(data: bytes) -> bool:
    from PIL.JpegImagePlugin import JpegImageFile

    head = data[: scan_start(data) + FIRST_BYTES] + END_OF_IMAGE  # the decoder fills in the rest
    try:
        with JpegImageFile(BytesIO(head)) as image:
            _load(image)
    except DECODING_ERRORS:
        return False
    return True


def _load(image: Image.Image) -> None:
    image.draft(None, (1, 1))  # a JPEG at an eighth of its sides; the coded data is read all the same
    image.load()


def _has_right_checksums(data: bytes) -> bool:
    for block in blocks(data, "png"):
        if block.name and zlib.crc32(block.content[4:-4]) != int.from_bytes(block.content[-4:], "big"):
            return False
        if block.name == b"IEND":
            return True
    return False
