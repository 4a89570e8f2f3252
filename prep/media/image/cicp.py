"""Pictures whose file names their colours by number (ITU-T H.273) rather than by a profile: HDR, and wide gamut."""

import tempfile
from pathlib import Path
from typing import Any

import ffmpeg as graph
from PIL import Image

from prep.media.ffmpeg import binary, command
from prep.media.ffmpeg.tone_map import tone_mapped
from prep.model.h273 import SRGB_TRANSFER, filter_name
from prep.model.media import ImageInfo

# The version of ffmpeg whose frames tell how alpha is meant; older ones leave the colours alone.
ALPHA_TOLD = (8, 1)


def coded_to_srgb(pixels: bytes | memoryview, layout: str, size: tuple[int, int], info: ImageInfo) -> Image.Image:
    """Packed *pixels* (ffmpeg's *layout*: "rgb24", "rgba", "rgb48le" or "rgba64le", no row padding) as an sRGB image.

    HDR is tone mapped as videos are. ffmpeg does it, which reads and writes files only: raw ones, beside each other.
    """
    with tempfile.TemporaryDirectory() as folder:
        coded, made = Path(folder) / "coded.raw", Path(folder) / "srgb.raw"
        coded.write_bytes(pixels)
        command.run(_graph(coded, made, layout, size, info), 0.0)
        mode = "RGBA" if _has_alpha(layout) else "RGB"
        return Image.frombuffer(mode, size, made.read_bytes(), "raw", mode, 0, 1)


def srgb_stream(stream: Any, hdr: str | None, *, has_alpha: bool) -> Any:
    """*stream*, the frames of which are tagged with what their colours are, packed as "rgb24" or "rgba" in sRGB."""
    # From ALPHA_TOLD on zscale would multiply the colours by straight alpha in one light and divide by it in another.
    told = has_alpha and not binary.is_older_than(*ALPHA_TOLD)
    if told:
        stream = stream.filter("setparams", alpha_mode="premultiplied")
    if hdr is None:
        stream = stream.filter("zscale", p="bt709", t=SRGB_TRANSFER)
    else:
        stream = tone_mapped(stream, has_alpha).filter("zscale", t=SRGB_TRANSFER, r="full")
    if not has_alpha:
        return stream.filter("format", "gbrp").filter("format", "rgb24")
    stream = stream.filter("format", "gbrap").filter("format", "rgba")
    return stream.filter("setparams", alpha_mode="straight") if told else stream


def _has_alpha(layout: str) -> bool:
    return layout.startswith("rgba")


def _graph(coded: Path, made: Path, layout: str, size: tuple[int, int], info: ImageInfo) -> Any:
    stream = command.open_input(coded, "rawvideo", pixel_format=layout, video_size=size, framerate=1)
    stream = stream.filter("format", "gbrap16le" if _has_alpha(layout) else "gbrp16le").filter(
        "setparams",
        range="pc",
        colorspace="gbr",
        color_primaries=info.color_primaries or "bt709",
        color_trc=filter_name(info.hdr or SRGB_TRANSFER),
    )
    stream = srgb_stream(stream, info.hdr, has_alpha=_has_alpha(layout))
    return graph.output(stream, command.source_url(made), f="rawvideo", **{"frames:v": 1})
