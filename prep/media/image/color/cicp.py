"""Conversion to sRGB of pictures whose colours are code points (ITU-T H.273), not a profile: HDR and wide gamut."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PIL import Image

from prep.media.ffmpeg import binary
from prep.media.ffmpeg.pixels import filter_pixels
from prep.media.ffmpeg.tone_map import tone_mapped
from prep.media.h273 import SRGB_TRANSFER, filter_name
from prep.model.media import ImageInfo

# From this version on ffmpeg's frames say whether colours are multiplied by alpha; older ones leave them alone.
ALPHA_MODE_SINCE = (8, 1)
# In floats ffmpeg takes 1 GB for twice as many pixels, and with alpha for as many. A phone's 12 million go at once. A
# multiple of 64 rows leaves the pattern of its dither unbroken.
BAND_PIXELS, BAND_ROWS = 13_000_000, 64

Pack = Callable[[int, int], bytes | memoryview]


def coded_to_srgb(pack: Pack, layout: str, size: tuple[int, int], info: ImageInfo) -> Image.Image:
    """The sRGB image of pixels whose rows from one to another *pack* returns, without padding, in ffmpeg's *layout*:
    "rgb24", "rgba", "rgb48le" or "rgba64le".

    HDR is tone mapped as videos are.
    """
    (width, height), has_alpha = size, layout.startswith("rgba")
    rows = max(1, BAND_PIXELS // (1 + has_alpha) // width // BAND_ROWS) * BAND_ROWS
    change = partial(_converted, info=info, has_alpha=has_alpha)
    if rows >= height:
        return filter_pixels(pack(0, height), layout, size, change)
    image = Image.new("RGBA" if has_alpha else "RGB", size)
    for top in range(0, height, rows):
        count = min(rows, height - top)
        image.paste(filter_pixels(pack(top, top + count), layout, (width, count), change), (0, top))
    return image


def srgb_stream(stream: Any, hdr: str | None, *, has_alpha: bool) -> Any:
    """*stream*, whose frames are tagged with their colours, as "rgb24" or "rgba" in sRGB."""
    # zscale would multiply the colours by straight alpha in one light and divide by it in another
    tag_alpha = has_alpha and not binary.is_older_than(*ALPHA_MODE_SINCE)
    if tag_alpha:
        stream = stream.filter("setparams", alpha_mode="premultiplied")
    if hdr is None:
        stream = stream.filter("zscale", p="bt709", t=SRGB_TRANSFER)
    else:
        stream = tone_mapped(stream, has_alpha).filter("zscale", t=SRGB_TRANSFER, r="full")
    if not has_alpha:
        return stream.filter("format", "gbrp").filter("format", "rgb24")
    stream = stream.filter("format", "gbrap").filter("format", "rgba")
    return stream.filter("setparams", alpha_mode="straight") if tag_alpha else stream


def _converted(stream: Any, info: ImageInfo, *, has_alpha: bool) -> Any:
    stream = stream.filter("format", "gbrap16le" if has_alpha else "gbrp16le").filter(
        "setparams",
        range="pc",
        colorspace="gbr",
        color_primaries=info.color_primaries or "bt709",
        color_trc=filter_name(info.hdr or SRGB_TRANSFER),
    )
    return srgb_stream(stream, info.hdr, has_alpha=has_alpha)
