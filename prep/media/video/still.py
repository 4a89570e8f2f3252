"""Stills of a video: one decoded frame as an upright picture."""

from typing import Any

from PIL import Image, ImageOps

from prep.media.ffmpeg.pixels import filter_pixels
from prep.media.ffmpeg.tone_map import tone_mapped
from prep.media.h273 import filter_name
from prep.model.color_tags import color_tags
from prep.model.media import VideoInfo

MATRICES = {
    "bt709": "ITU709",
    "smpte170m": "ITU601",
    "bt470bg": "ITU601",
    "smpte240m": "SMPTE240M",
    "fcc": "FCC",
    "bt2020nc": "BT2020",
}
TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


def upright_still(frame: Any, info: VideoInfo, size: tuple[int, int]) -> Image.Image:
    """The picture of *frame*, as displayed, in *size*: its width and height."""
    width, height = size[::-1] if info.rotation in (90, 270) else size
    matrix = MATRICES.get(color_tags(info).matrix)
    image: Image.Image = frame.to_image(width=width, height=height, interpolation="AREA", src_colorspace=matrix)
    if info.mirrored:
        image = ImageOps.mirror(image)
    return image.transpose(TURNS[info.rotation]) if info.rotation else image


def tone_mapped_still(still: Image.Image, info: VideoInfo) -> Image.Image:
    """*still*, in the code values of *info*'s HDR, as a prepared file shows it."""
    tags = color_tags(info)

    def change(stream: Any) -> Any:
        stream = stream.filter("format", "gbrp16le").filter(
            "setparams",
            range="pc",
            colorspace="gbr",
            color_primaries=filter_name(tags.primaries),
            color_trc=filter_name(tags.transfer),
        )
        return tone_mapped(stream).filter("zscale", t="bt709", r="full").filter("format", "rgb24")

    return filter_pixels(still.convert("RGB").tobytes(), "rgb24", still.size, change)
