"""Output of the image tool, read with Pillow."""

from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageChops

from fixtures.make import read_quadrants
from prep.errors import NonCompliantError
from prep.model.manifest import ManifestEntry
from tests.prep.media import reading
from tests.prep.media.pictures import BLUE, CLOSE, GREEN, RED, UPRIGHT, WHITE, exact_quadrants, near, stored
from tests.types import Made, Media


def _kinds(entry: ManifestEntry) -> list[str]:
    return [step.kind for step in entry.steps]


@pytest.mark.parametrize("orientation", range(2, 9))
def test_the_orientation_is_baked_in(made: Made, orientation: int) -> None:
    path, entry = made(f"photo_orient{orientation}.jpg")
    image = stored(path)
    assert image.size == (1800, 1200)
    assert read_quadrants(image) == UPRIGHT
    assert not image.getexif()
    assert _kinds(entry) == ["orient", "encode-image"]


@pytest.mark.parametrize(
    ("name", "format", "kinds"),
    [
        ("photo.jpg", "JPEG", []),
        ("photo_orient1.jpg", "JPEG", []),
        ("photo.webp", "WEBP", []),
        ("alpha.png", "PNG", []),
        ("cmyk.jpg", "JPEG", []),
        ("palette.png", "PNG", []),
        ("grey16.png", "PNG", []),
        ("photo_display_p3.jpg", "JPEG", []),
        ("animated.webp", "WEBP", []),
        ("animated.png", "PNG", []),
        ("jpeg_named_png.png", "JPEG", []),
        ("at_limit_300.png", "PNG", []),
        ("at_limit_6000.jpg", "JPEG", []),
        ("aspect_2_5.png", "PNG", []),
        ("photo.heic", "JPEG", ["encode-image"]),
        ("photo.avif", "JPEG", ["encode-image"]),
        ("photo.tiff", "PNG", ["encode-image"]),
        ("photo.bmp", "PNG", ["encode-image"]),
        ("animated.gif", "PNG", ["take-frame", "encode-image"]),
    ],
)
def test_formats_in_and_out(made: Made, media: Media, name: str, format: str, kinds: list[str]) -> None:
    path, entry = made(name)
    with Image.open(path) as image:
        assert image.format == format
        size = image.size
    with pillow_heif.open_heif(media(name)).to_pillow() if name.endswith("heic") else Image.open(media(name)) as source:
        assert size == source.size
    assert path.suffix == {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}[format]
    assert _kinds(entry) == kinds
    assert (reading.sha256(path) == reading.sha256(media(name))) == (not kinds)
    if name not in ("grey16.png", "cmyk.jpg", "animated.gif", "animated.webp", "animated.png", "photo_display_p3.jpg"):
        assert exact_quadrants(stored(path))


CROP = "#xywh=percent:0,0,50,100"  # the left half: red above blue


@pytest.mark.parametrize(
    ("name", "format", "mode"),
    [
        ("photo.jpg", "JPEG", "RGB"),
        ("photo.webp", "JPEG", "RGB"),
        ("photo.tiff", "PNG", "RGB"),
        ("photo.bmp", "PNG", "RGB"),
        ("photo.heic", "JPEG", "RGB"),
        ("photo.avif", "JPEG", "RGB"),
        ("cmyk.jpg", "JPEG", "RGB"),
        ("palette.png", "PNG", "RGB"),
        ("alpha.png", "PNG", "RGBA"),
        ("photo_display_p3.jpg", "JPEG", "RGB"),
        ("photo_orient6.jpg", "JPEG", "RGB"),
        ("photo_orient2.jpg", "JPEG", "RGB"),
        ("photo_gps.jpg", "JPEG", "RGB"),
        ("jpeg_named_png.png", "JPEG", "RGB"),
        ("animated.gif", "PNG", "RGB"),
        ("animated.webp", "JPEG", "RGB"),
        ("animated.png", "PNG", "RGB"),
    ],
)
def test_a_crop_of_each_format(made: Made, name: str, format: str, mode: str) -> None:
    path, _ = made(name + CROP)
    with Image.open(path) as image:
        assert (image.format, image.mode) == (format, mode)
        assert getattr(image, "n_frames", 1) == 1
        image.load()
        width, height = image.size
        # the card's middle is textured and the animations have a clock below: look at the quadrants' own middle
        above, below = (image.convert("RGB").getpixel((width // 2, round(height * y))) for y in (0.25, 0.75))
    # CMYK without a profile, WebP and AVIF are less exact
    close = 24 if name in ("cmyk.jpg", "photo.avif", "photo.webp") else CLOSE
    assert near(above, RED, close)
    assert near(below, BLUE, close)


@pytest.mark.parametrize(
    ("fragment", "size", "colour"),
    [
        ("xywh=0,0,900,600", (900, 600), RED),
        ("xywh=900,0,900,600", (900, 600), GREEN),
        ("xywh=pixel:0,600,900,600", (900, 600), BLUE),
        ("xywh=percent:50,50,50,50", (900, 600), WHITE),
        ("xywh=percent:75,0,25,25", (450, 300), GREEN),
    ],
)
@pytest.mark.parametrize("name", ["photo.jpg", "photo_orient6.jpg", "photo_orient7.jpg"])
def test_the_right_rectangle_as_displayed(
    made: Made, name: str, fragment: str, size: tuple[int, int], colour: tuple[int, int, int]
) -> None:
    path, entry = made(f"{name}#{fragment}")
    image = stored(path)
    assert image.size == size
    # the corner away from the card's textured middle
    corner = {RED: (0.1, 0.1), GREEN: (0.9, 0.1), BLUE: (0.1, 0.9), WHITE: (0.9, 0.9)}[colour]
    assert near(image.getpixel((int(size[0] * corner[0]), int(size[1] * corner[1]))), colour)
    assert ("asked",) in [step.because for step in entry.steps if step.kind == "crop"]


@pytest.mark.parametrize(
    ("name", "canvas", "content"),
    [("panorama.png", (4000, 1600), (4000, 1000)), ("tower.png", (800, 2000), (500, 2000))],
)
def test_an_aspect_outside_the_limits_is_padded(
    made: Made, media: Media, name: str, canvas: tuple[int, int], content: tuple[int, int]
) -> None:
    path, entry = made(name)
    image = stored(path)
    assert image.size == canvas
    assert 0.4 <= canvas[0] / canvas[1] <= 2.5
    x, y = (canvas[0] - content[0]) // 2, (canvas[1] - content[1]) // 2
    inside = image.crop((x, y, x + content[0], y + content[1])).convert("RGB")
    with Image.open(media(name)) as source:
        assert ImageChops.difference(inside, source.convert("RGB")).getbbox() is None  # PNG: not a pixel changed
    bars = image.convert("RGB")
    bars.paste("black", (x, y, x + content[0], y + content[1]))
    assert bars.getbbox() is None
    assert _kinds(entry) == ["pad", "encode-image"]


def test_an_aspect_outside_the_limits_is_cropped_when_asked(made: Made) -> None:
    path, entry = made("panorama.png", fit="crop")
    image = stored(path)
    assert image.size == (2500, 1000)
    assert read_quadrants(image) == UPRIGHT
    assert _kinds(entry) == ["crop", "encode-image"]


def test_a_transparent_panorama_is_padded_with_nothing(made: Made, tmp_path: Path) -> None:
    Image.new("RGBA", (1200, 300), (255, 0, 0, 255)).save(tmp_path / "strip.png")
    path, _ = made(tmp_path / "strip.png")
    image = stored(path)
    assert image.size == (1200, 480)
    assert image.getpixel((600, 240)) == (255, 0, 0, 255)
    assert image.getpixel((600, 10))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize(("name", "long", "short"), [("small_200.png", 300, 300), ("huge_7000.jpg", 6000, 4286)])
def test_sides_are_scaled_no_further_than_needed(made: Made, name: str, long: int, short: int) -> None:
    path, _ = made(name)
    image = stored(path)
    assert image.width in (long, long - 1)
    assert image.height in (short, short - 1)
    assert exact_quadrants(image)


def test_no_size_at_all_is_inside(made: Made, tmp_path: Path) -> None:
    """30000×10 padded to the widest aspect is 30000×12000; scaled to 6000 the picture is 2 px high, but inside."""
    Image.new("RGB", (30_000, 10), "red").save(tmp_path / "thread.png")
    try:
        path, _ = made(tmp_path / "thread.png")
    except NonCompliantError:
        return
    assert stored(path).size == (6000, 2400)
