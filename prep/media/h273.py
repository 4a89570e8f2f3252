"""Names of the colour code points of ITU-T H.273: ours by number, and ffmpeg's and zscale's where they differ."""

from typing import Literal

UNSPECIFIED = 2
# What the standard reserves, and numbers that are not in it.
RESERVED = "reserved"
HDR_TRANSFERS: dict[int, Literal["pq", "hlg"]] = {16: "pq", 18: "hlg"}
TRANSFERS = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    9: "log100",
    10: "log316",
    11: "iec61966-2-4",
    12: "bt1361e",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    17: "smpte428",
    **HDR_TRANSFERS,
}
MATRICES = {
    0: "rgb",
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020nc",
    10: "bt2020c",
    11: "smpte2085",
    12: "chroma-derived-nc",
    13: "chroma-derived-c",
    14: "ictcp",
}
PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "display-p3",
    22: "ebu3213",
}
# Those of pictures that are not as in sRGB; for an image we use ffmpeg's name of Display P3.
IMAGE_PRIMARIES: dict[int, Literal["bt2020", "smpte432"]] = {9: "bt2020", 12: "smpte432"}
# Primaries so far from those of BT.709 and sRGB that a video read with the wrong ones is visibly off.
WIDE_PRIMARIES = ("bt470m", "film", "bt2020", "smpte428", "smpte431", "display-p3", "ebu3213")
SRGB_TRANSFER = TRANSFERS[13]
FILTER_NAMES = {"pq": "smpte2084", "hlg": "arib-std-b67", "rgb": "gbr", "display-p3": "smpte432"}


def filter_name(name: str) -> str:
    """The name in ffmpeg's filters, zscale among them, of what we call *name*."""
    return FILTER_NAMES.get(name, name)


def name_of(number: int, names: dict[int, str]) -> str | None:
    """The name of a code point; None when it says nothing, RESERVED when nobody knows what it says."""
    return None if number == UNSPECIFIED else names.get(number, RESERVED)
