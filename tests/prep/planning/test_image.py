"""The fewest and gentlest steps for one image."""

from typing import Any

import pytest

from prep.model.media import ImageInfo
from prep.model.plan import EncodeImage, Options, find
from prep.model.reference import Crop
from tests.made import SEEDANCE_2_5, image, plan_of


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


@pytest.mark.parametrize(
    ("info", "container", "quality"),
    [
        (image(container="heif"), "jpeg", 95),
        (image(container="avif"), "jpeg", 95),
        (image(container="bmp"), "png", None),
        (image(container="tiff"), "png", None),
        (image(container="gif"), "png", None),
        (image(container="png", orientation=6), "png", None),
        (image(container="jpeg", orientation=6), "jpeg", 95),
        (image(container="webp", orientation=6), "jpeg", 95),
        (image(container="webp", orientation=6, has_alpha=True, mode="RGBA"), "png", None),
        # 6000 × 6000 pixels are more than 30 MB as PNG may have
        (image(6000, 6000, container="bmp"), "jpeg", 95),
        (image(6000, 6000, container="tiff", has_alpha=True, mode="RGBA"), "webp", 95),
    ],
    ids=lambda value: f"{value.container}-alpha-{value.has_alpha}" if isinstance(value, ImageInfo) else None,
)
def test_the_container_keeps_what_the_source_has(info: ImageInfo, container: str, quality: int | None) -> None:
    encode = find(plan_of(info).entries[0].steps, EncodeImage)
    assert encode is not None
    assert (encode.container, encode.quality, encode.max_bytes) == (container, quality, 30_000_000)


def test_reasons() -> None:
    (entry,) = plan_of(image(9000, 1000, container="heif", orientation=6)).entries
    because = {step.kind: step.because for step in entry.steps}
    sides = ("image-aspect-too-wide", "image-side-too-long")
    assert because == {
        "orient": ("image-not-upright",),
        "scale": sides,
        "pad": sides,
        "encode-image": (
            "image-aspect-too-wide",
            "image-format-unsupported",
            "image-not-upright",
            "image-side-too-long",
        ),
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
