"""Cut detection: which pictures of a clip begin a new shot.

A picture does when it differs from the one before it as none around it does, in the sum or, where much moves, in what
moving cannot explain, and when what follows shows something else than what came before, light and position allowed for.
So a flash, a pan or a lamp switched on is no cut, and neither are fades and dissolves, which change a little with each
picture. Black bars are left out of every comparison.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from PIL import Image, ImageChops, ImageStat

from prep.model.analysis import MIN_SHOT_S, SMALL

Box = tuple[int, int, int, int]

# Pictures come twice as large as they are compared, for detail where bars are cropped off.
FULL_WIDTH, FULL_HEIGHT = SMALL
WIDTH, HEIGHT = FULL_WIDTH // 2, FULL_HEIGHT // 2
WHOLE: Box = (0, 0, FULL_WIDTH, FULL_HEIGHT)
# A jump is this large at least (of 1), and this many times the largest among the pictures around it.
LEAST, TIMES, AROUND = 0.1, 2.3, 5
# Two pictures are of one scene when, moved over each other as well as may be, their light correlates so well. They are
# moved by up to a quarter of the picture, in pixels across and down; not at all is tried first.
ALIKE = 0.6
MOVES = sorted(
    ((x, y) for x in range(-16, 17, 4) for y in range(-8, 9, 4)), key=lambda move: abs(move[0]) + abs(move[1])
)
# Pictures that are more alike have no cut between them, however far apart they are. Those between show one scene when
# this much of their light and colours is the same as well: 0.56 to 0.96 in one shot, 0.14 to 0.59 across a cut.
SURELY, SAME_COLORS, COLORS = 0.75, 0.6, 16
# A break in a moving clip is less alike than what is around it by this much. Two pictures in a row that are this much
# alike differ only in light: across 105 cuts in real footage it is 0.69 at most, where a lamp goes out 0.87 and more.
BREAK, ONLY_LIGHT = 0.25, 0.8
# A picture whose light spreads by less is of one colour, and shows no scene.
PLAIN = 3.0
# On a recorded screen parts stay to the pixel: tiles with structure of this spread, which change by no more than STILL.
# With more of them than this share it is no cut.
TILE, STRUCTURE, STILL, STAYS = (8, 6), 4.0, 1.5, 0.1
# Bars are no brighter than this, of 255; what is left between them is at least a quarter of the picture each way.
BLACK, MIN_LEFT = 12, (FULL_WIDTH // 4, FULL_HEIGHT // 4)
# A long clip is judged in parts, which overlap so that each cut is seen with what is around it.
PART_S, OVERLAP_S = 120.0, 2.0


class Picture(NamedTuple):
    """One frame, *time_s* from the clip's start. *color* is all of it, WIDTH × HEIGHT; *box* what is not a black bar,
    in *full*, which is None where there are no bars."""

    time_s: float
    color: Image.Image
    full: Image.Image | None
    box: Box


def picture(time_s: float, full: Image.Image) -> Picture:
    """A frame to compare, from *full*, FULL_WIDTH × FULL_HEIGHT in RGB."""
    box = _between_bars(full)
    return Picture(time_s, full.reduce(2), None if box == WHOLE else full, box)


def find_cuts(pictures: Iterable[Picture]) -> tuple[float, ...]:
    """When new shots begin in *pictures*, which follow each other without gaps and may be any number."""
    cuts: list[float] = []
    part: list[Picture] = []
    judged_s = float("-inf")
    for each in pictures:
        part.append(each)
        if each.time_s - part[0].time_s >= PART_S:
            until_s = each.time_s - OVERLAP_S / 2
            cuts += (time_s for time_s in _cuts(part) if judged_s <= time_s < until_s)
            judged_s = until_s
            part = [late for late in part if late.time_s >= each.time_s - OVERLAP_S]
    return (*cuts, *(time_s for time_s in _cuts(part) if time_s >= judged_s))


def likeness(before: Picture, after: Picture, enough: float = 1.0) -> float:
    """How well the light of the two correlates, −1..1, moved over each other as well as may be; 1 where one is plain.

    A picture dimmed or lit evenly is still alike. The search ends at *enough*.
    """
    a, b = (each.convert("L") for each in _cropped(before, after))
    if min(ImageStat.Stat(a).stddev[0], ImageStat.Stat(b).stddev[0]) < PLAIN:
        return 1.0
    best = -1.0
    for x, y in MOVES:
        best = max(best, _correlation(a, b, x, y))
        if best >= enough:
            break
    return best


def _cuts(pictures: Sequence[Picture]) -> Iterator[float]:
    steps = [0.0, *(_difference(a, b) for a, b in pairwise(pictures))]
    for index, each in enumerate(pictures):
        if (_stands_out(steps, index) or _breaks(pictures, steps, index)) and _leads_elsewhere(pictures, index):
            yield each.time_s


def _between_bars(full: Image.Image) -> Box:
    box = full.convert("L").point([0] * (BLACK + 1) + [255] * (255 - BLACK)).getbbox() or WHOLE
    return box if box[2] - box[0] >= MIN_LEFT[0] and box[3] - box[1] >= MIN_LEFT[1] else WHOLE


def _cropped(before: Picture, after: Picture) -> tuple[Image.Image, Image.Image]:
    """The two without the bars that both have, WIDTH × HEIGHT."""
    if before.full is None or after.full is None:
        return before.color, after.color
    a, b = before.box, after.box
    box = min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
    size = WIDTH, HEIGHT
    return before.full.resize(size, Image.Resampling.BOX, box), after.full.resize(size, Image.Resampling.BOX, box)


def _difference(before: Picture, after: Picture) -> float:
    bands = ImageStat.Stat(ImageChops.difference(*_cropped(before, after))).mean
    return sum(bands) / len(bands) / 255


def _stands_out(steps: Sequence[float], index: int) -> bool:
    """The pictures right beside a jump do not count: a cut between two fields, or blended frames, takes two steps."""
    around = (*steps[max(0, index - AROUND) : max(0, index - 1)], *steps[index + 2 : index + AROUND + 1])
    beside = steps[max(0, index - 1) : index + 2]
    return steps[index] >= max(LEAST, TIMES * max(around, default=0.0), *beside)


def _breaks(pictures: Sequence[Picture], steps: Sequence[float], index: int) -> bool:
    """A jump in a shaken or busy clip: two pictures are not alike, however they are moved, and all around them are."""
    if steps[index] < LEAST or index < AROUND or index + AROUND > len(pictures):
        return False
    here = likeness(pictures[index - 1], pictures[index], ALIKE)
    least = max(ALIKE, here + BREAK)
    around = (*range(index - AROUND + 1, index), *range(index + 1, index + AROUND))
    return here < ALIKE and all(likeness(pictures[other - 1], pictures[other], least) >= least for other in around)


def _leads_elsewhere(pictures: Sequence[Picture], index: int) -> bool:
    """Compared at some distance from the jump: by then a flash has gone out, and what it lit is seen again."""
    time_s, last = pictures[index].time_s, pictures[index - 1]
    if likeness(last, pictures[index], ONLY_LIGHT) >= ONLY_LIGHT:
        return False
    before = ([each for each in pictures[:index] if each.time_s <= time_s - MIN_SHOT_S] or pictures[:1])[-1]
    after = ([each for each in pictures[index:] if each.time_s >= time_s + MIN_SHOT_S] or pictures[-1:])[0]
    return not (_one_scene(before, after) or _one_scene(last, after) or _stays(last, after))


def _one_scene(before: Picture, after: Picture) -> bool:
    alike = likeness(before, after, SURELY)
    return alike >= SURELY or (alike >= ALIKE and _common_colors(before, after) >= SAME_COLORS)


def _common_colors(before: Picture, after: Picture) -> float:
    """The share of light and colours, in COLORS steps of each channel, that both have; wherever they are."""
    first, second = (each.histogram() for each in _cropped(before, after))
    steps = range(0, len(first), 256 // COLORS)
    common = sum(min(sum(first[i : i + 256 // COLORS]), sum(second[i : i + 256 // COLORS])) for i in steps)
    return common / sum(first)


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


def _stays(before: Picture, after: Picture) -> bool:
    """Whether parts of the picture are the same to the pixel, as what frames the content of a screen is."""
    a, b = (each.convert("L") for each in _cropped(before, after))
    changed = ImageChops.difference(a, b)
    same = seen = 0
    for x in range(0, WIDTH, TILE[0]):
        for y in range(0, HEIGHT, TILE[1]):
            box = (x, y, x + TILE[0], y + TILE[1])
            if max(ImageStat.Stat(each.crop(box)).stddev[0] for each in (a, b)) >= STRUCTURE:
                seen += 1
                same += ImageStat.Stat(changed.crop(box)).mean[0] <= STILL
    return same > STAYS * seen
