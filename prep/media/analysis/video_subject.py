"""The subject of a part of a clip: faces, else what moves in front of a camera that rests, else what stands out."""

from collections.abc import Sequence
from math import sqrt
from statistics import median

from PIL import Image, ImageChops, ImageFilter

from prep.media.analysis.faces import MOMENT_PX, faces
from prep.media.analysis.moments import frames_at, moments
from prep.media.analysis.subject import middle, salient
from prep.media.container.demux import open_container
from prep.media.video.still import upright_still
from prep.model.analysis import Subject
from prep.model.byte_source import Openable
from prep.model.media import VideoInfo
from prep.model.plan import CropTo

# So many moments are looked at, each with what is seen a little later.
MOMENTS, LATER_S = 5, 0.2
# Differences are added up on a grid; below LEAST, of 255, they are grain. They have to lie so much closer together than
# chance has it.
GRID, LEAST, CLOSER = 64, 3, 0.3
Point = tuple[float, float]


def find_video_subject(
    item: Openable, demuxer: str, info: VideoInfo, part: tuple[float, float], crops: tuple[CropTo, CropTo]
) -> Subject | None:
    """The point that one steady crop of *part* goes around, in displayed pixels; None where nothing decodes.

    *crops* are what it is cut from, and what is kept, whose size counts.
    """
    whole, kept = crops
    shrink = min(1.0, sqrt(MOMENT_PX / (info.width * info.height)))
    size = max(2, round(info.width * shrink)), max(2, round(info.height * shrink))
    left, top = round(whole.x * shrink), round(whole.y * shrink)
    box = left, top, left + max(2, round(whole.width * shrink)), top + max(2, round(whole.height * shrink))
    with open_container(item, demuxer) as container:
        pairs = [
            [upright_still(frame, info, size).crop(box) for frame in pair if frame is not None]
            for pair in frames_at(container, info, moments(part, MOMENTS), LATER_S)
        ]
    stills = [pair[0] for pair in pairs]
    if not stills:
        return None
    found = [faces(still) for still in stills]
    sightings = [face for seen in found for face in seen or ()]
    small = kept.width * shrink, kept.height * shrink
    if sightings:
        point, how = middle(sightings, small), "face"
    elif moving := _moving([(pair[0], pair[-1]) for pair in pairs], small):
        point, how = moving, "motion"
    else:
        points = [salient(still) for still in stills]
        point = median(x for x, _ in points), median(y for _, y in points)
        how = "saliency" if found[0] is not None else "only-saliency"
    x, y = (round(start + at / shrink) for start, at in zip((whole.x, whole.y), point, strict=True))
    return Subject.model_validate({"x": x, "y": y, "how": how})


def _moving(pairs: Sequence[tuple[Image.Image, Image.Image]], kept: Point) -> Point | None:
    """The middle of what moves; None where nothing does, or all of the picture."""
    width, height = pairs[0][0].size
    total = Image.new("L", (GRID, GRID))
    for before, after in pairs:
        changed = ImageChops.difference(before.convert("L"), after.convert("L")).filter(ImageFilter.BoxBlur(2))
        moving = changed.point([max(0, level - LEAST) for level in range(256)])
        total = ImageChops.add(total, moving.resize((GRID, GRID), Image.Resampling.BOX))
    across = list(total.resize((GRID, 1), Image.Resampling.BOX).tobytes())
    down = list(total.resize((1, GRID), Image.Resampling.BOX).tobytes())
    places = _place(across, kept[0] / width), _place(down, kept[1] / height)
    if places[0] is None or places[1] is None:
        return None
    return places[0] * width, places[1] * height


def _place(profile: Sequence[float], share: float) -> float | None:
    """The middle of the part, of *share* of a *profile*, that has most of it; None where it has hardly more."""
    if share >= 1:
        return 0.5
    still = median(profile)
    levels = [max(0.0, level - still) for level in profile]
    count, whole = max(1, round(share * len(levels))), sum(levels)
    sums = [sum(levels[first : first + count]) for first in range(len(levels) - count + 1)]
    best = max(range(len(sums)), key=lambda first: sums[first])
    if not whole or sums[best] / whole < share + CLOSER * (1 - share):
        return None
    inside = levels[best : best + count]
    return (best + 0.5 + sum(index * level for index, level in enumerate(inside)) / sum(inside)) / len(levels)
