"""Pictures whose file names their colours by number (ITU-T H.273) rather than by a profile: HDR, and wide gamut."""

import tempfile
from pathlib import Path
from typing import Any

import ffmpeg as graph
from PIL import Image

from prep.model.media import ImageInfo
from prep.tools import ffmpeg
from prep.tools.tone_map import tone_mapped

TRANSFERS = {"pq": "smpte2084", "hlg": "arib-std-b67", None: "iec61966-2-1"}


def coded_to_srgb(pixels: bytes | memoryview, layout: str, size: tuple[int, int], info: ImageInfo) -> Image.Image:
    """Packed *pixels* (ffmpeg's *layout*, "rgb24" or "rgb48le", no row padding) as an sRGB image.

    HDR is tone mapped as videos are. ffmpeg does it, which reads and writes files only: raw ones, beside each other.
    """
    with tempfile.TemporaryDirectory() as folder:
        coded, made = Path(folder) / "coded.raw", Path(folder) / "srgb.raw"
        coded.write_bytes(pixels)
        ffmpeg.run(_graph(coded, made, layout, size, info), 0.0)
        return Image.frombuffer("RGB", size, made.read_bytes(), "raw", "RGB", 0, 1)


def _graph(coded: Path, made: Path, layout: str, size: tuple[int, int], info: ImageInfo) -> Any:
    stream = ffmpeg.open_input(coded, "rawvideo", pixel_format=layout, video_size=size, framerate=1)
    stream = stream.filter("format", "gbrp16le").filter(
        "setparams",
        range="pc",
        colorspace="gbr",
        color_primaries=info.color_primaries or "bt709",
        color_trc=TRANSFERS[info.hdr],
    )
    if info.hdr is None:
        stream = stream.filter("zscale", p="bt709")
    else:
        stream = tone_mapped(stream).filter("zscale", t="iec61966-2-1", r="full")
    stream = stream.filter("format", "gbrp").filter("format", "rgb24")
    return graph.output(stream, ffmpeg.source_url(made), f="rawvideo", **{"frames:v": 1})
