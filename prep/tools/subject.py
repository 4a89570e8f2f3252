"""Where the subject of a picture is: faces first, else what stands out. Needs the extra smartcrop."""

from itertools import chain
from typing import Any

from PIL import Image

from prep.model.look import Subject

# Enough to see a face that is a tenth of the picture: the detector's smallest face is 80 pixels wide.
LOOKED_AT_PX = 1000


def find_subject(image: Image.Image, offset: tuple[int, int] = (0, 0)) -> Subject:
    """The point to crop around, of an upright picture that begins at *offset* in the whole one."""
    longest = max(image.size)
    factor = max(1.0, longest / LOOKED_AT_PX)
    small = image.convert("RGB")
    if factor > 1:
        small = small.resize((round(image.width / factor) or 1, round(image.height / factor) or 1))
    point, how = (small.width / 2, small.height / 2), "centre"
    if found := _faces(small):
        point, how = found, "face"
    elif seen := _salient(small):
        point, how = seen, "saliency"
    across, down = image.width / small.width, image.height / small.height
    return Subject.model_validate(
        {"x": offset[0] + round(point[0] * across), "y": offset[1] + round(point[1] * down), "how": how}
    )


def _faces(image: Image.Image) -> tuple[float, float] | None:
    """The middle of all frontal faces together; None when there is none, or nothing to find them with."""
    try:
        import dlib
        import numpy
    except ImportError:
        return None
    detect: Any = dlib.get_frontal_face_detector()
    found = detect(numpy.asarray(image.convert("L")), 0)
    if not found:
        return None
    edges = list(chain.from_iterable(((face.left(), face.top()), (face.right(), face.bottom())) for face in found))
    across, down = zip(*edges, strict=True)
    return (min(across) + max(across)) / 2, (min(down) + max(down)) / 2


def _salient(image: Image.Image) -> tuple[float, float] | None:
    try:
        import pyvips
    except (ImportError, OSError):
        return None
    whole: Any = pyvips.Image.new_from_memory(image.tobytes(), image.width, image.height, 3, "uchar")
    side = max(1, min(image.width, image.height) // 2)
    _, found = whole.smartcrop(side, side, interesting="attention", attention_x=True, attention_y=True)
    return float(found["attention_x"]), float(found["attention_y"])
