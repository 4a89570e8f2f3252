"""Colour matrix of an AVIF, where libavif can't use it: a reserved number, or one that does not fit the samples.

libavif refuses such a picture at the last moment. Browsers show it as without the number.
"""

from prep.errors import UnreadableError
from prep.media.container.isobmff import inner_boxes
from prep.media.io.read import read_part, size_of
from prep.model.byte_source import Openable
from prep.model.redact import shown

# ITU-T H.273, 8.3: numbers that mean nothing, and RGB, which can't have less chroma than luma.
RGB, YCGCO, BT601 = 0, 8, 6
RESERVED = frozenset({3, *range(18, 256)})
# Codings of colours that libavif does not convert; YCgCo only with limited range.
NOT_READ = {YCGCO: "YCgCo", 10: "BT.2020 with constant luminance", 11: "Y'D'zD'x", 13: "chroma-derived", 14: "ICtCp"}
FULL_RANGE, SUBSAMPLED, GREY = 0x80, 0x0C, 0x10


def with_usable_matrix(item: Openable) -> bytes | None:
    """All of an AVIF, with BT.601 (as without a number) in place of a matrix that means nothing; None: it is fine.

    Raises UnreadableError for a matrix that is not read.
    """
    boxes = [box for box in inner_boxes(item, b"meta", b"iprp", b"ipco") if box.name in (b"colr", b"av1C")]
    colors = [(box.start, read_part(item, box.start, 11)) for box in boxes if box.name == b"colr"]
    codings = [read_part(item, box.start, 4) for box in boxes if box.name == b"av1C"]
    stated = [(start, content) for start, content in colors if content[:4] == b"nclx" and len(content) == 11]
    if not stated or not codings:
        return None
    matrix, full = int.from_bytes(stated[0][1][8:10], "big"), stated[0][1][10] & FULL_RANGE
    samples = (codings[0][2:3] or b"\0")[0]
    unread = matrix in NOT_READ and not (matrix == YCGCO and full)
    if unread and not samples & GREY:
        raise UnreadableError(
            f"{shown(item)}: its colours are coded as {NOT_READ[matrix]}, which is not read from AVIF; save it as PNG"
        )
    contradictory = matrix == RGB and samples & SUBSAMPLED and not samples & GREY
    if not (unread or contradictory or matrix in RESERVED):
        return None
    data = bytearray(read_part(item, 0, size_of(item)))
    for start, _ in stated:
        data[start + 8 : start + 10] = BT601.to_bytes(2, "big")
    return bytes(data)
