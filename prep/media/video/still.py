"""Stills of a video: one decoded frame as an upright picture."""

from typing import Any

from PIL import Image, ImageOps

from prep.model.color_tags import color_tags
from prep.model.media import VideoInfo

MATRICES = {"bt709": "ITU709", "smpte170m": "ITU601", "bt470bg": "ITU601", "smpte240m": "SMPTE240M", "fcc": "FCC"}
TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


def upright_still(frame: Any, info: VideoInfo, size: tuple[int, int]) -> Image.Image:
    """The picture of *frame*, as displayed, in *size*: its width and height."""
    width, height = size[::-1] if info.rotation in (90, 270) else size
    matrix = MATRICES.get(color_tags(info).matrix)
    image: Image.Image = frame.to_image(width=width, height=height, interpolation="AREA", src_colorspace=matrix)
    if info.mirrored:
        image = ImageOps.mirror(image)
    return image.transpose(TURNS[info.rotation]) if info.rotation else image
