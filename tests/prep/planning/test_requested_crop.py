"""The user's rectangle, judged by arithmetic of its own."""

from typing import Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from prep.errors import UsageError
from prep.model.media import ImageInfo, VideoInfo
from prep.model.plan import CropTo, Options, Pad, Scale
from prep.model.reference import Crop
from prep.planning.geometry import Target, arrange
from prep.planning.plan_set import plan_set
from prep.planning.requested import crop_in_pixels, requested_crop
from tests.made import image, sources, video
from tests.prep.planning.sides import TWO, VIDEO

BECAUSE = ("video-area-too-large",)
ASPECT_KEPT = 0.005
NARROW = ("video-area-too-small", "video-aspect-too-narrow", "video-side-too-short")


def _percent(x: float, y: float, width: float, height: float) -> Crop:
    return Crop(unit="percent", x=x, y=y, width=width, height=height)


def _pixels(x: float, y: float, width: float, height: float) -> Crop:
    return Crop(x=x, y=y, width=width, height=height)


@pytest.mark.parametrize(
    ("crop", "expected"),
    [
        (_pixels(0, 0, 1280, 720), (0, 0, 1280, 720)),
        (_pixels(10, 20, 300, 400), (10, 20, 300, 400)),
        (_pixels(1279, 719, 1, 1), (1279, 719, 1, 1)),
        (_percent(0, 0, 100, 100), (0, 0, 1280, 720)),
        (_percent(25, 0, 50, 100), (320, 0, 640, 720)),
        (_percent(100 / 3, 0, 100 / 3, 100), (426, 0, 427, 720)),
        (_percent(0.1, 0.1, 0.01, 0.01), (1, 0, 1, 1)),
        (_percent(60, 60, 40, 40), (768, 432, 512, 288)),
    ],
    ids=lambda value: None,
)
def test_asked_rectangles(crop: Crop, expected: tuple[int, int, int, int]) -> None:
    kept = crop_in_pixels(crop, 1280, 720, "a.mp4")
    assert kept == CropTo(x=expected[0], y=expected[1], width=expected[2], height=expected[3], because=("asked",))


@pytest.mark.parametrize(
    "crop",
    [
        _pixels(0, 0, 1281, 720),
        _pixels(0, 0, 1280, 721),
        _pixels(1, 0, 1280, 720),
        _pixels(1280, 0, 1, 1),
        _pixels(0, 5000, 1, 1),
    ],
    ids=lambda crop: f"{crop.x:g},{crop.y:g},{crop.width:g},{crop.height:g}",
)
def test_a_rectangle_that_reaches_outside(crop: Crop) -> None:
    with pytest.raises(UsageError, match=r"^a\.mp4: #xywh=.* reaches outside the picture \(1280×720\)$"):
        crop_in_pixels(crop, 1280, 720, "a.mp4")


@given(
    size=st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
    box=st.tuples(*[st.floats(0, 100) for _ in range(2)], *[st.floats(0.01, 100) for _ in range(2)]),
)
@settings(deadline=None)
def test_percents_stay_inside(size: tuple[int, int], box: tuple[float, float, float, float]) -> None:
    x, y, width, height = box
    assume(x + width <= 100 and y + height <= 100)
    try:
        kept = crop_in_pixels(_percent(x, y, width, height), *size, "a.png")
    except UsageError:
        assert x > 99 or y > 99 or min(size) < 100, "only where less than a pixel is left"
        return
    assert kept.x >= 0 and kept.y >= 0 and kept.width >= 1 and kept.height >= 1
    assert kept.x + kept.width <= size[0] and kept.y + kept.height <= size[1]
    assert kept.width == pytest.approx(size[0] * width / 100, abs=1)
    assert kept.height == pytest.approx(size[1] * height / 100, abs=1)


@pytest.mark.parametrize("fit", ["pad", "crop"])
def test_the_users_rectangle_comes_first(fit: Literal["pad", "crop"]) -> None:
    """A panorama is asked for out of a larger picture; its shape is then mended inside what was asked for."""
    kept = CropTo(x=100, y=200, width=3000, height=1000, because=("asked",))
    steps = arrange((4000, 3000), kept, Target(limits=TWO.image, fit=fit, because=BECAUSE))
    if fit == "pad":
        assert steps == (kept, Pad(width=3000, height=1200, x=0, y=100, because=BECAUSE))
    else:
        assert steps == (CropTo(x=350, y=200, width=2500, height=1000, because=("asked", *BECAUSE)),)


@pytest.mark.parametrize(
    ("info", "crop", "fit", "reasons"),
    [
        (image(3024, 4032, container="heif"), _percent(25, 0, 50, 100), "pad", {"pad": ("image-aspect-too-narrow",)}),
        (image(3024, 4032), _percent(25, 0, 50, 100), "crop", {"crop": ("asked", "image-aspect-too-narrow")}),
        (image(9000, 6000), _pixels(0, 0, 3000, 2000), "pad", {"crop": ("asked",), "encode-image": ("asked",)}),
        (video(), _percent(40, 0, 20, 100), "crop", {"crop": ("asked", NARROW[1]), "scale": (NARROW[0], NARROW[2])}),
        (video(3840, 2160), _pixels(0, 0, 1280, 720), "pad", {"crop": ("asked",), "encode-video": ("asked",)}),
    ],
    ids=["bars", "narrower still", "small enough", "clip", "clip that is small enough"],
)
def test_reasons_are_those_of_the_rectangle(
    info: ImageInfo | VideoInfo, crop: Crop, fit: Literal["pad", "crop"], reasons: dict[str, tuple[str, ...]]
) -> None:
    steps = plan_set(sources((info, crop)), TWO, Options(fit=fit)).entries[0].steps
    assert reasons.items() <= {step.kind: step.because for step in steps}.items()


@given(
    size=st.tuples(st.integers(50, 4000), st.integers(50, 4000)),
    box=st.tuples(*[st.integers(0, 60) for _ in range(2)], *[st.integers(1, 40) for _ in range(2)]),
    fit=st.sampled_from(["pad", "crop"]),
)
@settings(deadline=None)
def test_what_is_kept_lies_inside_what_was_asked_for(
    size: tuple[int, int], box: tuple[int, int, int, int], fit: Literal["pad", "crop"]
) -> None:
    asked = crop_in_pixels(_percent(*box), *size, "a.mp4")
    steps = arrange(size, asked, Target(limits=TWO.video, fit=fit, grid=2, because=BECAUSE))
    assert [step.kind for step in steps] in (
        [["crop"], ["crop", "scale"], ["crop", "pad"], ["crop", "scale", "pad"]]
        if fit == "pad"
        else [["crop"], ["crop", "scale"]]
    )
    kept = steps[0]
    assert isinstance(kept, CropTo) and kept.because[0] == "asked"
    assert kept.x >= asked.x and kept.x + kept.width <= asked.x + asked.width
    assert kept.y >= asked.y and kept.y + kept.height <= asked.y + asked.height
    last = steps[-1]
    assert isinstance(last, CropTo | Scale | Pad)
    assert VIDEO.holds(last.width, last.height)


@pytest.mark.parametrize(
    ("crop", "size"),
    [
        (None, None),
        (_pixels(0, 0, 1280, 720), None),
        (_percent(0, 0, 100, 100), None),
        (_percent(0, 0, 99.99, 99.99), None),  # less than half a pixel is left out
        (_pixels(0, 0, 1279, 720), (1279, 720)),
        (_percent(0, 0, 50, 100), (640, 720)),
    ],
    ids=lambda value: None,
)
def test_a_rectangle_that_is_the_whole_picture_is_no_crop(crop: Crop | None, size: tuple[int, int] | None) -> None:
    (source,) = sources((video(1280, 720), crop) if crop else video(1280, 720))
    kept = requested_crop(source)
    assert (kept and (kept.width, kept.height)) == size
