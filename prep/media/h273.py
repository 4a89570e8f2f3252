"""Names of the colour code points of ITU-T H.273: ours by number, and ffmpeg's and zscale's where they differ."""

from typing import Literal

HDR_TRANSFERS: dict[int, Literal["pq", "hlg"]] = {16: "pq", 18: "hlg"}
TRANSFERS = {1: "bt709", 6: "smpte170m", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", **HDR_TRANSFERS}
MATRICES = {0: "rgb", 1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc", 10: "bt2020c", 14: "ictcp"}
PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020", 12: "display-p3"}
# Those of pictures that are not as in sRGB; for an image we use ffmpeg's name of Display P3.
IMAGE_PRIMARIES: dict[int, Literal["bt2020", "smpte432"]] = {9: "bt2020", 12: "smpte432"}
# Primaries that span more colours than those of BT.709 and sRGB, of videos.
WIDE_PRIMARIES = (PRIMARIES[9], PRIMARIES[12])
SRGB_TRANSFER = TRANSFERS[13]
FILTER_NAMES = {"pq": "smpte2084", "hlg": "arib-std-b67", "rgb": "gbr", "display-p3": "smpte432"}


def filter_name(name: str) -> str:
    """The name in ffmpeg's filters, zscale among them, of what we call *name*."""
    return FILTER_NAMES.get(name, name)
