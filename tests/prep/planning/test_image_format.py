"""The gentlest format that fits, and why."""

import pytest

from prep.model.analysis import Look
from prep.model.media import ImageInfo
from prep.planning.image_format import encode_image, is_photograph
from prep.specs import load_spec
from tests.made import SEEDANCE_2, image

LIMITS = load_spec(SEEDANCE_2).image
RAW_BYTES = 1200 * 900 * 3
ALPHA = {"has_alpha": True, "mode": "RGBA"}
NOTHING, MB = Look(), 1_000_000


@pytest.mark.parametrize(
    ("info", "look", "photograph"),
    [
        (image(), NOTHING, True),
        (image(container="heif"), NOTHING, True),
        (image(container="avif"), NOTHING, True),
        (image(container="webp"), NOTHING, True),
        (image(container="webp", lossless=True), NOTHING, False),
        (image(container="png", bytes=round(RAW_BYTES * 0.19)), NOTHING, False),
        (image(container="png", bytes=round(RAW_BYTES * 0.21)), NOTHING, True),
        (image(container="png", mode="P", bytes=RAW_BYTES // 3), NOTHING, False),
        (image(container="gif", mode="P", bytes=RAW_BYTES // 3, frames=20), NOTHING, False),
        (image(container="bmp", bytes=RAW_BYTES), NOTHING, False),
        (image(container="bmp", bytes=RAW_BYTES), Look(packed=0.5), True),
        (image(container="bmp", bytes=RAW_BYTES), Look(packed=0.1), False),
        (image(container="tiff", bytes=RAW_BYTES * 9 // 10), NOTHING, False),
        (image(container="tiff", bytes=RAW_BYTES // 2), NOTHING, True),
        (image(200, 200, container="png", bytes=50_000), NOTHING, True),
        (image(200, 200, container="png", bytes=49_999), NOTHING, False),
    ],
    ids=lambda value: f"{value.container}-{value.bytes}" if isinstance(value, ImageInfo) else None,
)
def test_what_is_a_photograph(info: ImageInfo, look: Look, photograph: bool) -> None:
    assert is_photograph(info, look) is photograph


@pytest.mark.parametrize(
    ("info", "size", "look", "written", "note"),
    [
        (image(), (1200, 900), NOTHING, ("jpeg", 95, "4:4:4"), ""),
        (image(), (6000, 6000), NOTHING, ("jpeg", 95, "4:4:4"), ""),
        (image(container="heif"), (1200, 900), NOTHING, ("jpeg", 95, "4:4:4"), "the HEIF was lossy already"),
        (image(container="tiff", bytes=RAW_BYTES // 2), (1200, 900), NOTHING, ("jpeg", 95, "4:4:4"), "a photograph"),
        (
            image(container="heif", icc="Display P3"),
            (1200, 900),
            NOTHING,
            ("jpeg", 95, "4:4:4"),
            "the HEIF was lossy already; Display P3 colours become sRGB",
        ),
        (image(icc="sRGB IEC61966-2.1"), (1200, 900), NOTHING, ("jpeg", 95, "4:4:4"), ""),
        (image(color_primaries="smpte432"), (1, 1), NOTHING, ("jpeg", 95, "4:4:4"), "Display P3 colours become sRGB"),
        (image(mode="CMYK"), (1, 1), NOTHING, ("jpeg", 95, "4:4:4"), "CMYK colours become sRGB"),
        (image(container="png"), (1200, 900), NOTHING, ("png", None, None), "graphics, lossless"),
        (image(container="png", **ALPHA), (1200, 900), NOTHING, ("png", None, None), "keeps transparency"),
        (image(container="webp", **ALPHA), (1200, 900), NOTHING, ("png", None, None), "keeps transparency"),
        (image(container="png"), (6000, 5000), NOTHING, ("png", None, None), "graphics, lossless"),
        (image(container="png"), (6000, 5000), Look(png_bytes=30 * MB), ("png", None, None), "graphics, lossless"),
        (
            image(container="png"),
            (6000, 5000),
            Look(png_bytes=30 * MB + 1, webp_bytes=30 * MB),
            ("webp", None, None),
            "graphics, lossless; PNG would be 30 MB",
        ),
        (
            image(container="png"),
            (6000, 5000),
            Look(png_bytes=41 * MB, webp_bytes=30 * MB + 1),
            ("jpeg", 95, "4:4:4"),
            "graphics; PNG would be 41 MB, lossless WebP 30 MB",
        ),
        (
            image(container="png", **ALPHA),
            (6000, 5000),
            Look(png_bytes=41 * MB, webp_bytes=31 * MB),
            ("webp", 95, None),
            "keeps transparency; PNG would be 41 MB, lossless WebP 31 MB",
        ),
    ],
    ids=[
        "photograph",
        "large photograph",
        "another lossy format",
        "photograph without loss",
        "wide colours",
        "sRGB by name",
        "wide colours without a profile",
        "colours for print",
        "graphics",
        "alpha",
        "alpha out of a lossy format",
        "not looked at",
        "PNG at the limit",
        "PNG over the limit",
        "nothing without loss",
        "nothing without loss, alpha",
    ],
)
def test_the_gentlest_that_fits(
    info: ImageInfo, size: tuple[int, int], look: Look, written: tuple[str, int | None, str | None], note: str
) -> None:
    step = encode_image(info, LIMITS, size, ("asked",), look)
    assert (step.container, step.quality, step.chroma) == written
    assert (step.note, step.max_bytes) == (note, 30_000_000)
