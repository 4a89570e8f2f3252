"""Frontal faces in pictures and clips, with the extra smartcrop."""

import threading
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from prep.media.analysis.moments import frames_at, moments
from prep.media.container.demux import open_container
from prep.media.image.picture import picture
from prep.media.video.still import upright_still
from prep.model.byte_source import Openable
from prep.model.media import ImageInfo, VideoInfo
from prep.model.plan import Orient, Scale

# Enough to see a face that is a tenth of a square picture: the detector's smallest face is 80 pixels wide.
LOOKED_AT_PX = 1_000_000
# Of a clip so many moments are looked at, in fewer pixels each.
MOMENTS, MOMENT_PX = 3, 500_000
REASON = ("asked",)

# The detector keeps state while it looks.
_LOOKING = threading.Lock()


class Face(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float


def faces(image: Image.Image) -> list[Face] | None:
    """All frontal faces; None without the extra smartcrop."""
    try:
        import dlib
        import numpy
    except ImportError:
        return None
    with _LOOKING:
        seen = _detector(dlib)(numpy.asarray(image.convert("L")), 0)
    return [Face(face.left(), face.top(), face.right(), face.bottom()) for face in seen]


def image_shows_face(path: Path, info: ImageInfo) -> bool:
    """Whether a picture shows a face. Raises whatever its decoder raises."""
    width, height = _within(info.width, info.height, LOOKED_AT_PX)
    small = picture(path, info, (Orient(because=REASON), Scale(width=width, height=height, because=REASON))).image
    return bool(faces(small.convert("RGB")))


def video_shows_face(item: Openable, demuxer: str, info: VideoInfo, part: tuple[float, float]) -> bool:
    """Whether *part* of a clip, its start and end in seconds, shows a face at one of a few moments."""
    size = _within(info.width, info.height, MOMENT_PX)
    with open_container(item, demuxer) as container:
        return any(
            faces(upright_still(frame, info, size)) for frame in frames_at(container, info, moments(part, MOMENTS))
        )


@cache
def _detector(dlib: Any) -> Any:
    """The detector, which takes more than a second to load."""
    return dlib.get_frontal_face_detector()


def _within(width: int, height: int, most_px: int) -> tuple[int, int]:
    shrink = min(1.0, sqrt(most_px / (width * height)))
    return max(2, round(width * shrink)), max(2, round(height * shrink))
