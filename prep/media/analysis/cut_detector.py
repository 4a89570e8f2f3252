"""Which pictures of a clip begin a new shot.

One does when it differs from the one before it as none around it does, and when what comes after it shows something
else than what came before also where light and position are allowed for. So a flash, a pan or a lamp switched on is no
cut, and neither are fades and dissolves, which change a little with each picture.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from PIL import Image, ImageChops, ImageStat

WIDTH, HEIGHT = 64, 36
# A jump is this large at least (of 1), and this many times the largest among the pictures around it.
LEAST, TIMES, AROUND = 0.1, 2.3, 5
# What is compared lies this far from the jump: a flash has gone out by then, and what it lit is seen again.
APART_S = 0.15
# Two pictures are of one scene when, moved over each other as well as may be, their light correlates so well. How far
# they are moved, in pixels across and down, is a quarter of the picture.
ALIKE = 0.6
MOVES = tuple((x, y) for x in range(-16, 17, 4) for y in range(-8, 9, 4))
# A picture whose light spreads by less is of one colour, and shows no scene.
PLAIN = 3.0
# On a recorded screen parts stay to the pixel: tiles with structure of this spread, which change by no more than STILL.
# With more of them than this share it is no cut.
TILE, STRUCTURE, STILL, STAYS = (8, 6), 4.0, 1.5, 0.1


class Picture(NamedTuple):
    """One frame, WIDTH × HEIGHT in RGB. *time_s* is from the clip's start."""

    time_s: float
    color: Image.Image


def jumps(pictures: Sequence[Picture]) -> tuple[float, ...]:
    """When new shots begin in *pictures*, which follow each other without gaps."""
    steps = [0.0, *(_difference(a.color, b.color) for a, b in pairwise(pictures))]
    return tuple(
        picture.time_s
        for index, picture in enumerate(pictures)
        if _stands_out(steps, index) and _leads_elsewhere(pictures, index)
    )


def _difference(before: Image.Image, after: Image.Image) -> float:
    bands = ImageStat.Stat(ImageChops.difference(before, after)).mean
    return sum(bands) / len(bands) / 255


def _stands_out(steps: Sequence[float], index: int) -> bool:
    """What is right beside a jump does not count: a cut between two fields, or blended frames, takes two steps."""
    around = (*steps[max(0, index - AROUND) : max(0, index - 1)], *steps[index + 2 : index + AROUND + 1])
    beside = steps[max(0, index - 1) : index + 2]
    return steps[index] >= max(LEAST, TIMES * max(around, default=0.0), *beside)


def _leads_elsewhere(pictures: Sequence[Picture], index: int) -> bool:
    time_s, last = pictures[index].time_s, pictures[index - 1].color
    before = ([each for each in pictures[:index] if each.time_s <= time_s - APART_S] or pictures[:1])[-1].color
    after = ([each for each in pictures[index:] if each.time_s >= time_s + APART_S] or pictures[-1:])[0].color
    return max(likeness(before, after), likeness(last, after)) < ALIKE and not _stays(last, after)


def likeness(before: Image.Image, after: Image.Image) -> float:
    """How well the light of the two correlates, −1..1, moved over each other as well as may be; 1 where one is plain.

    What is dimmed or lit evenly is still alike.
    """
    a, b = before.convert("L"), after.convert("L")
    if min(ImageStat.Stat(a).stddev[0], ImageStat.Stat(b).stddev[0]) < PLAIN:
        return 1.0
    return max(_correlation(a, b, x, y) for x, y in MOVES)


def _correlation(a: Image.Image, b: Image.Image, x: int, y: int) -> float:
    """Of what overlaps when *b* is moved by *x* and *y*."""
    left, top, right, bottom = max(0, x), max(0, y), WIDTH + min(0, x), HEIGHT + min(0, y)
    first, second = a.crop((left, top, right, bottom)), b.crop((left - x, top - y, right - x, bottom - y))
    one, other, apart = map(ImageStat.Stat, (first, second, ImageChops.difference(first, second)))
    spread = one.stddev[0] * other.stddev[0]
    if not spread:
        return 0.0
    # the product by way of the difference, which fits into eight bits
    product = (one.sum2[0] + other.sum2[0] - apart.sum2[0]) / 2 / one.count[0]
    return (product - one.mean[0] * other.mean[0]) / spread


def _stays(before: Image.Image, after: Image.Image) -> bool:
    """Whether parts of the picture are the same to the pixel, as what frames the content of a screen is."""
    a, b = before.convert("L"), after.convert("L")
    changed = ImageChops.difference(a, b)
    same = seen = 0
    for x in range(0, WIDTH, TILE[0]):
        for y in range(0, HEIGHT, TILE[1]):
            box = (x, y, x + TILE[0], y + TILE[1])
            if max(ImageStat.Stat(picture.crop(box)).stddev[0] for picture in (a, b)) >= STRUCTURE:
                seen += 1
                same += ImageStat.Stat(changed.crop(box)).mean[0] <= STILL
    return same > STAYS * seen
