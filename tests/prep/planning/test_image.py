"""The fewest and gentlest steps for one image."""

from typing import Any

import pytest

from prep.errors import UsageError
from prep.model.analysis import Look, Questions, Subject
from prep.model.limits import ImageLimits
from prep.model.media import ImageInfo
from prep.model.plan import CropTo, Flatten, Options, Pad, Step, TakeFrame, find
from prep.model.reference import Crop, Part
from prep.model.source import Source
from prep.planning.image import plan_image, questions
from prep.specs import load_spec
from tests.made import SEEDANCE_2, SEEDANCE_2_5, image, plan_of, sources

LIMITS: ImageLimits = load_spec(SEEDANCE_2).image
NOTHING = Look()


def _source(info: ImageInfo, look: Look = NOTHING, asked: Part | Crop | None = None) -> Source:
    (source,) = sources((info, asked) if asked else info)
    return source.model_copy(update={"look": look})


def _planned(
    info: ImageInfo, look: Look = NOTHING, asked: Part | Crop | None = None, options: Options | None = None
) -> tuple[Step, ...]:
    return plan_image(_source(info, look, asked), LIMITS, options or Options())


def _steps(info: ImageInfo, **asked: Any) -> list[str]:
    return [step.kind for step in plan_of(info, **asked).entries[0].steps]


@pytest.mark.parametrize(
    ("info", "kinds"),
    [
        (image(), []),
        (image(has_alpha=True, mode="RGBA", container="png"), []),
        (image(mode="CMYK", icc="Display P3"), []),
        (image(bytes=31_457_280), []),
        (image(private_metadata=("gps",)), []),
        (image(frames=42, container="webp"), []),
        (image(container="heif"), ["encode-image"]),
        (image(bytes=31_457_281), ["encode-image"]),
        (image(orientation=6), ["orient", "encode-image"]),
        (image(8000, 6000), ["scale", "encode-image"]),
        (image(200, 200), ["scale", "encode-image"]),
        (image(container="heif", hdr="pq"), ["tone-map", "encode-image"]),
        (image(hdr="pq"), []),
        (image(4000, 1000), ["pad", "encode-image"]),
        (image(7500, 1000), ["scale", "pad", "encode-image"]),
        (image(frames=42, container="gif"), ["take-frame", "encode-image"]),
        (
            image(9000, 1000, frames=2, container="gif", orientation=3),
            ["take-frame", "orient", "scale", "pad", "encode-image"],
        ),
    ],
    ids=lambda value: None if isinstance(value, list) else f"{value.container}-{value.width}x{value.height}",
)
def test_steps(info: ImageInfo, kinds: list[str]) -> None:
    assert _steps(info) == kinds


def test_a_crop_for_an_aspect_ratio_when_asked() -> None:
    assert _steps(image(4000, 1000), options=Options(fit="crop")) == ["crop", "encode-image"]


def test_reasons() -> None:
    (entry,) = plan_of(image(9000, 1000, container="heif", orientation=6)).entries
    because = {step.kind: step.because for step in entry.steps}
    assert because == {
        "orient": ("image-not-upright",),
        "scale": ("image-side-too-long",),
        "pad": ("image-aspect-too-wide",),
        "encode-image": (
            "image-aspect-too-wide",
            "image-format-unsupported",
            "image-not-upright",
            "image-side-too-long",
        ),
    }


def test_each_step_has_only_the_rules_that_it_cures() -> None:
    (strip,) = plan_of(image(32_768, 100)).entries
    assert {step.kind: step.because for step in strip.steps[:2]} == {
        "scale": ("image-side-too-long",),
        "pad": ("image-aspect-too-wide", "image-side-too-short"),
    }
    (tall,) = plan_of(image(90, 300), options=Options(fit="crop")).entries
    assert {step.kind: step.because for step in tall.steps[:2]} == {
        "crop": ("image-aspect-too-narrow",),
        "scale": ("image-area-too-small", "image-side-too-short"),
    }


def test_a_rectangle_comes_with_its_reason() -> None:
    (entry,) = plan_of((image(), Crop(x=0, y=0, width=500, height=500))).entries
    assert [(step.kind, step.because) for step in entry.steps] == [("crop", ("asked",)), ("encode-image", ("asked",))]


def test_a_small_rectangle_is_scaled_up() -> None:
    plan = plan_of((image(), Crop(x=0, y=0, width=150, height=200)))
    assert [step.kind for step in plan.entries[0].steps] == ["crop", "scale", "encode-image"]
    assert plan.unfixable == ()


def test_2_5_takes_heic_as_it_is() -> None:
    assert _steps(image(container="heif"), spec=SEEDANCE_2_5) == []


@pytest.mark.parametrize(
    ("info", "kinds"),
    [
        (image(has_alpha=True, mode="RGBA", container="png"), ["flatten", "encode-image"]),
        (image(container="png"), []),
        (image(4000, 1000, has_alpha=True, mode="RGBA", container="png"), ["flatten", "pad", "encode-image"]),
    ],
    ids=["alpha", "opaque", "alpha, and too wide"],
)
def test_a_background_flattens_what_is_transparent(info: ImageInfo, kinds: list[str]) -> None:
    steps = _planned(info, options=Options(background="white"))
    assert [step.kind for step in steps] == kinds
    flatten, pad = find(steps, Flatten), find(steps, Pad)
    assert flatten is None or (flatten.color, flatten.because) == ("#ffffff", ("asked",))
    assert pad is None or pad.colors == ("#ffffff", "#ffffff")


@pytest.mark.parametrize(
    ("info", "kinds"),
    [
        (image(metadata=("exif",)), ["strip-metadata"]),
        (image(metadata=("xmp", "trailer"), private_metadata=("gps",)), ["strip-metadata"]),
        (image(container="png", metadata=("text",)), ["strip-metadata"]),
        (image(container="webp", metadata=("exif",)), ["strip-metadata"]),
        (image(), []),
        # what is made anew carries nothing of it
        (image(orientation=6, metadata=("exif",)), ["orient", "encode-image"]),
        (image(container="heif", metadata=("exif",)), ["encode-image"]),
    ],
    ids=["exif", "gps", "png", "webp", "nothing to strip", "made anyway", "heic"],
)
def test_metadata_is_stripped_when_asked(info: ImageInfo, kinds: list[str]) -> None:
    assert [step.kind for step in _planned(info)] == [k for k in kinds if k != "strip-metadata"]
    assert [s.kind for s in _planned(info, options=Options(strip_metadata=True))] == kinds


@pytest.mark.parametrize(("size", "kinds"), [(30_000_000, ["strip-metadata"]), (30_000_001, ["encode-image"])])
def test_what_is_stripped_meets_the_strict_size(size: int, kinds: list[str]) -> None:
    (entry,) = plan_of(image(bytes=size, metadata=("exif",)), options=Options(strip_metadata=True)).entries
    assert [step.kind for step in entry.steps] == kinds
    assert (entry.predicted.bytes <= 30_000_000, entry.unfixable) == (True, ())


def test_heic_that_may_stay_is_made_again_to_be_stripped() -> None:
    info = image(container="heif", metadata=("exif",))
    steps = plan_image(_source(info), load_spec(SEEDANCE_2_5).image, Options(strip_metadata=True))
    assert [(step.kind, step.because) for step in steps] == [("encode-image", ("asked",))]


EDGES = ("#000001", "#000002", "#000003", "#000004")


@pytest.mark.parametrize(
    ("size", "edges", "colors"),
    [
        ((4000, 1000), EDGES, ("#000002", "#000004")),
        ((1000, 4000), EDGES, ("#000001", "#000003")),
        ((4000, 1000), (None, None, None, "#ffffff"), ("#000000", "#ffffff")),
        ((4000, 1000), ("#ffffff", None, "#ffffff", None), None),
        ((4000, 1000), None, None),
    ],
    ids=["wide", "tall", "one edge", "no edge that counts", "not looked at"],
)
def test_bars_take_the_colour_of_the_edge_they_touch(size: tuple[int, int], edges: Any, colors: Any) -> None:
    pad = find(_planned(image(*size), look=Look(edges=edges)), Pad)
    assert pad is not None and pad.colors == colors


def test_bars_beside_a_transparent_picture_are_transparent() -> None:
    info = image(4000, 1000, container="png", has_alpha=True, mode="RGBA")
    pad = find(_planned(info, look=Look(edges=EDGES)), Pad)
    assert pad is not None and pad.colors is None and pad.note == "transparent"


@pytest.mark.parametrize(
    ("x", "left"), [(500, 0), (1250, 0), (2000, 750), (3000, 1500), (3999, 1500)], ids="x={}".format
)
def test_a_crop_is_put_around_the_subject(x: int, left: int) -> None:
    """2500 of 4000 columns stay."""
    look = Look(subject=Subject(x=x, y=100, how="face"))
    crop = find(_planned(image(4000, 1000), look, options=Options(fit="crop")), CropTo)
    assert crop is not None
    assert (crop.x, crop.y, crop.width, crop.height, crop.note) == (left, 0, 2500, 1000, "around the face")


def test_a_subject_lies_inside_what_was_asked_for() -> None:
    look = Look(subject=Subject(x=3900, y=600, how="saliency"))
    asked = Crop(x=1000, y=500, width=3000, height=600)
    steps = _planned(image(4000, 2000), look, asked, Options(fit="crop"))
    crop = find(steps, CropTo)
    assert crop is not None
    assert (crop.x, crop.y, crop.width, crop.height) == (2500, 500, 1500, 600)


@pytest.mark.parametrize(("start_s", "index"), [(0.0, 0), (0.09, 0), (0.1, 1), (0.35, 2), (0.9, 2)])
def test_a_moment_of_an_animation(start_s: float, index: int) -> None:
    info, look = image(container="gif", frames=3, mode="P"), Look(frames_s=(0.0, 0.1, 0.3, 1.0))
    take = find(_planned(info, look, Part(start_s=start_s)), TakeFrame)
    assert take is not None and (take.index, take.because) == (index, ("asked",))


def test_a_moment_behind_the_end() -> None:
    info, look = image(container="gif", frames=3, mode="P"), Look(frames_s=(0.0, 0.1, 0.3, 1.0))
    with pytest.raises(UsageError, match=r"^image-1\.gif: #t=1 is after the end of the animation \(1 s\)$"):
        _planned(info, look, Part(start_s=1.0))


@pytest.mark.parametrize(
    ("info", "part", "said"),
    [
        (image(), Part(start_s=1), "still picture"),
        (image(frames=3, container="tiff"), Part(start_s=1), "of its 3 pages"),
        (image(frames=3, container="gif"), Part(start_s=1, end_s=2), "&track=video"),
    ],
    ids=["still", "pages", "a span"],
)
def test_what_is_no_moment(info: ImageInfo, part: Part, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        plan_of((info, part))


@pytest.mark.parametrize(
    ("info", "enlarged"),
    [
        (image(300, 300), ()),
        (image(299, 300), ("image-enlarged",)),
        (image(8000, 6000), ()),
        (image(7000, 2000), ()),
        (image(150, 300), ("image-enlarged",)),
        (image(149, 300), ("image-upscaled-much",)),
    ],
    ids=["at the limit", "one under", "too large", "narrow", "twice", "more than twice"],
)
def test_scaling_up_is_noted_and_much_of_it_a_warning(info: ImageInfo, enlarged: tuple[str, ...]) -> None:
    warnings = plan_of(info).warnings
    assert tuple(finding.rule for finding in warnings) == enlarged
    severity = "warning" if enlarged == ("image-upscaled-much",) else "info"
    assert all((finding.severity, finding.subject) == (severity, "image-1.jpeg") for finding in warnings)


@pytest.mark.parametrize(
    ("info", "options", "asked"),
    [
        (image(), Options(), Questions()),
        (image(container="heif"), Options(), Questions()),
        (image(container="png", orientation=6), Options(), Questions()),
        (image(container="bmp"), Options(), Questions(packed=True)),
        (image(container="tiff", bytes=1200 * 900 * 3), Options(), Questions(packed=True)),
        (image(200, 200, container="png", bytes=49_999), Options(), Questions(packed=True)),
        (image(container="gif", mode="P"), Options(), Questions()),
        (image(4000, 1000), Options(), Questions(edges=True)),
        (image(4000, 1000), Options(background="white"), Questions()),
        (image(4000, 1000), Options(fit="crop"), Questions(subject=True)),
        (image(4000, 4000, container="png", orientation=6), Options(), Questions(sizes=True)),
        (image(3000, 3000, container="png", orientation=6), Options(), Questions()),
        (image(6000, 6000, container="bmp"), Options(), Questions(packed=True, sizes=True)),
    ],
    ids=lambda value: None,
)
def test_what_is_looked_for(info: ImageInfo, options: Options, asked: Questions) -> None:
    source = _source(info)
    assert questions(source, plan_image(source, LIMITS, options), LIMITS, options) == asked


def test_one_picture_of_an_animation_is_taken_because_it_is_one() -> None:
    """Not for the rule that makes it be re-encoded."""
    take = find(_planned(image(200, 200, frames=3, container="webp")), TakeFrame)
    assert take is not None and take.because == ("image-animated",)
