"""Sizes inside the limits, judged by arithmetic of its own: integers, and nothing of the rules."""

import random
from math import exp, floor, log, sqrt
from statistics import median
from typing import Literal, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from prep.model.limits import SideLimits
from prep.model.plan import CropTo, Pad, Scale, Step, find
from prep.planning.geometry import Target, arrange
from tests.prep.planning.sides import IMAGE, TWO, VIDEO, VIDEO_2_5, Frame, shaped

BECAUSE = ("video-area-too-large",)
ASPECT_KEPT = 0.005


FRAMES = pytest.mark.parametrize("frame", [IMAGE, VIDEO, VIDEO_2_5], ids=repr)

SIZES = st.tuples(st.integers(1, 8000), st.integers(1, 8000))
# sizes of every scale, whose shape is within the limits
SHAPED = st.builds(
    lambda width, ratio: (width, max(1, round(width / exp(ratio)))), st.integers(64, 8000), st.floats(-0.91, 0.91)
).filter(lambda size: max(size) <= 8000 and min(size) >= 64 and shaped(*size))


class Layout(NamedTuple):
    """The steps for one picture of *size*, and the sizes after the scale and after all."""

    size: tuple[int, int]
    steps: tuple[Step, ...]

    @property
    def crop(self) -> CropTo | None:
        return find(self.steps, CropTo)

    @property
    def scale(self) -> Scale | None:
        return find(self.steps, Scale)

    @property
    def pad(self) -> Pad | None:
        return find(self.steps, Pad)

    @property
    def content(self) -> tuple[int, int]:
        step = self.scale or self.crop
        return (step.width, step.height) if step else self.size

    @property
    def final(self) -> tuple[int, int]:
        return (self.pad.width, self.pad.height) if self.pad else self.content


def _laid_out(frame: Frame, size: tuple[int, int], fit: Literal["pad", "crop"] = "pad") -> Layout:
    return Layout(size, arrange(size, None, Target(limits=frame.limits, fit=fit, grid=frame.grid, because=BECAUSE)))


def _stretched(before: tuple[int, int], after: tuple[int, int]) -> float:
    """How far the shape is off: 0.01 is one percent."""
    return exp(abs(log(after[0] * before[1] / (after[1] * before[0])))) - 1


@FRAMES
@given(size=SIZES, fit=st.sampled_from(["pad", "crop"]))
@settings(deadline=None, max_examples=200)
def test_every_size_comes_inside_the_limits(frame: Frame, size: tuple[int, int], fit: Literal["pad", "crop"]) -> None:
    assert frame.holds(*_laid_out(frame, size, fit).final)


@FRAMES
def test_even_a_dot_comes_inside_the_limits(frame: Frame) -> None:
    for size in [(width, height) for width in range(1, 13) for height in range(1, 13)]:
        assert frame.holds(*_laid_out(frame, size).final), size


@FRAMES
@given(size=SHAPED)
@settings(deadline=None, max_examples=200)
def test_a_shape_inside_the_limits_is_kept(frame: Frame, size: tuple[int, int]) -> None:
    layout = _laid_out(frame, size)
    assert layout.crop is None and layout.pad is None
    after = layout.final
    assert frame.holds(*after)
    assert _stretched(size, after) <= ASPECT_KEPT


@FRAMES
@given(size=SHAPED)
@settings(deadline=None, max_examples=200)
def test_nothing_is_enlarged_that_is_above_the_floors(frame: Frame, size: tuple[int, int]) -> None:
    """But for the pixels that make an odd side even."""
    assume(frame.above_the_floors(*size))
    after = _laid_out(frame, size).final
    assert after[0] <= size[0] + frame.slack and after[1] <= size[1] + frame.slack


@FRAMES
@given(size=SHAPED)
@settings(deadline=None, max_examples=200)
def test_the_scale_is_as_close_to_one_as_the_limits_allow(frame: Frame, size: tuple[int, int]) -> None:
    after = _laid_out(frame, size).final
    ideal = frame.ideal_scale(*size)
    assert after[0] * after[1] / (size[0] * size[1] * ideal**2) == pytest.approx(1, abs=0.035)


@FRAMES
@given(size=SIZES | SHAPED)
@settings(deadline=None, max_examples=200)
def test_what_is_inside_stays(frame: Frame, size: tuple[int, int]) -> None:
    unchanged = _laid_out(frame, size).steps == ()
    assert unchanged is frame.holds(*size)


@FRAMES
@given(size=SIZES)
@settings(deadline=None, max_examples=200)
def test_a_shape_outside_is_padded_and_never_stretched(frame: Frame, size: tuple[int, int]) -> None:
    assume(not shaped(*size))
    layout = _laid_out(frame, size)
    content, pad = layout.content, layout.pad
    assert layout.crop is None
    if pad is None:  # so near to the limit that even sides are inside
        assert _stretched(size, content) <= ASPECT_KEPT and frame.holds(*content)
        return
    left, top = pad.x, pad.y
    right, bottom = pad.width - left - content[0], pad.height - top - content[1]
    assert min(left, right, top, bottom) >= 0, "the whole picture is on the canvas"
    assert abs(left - right) < 2 * frame.grid and abs(top - bottom) < 2 * frame.grid, "in its middle"
    assert left % frame.grid == 0 and top % frame.grid == 0
    assert content[0] % frame.grid == 0 and content[1] % frame.grid == 0
    assert min(left + right, top + bottom) < 2 * frame.grid, "and as large as the canvas allows"
    if min(content) > 200:
        assert _stretched(size, content) <= ASPECT_KEPT
    if frame.above_the_floors(*size):
        assert content[0] <= size[0] + frame.slack and content[1] <= size[1] + frame.slack


@FRAMES
@given(size=SIZES)
@settings(deadline=None, max_examples=200)
def test_a_shape_outside_is_cropped_when_asked(frame: Frame, size: tuple[int, int]) -> None:
    assume(not shaped(*size))
    layout = _laid_out(frame, size, "crop")
    crop = layout.crop
    assert crop is not None and layout.pad is None
    assert crop.x >= 0 and crop.y >= 0 and crop.x + crop.width <= size[0] and crop.y + crop.height <= size[1]
    assert abs(size[0] - crop.width - 2 * crop.x) <= 1 and abs(size[1] - crop.height - 2 * crop.y) <= 1
    assert crop.width == size[0] or crop.height == size[1], "only one side is cut"
    after = layout.final
    assert frame.holds(*after)
    if min(crop.width, crop.height) >= 64:
        assert _stretched((crop.width, crop.height), after) <= ASPECT_KEPT
        assert max(crop.width / crop.height, crop.height / crop.width) == pytest.approx(2.5, abs=0.1)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1280, 720), None),
        ((720, 1280), None),
        ((640, 640), None),
        ((834, 1112), None),
        ((854, 480), None),
        ((1920, 1080), (1280, 720)),
        ((1080, 1920), (720, 1280)),
        ((3840, 2160), (1280, 720)),
        ((1080, 1080), (962, 962)),
        ((1440, 1080), (1112, 834)),
        ((639, 639), (640, 640)),
        ((480, 480), (640, 640)),
    ],
)
def test_video_sizes(size: tuple[int, int], expected: tuple[int, int] | None) -> None:
    layout = _laid_out(VIDEO, size)
    assert layout.pad is None and layout.crop is None
    assert (layout.scale and (layout.scale.width, layout.scale.height)) == expected


@pytest.mark.parametrize("size", [(1080, 2400), (1350, 1080), (1284, 2778), (2160, 2700), (1179, 2556), (4096, 2304)])
def test_large_videos_use_the_area_they_may_have(size: tuple[int, int]) -> None:
    after = _laid_out(VIDEO, size).final
    assert VIDEO.holds(*after)
    assert after[0] * after[1] > 0.97 * 927_408
    assert _stretched(size, after) <= ASPECT_KEPT


@pytest.mark.parametrize("size", [(640, 360), (848, 480), (852, 480), (720, 480), (426, 240), (360, 640), (320, 320)])
def test_small_videos_are_enlarged_no_more_than_needed(size: tuple[int, int]) -> None:
    after = _laid_out(VIDEO, size).final
    assert VIDEO.holds(*after)
    assert after[0] * after[1] < 1.03 * 409_600
    assert _stretched(size, after) <= ASPECT_KEPT


@pytest.mark.parametrize("size", [(785, 818), (691, 664), (853, 481), (1279, 719), (641, 641), (1001, 901)])
def test_an_odd_side_is_made_even_and_no_more(size: tuple[int, int]) -> None:
    after = _laid_out(VIDEO, size).final
    assert VIDEO.holds(*after)
    assert abs(after[0] - size[0]) <= 4 and abs(after[1] - size[1]) <= 4


@pytest.mark.parametrize(
    ("size", "canvas", "content"),
    [
        ((4000, 1000), (1520, 608), (1520, 380)),
        ((500, 2000), (608, 1520), (380, 1520)),
    ],
)
def test_padded_videos(size: tuple[int, int], canvas: tuple[int, int], content: tuple[int, int]) -> None:
    layout = _laid_out(VIDEO, size)
    assert layout.scale == Scale(width=content[0], height=content[1], because=BECAUSE)
    x, y = (canvas[0] - content[0]) // 2, (canvas[1] - content[1]) // 2
    assert layout.pad == Pad(width=canvas[0], height=canvas[1], x=x, y=y, because=BECAUSE)


@pytest.mark.parametrize(
    ("size", "crop", "after"),
    [
        ((4000, 1000), (750, 0, 2500, 1000), (1520, 608)),
        ((500, 2000), (0, 375, 500, 1250), (500, 1250)),
        ((1600, 400), (300, 0, 1000, 400), (1020, 408)),
    ],
)
def test_cropped_videos(size: tuple[int, int], crop: tuple[int, int, int, int], after: tuple[int, int]) -> None:
    layout = _laid_out(VIDEO, size, "crop")
    assert layout.crop is not None
    assert (layout.crop.x, layout.crop.y, layout.crop.width, layout.crop.height) == crop
    assert VIDEO.holds(*layout.final)
    assert layout.final == pytest.approx(after, abs=12)


def test_an_image_is_only_padded_where_its_shape_is_all_that_is_wrong() -> None:
    assert _laid_out(IMAGE, (4000, 1000)).steps == (Pad(width=4000, height=1600, x=0, y=300, because=BECAUSE),)


def test_an_image_with_one_long_side() -> None:
    assert _laid_out(IMAGE, (7500, 5000)).final == (6000, 4000)


def test_no_size_at_all() -> None:
    """Limits that contradict each other: a floor of the side above the cap of the area."""
    limit = TWO.video.min_side_px
    assert limit is not None
    impossible = TWO.video.model_copy(update={"min_side_px": limit.model_copy(update={"value": 2000})})
    target = Target(limits=impossible, grid=2, because=BECAUSE)
    assert arrange((1280, 720), None, target) == ()
    kept = CropTo(x=0, y=0, width=640, height=700, because=("asked",))
    assert arrange((1280, 720), kept, target) == (kept,)


def test_no_limits_at_all() -> None:
    assert arrange((1279, 7), None, Target(limits=SideLimits(), because=BECAUSE)) == ()


MOST_AREA = 927_408
UNSEEN = 0.001


def _largest(width: int, height: int) -> int:
    """The most pixels of even sides of about this shape under the limit, by brute force; 0: there are none."""
    ratio, best = width / height, 0
    across = floor(sqrt(MOST_AREA * ratio * (1 + UNSEEN))) // 2 * 2
    while across and across * across / ratio * (1 + UNSEEN) > best:
        down = min(MOST_AREA // across, floor(across / ratio * (1 + UNSEEN))) // 2 * 2
        if down and abs(across / down / ratio - 1) <= UNSEEN:
            best = max(best, across * down)
        across -= 2
    return best


def test_large_videos_keep_as_many_pixels_as_they_may() -> None:
    draw = random.Random(13)
    sizes = [(draw.randint(640, 4320), draw.randint(640, 4320)) for _ in range(9000)]
    sizes = [size for size in sizes if size[0] * size[1] > MOST_AREA and shaped(*size)][:4000]
    assert len(sizes) == 4000
    areas = [width * height for width, height in (_laid_out(VIDEO, size).final for size in sizes)]
    assert max(areas) <= MOST_AREA
    shares = [area / _largest(*size) for area, size in zip(areas, sizes, strict=True)]
    assert median(shares) >= 0.998
    assert min(shares) >= 0.985


@given(size=SHAPED)
@settings(deadline=None, max_examples=300)
def test_no_stretch_that_shows_and_few_pixels_less_than_the_most(size: tuple[int, int]) -> None:
    assume(size[0] * size[1] > MOST_AREA)
    layout = _laid_out(VIDEO, size)
    width, height = layout.final
    assert layout.pad is None and VIDEO.holds(width, height)
    assert _stretched(size, (width, height)) <= 2 * UNSEEN
    assert width * height >= 0.985 * _largest(*size)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1080, 2340), (654, 1418)), ((1080, 1080), (962, 962)), ((1920, 1080), (1280, 720)), ((1440, 1080), (1112, 834))],
    ids=str,
)
def test_pixels_for_a_stretch_that_nobody_sees(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert _laid_out(VIDEO, size).final == expected
