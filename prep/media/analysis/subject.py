"""The subject of a picture: faces first (with the extra smartcrop), else what stands out."""

from math import sqrt
from typing import Any

from PIL import Image

from prep.media.analysis.faces import LOOKED_AT_PX, Face, faces
from prep.model.analysis import Subject

Size = tuple[float, float]


def find_subject(image: Image.Image, kept: Size, offset: tuple[int, int] = (0, 0)) -> Subject:
    """The point to crop around where *kept*, a width and a height, is kept of an upright *image*.

    *offset* is where the image begins in the whole picture.
    """
    factor = max(1.0, sqrt(image.width * image.height / LOOKED_AT_PX))
    small = image.convert("RGB")
    if factor > 1:
        small = small.resize((round(image.width / factor) or 1, round(image.height / factor) or 1))
    across, down = image.width / small.width, image.height / small.height
    seen = faces(small)
    if seen:
        point, how = middle(seen, (kept[0] / across, kept[1] / down)), "face"
    else:
        point, how = salient(small), "saliency" if seen is not None else "only-saliency"
    return Subject.model_validate(
        {"x": offset[0] + round(point[0] * across), "y": offset[1] + round(point[1] * down), "how": how}
    )


def middle(faces: list[Face], kept: Size) -> tuple[float, float]:
    """The middle of the largest group of faces that fits into the crop; of equal groups, of that with larger faces."""
    corners = [(face.left, other.top) for face in faces for other in faces]
    groups = [_whole_in(faces, left, top, kept) for left, top in corners]
    group = max(groups, key=lambda group: (len(group), _area(group))) or [max(faces, key=lambda face: _area([face]))]
    lefts, tops, rights, bottoms = zip(*group, strict=True)
    return (min(lefts) + max(rights)) / 2, (min(tops) + max(bottoms)) / 2


def _whole_in(faces: list[Face], left: float, top: float, kept: Size) -> list[Face]:
    right, bottom = left + kept[0], top + kept[1]
    return [
        face
        for face in faces
        if left <= face.left and face.right <= right and top <= face.top and face.bottom <= bottom
    ]


def _area(faces: list[Face]) -> float:
    return sum((face.right - face.left) * (face.bottom - face.top) for face in faces)


def salient(image: Image.Image) -> tuple[float, float]:
    """The point that stands out most."""
    import pyvips

    whole: Any = pyvips.Image.new_from_memory(image.tobytes(), image.width, image.height, 3, "uchar")
    side = max(1, min(image.width, image.height) // 2)
    _, point = whole.smartcrop(side, side, interesting="attention", attention_x=True, attention_y=True)
    return float(point["attention_x"]), float(point["attention_y"])
