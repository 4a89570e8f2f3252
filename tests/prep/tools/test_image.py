import random
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat
from PIL.PngImagePlugin import PngInfo

from fixtures.card import card
from fixtures.make import QUADRANTS, read_quadrants
from prep.errors import NonCompliantError, ToolError, UnreadableError
from prep.model.finding import Finding
from prep.model.manifest import ManifestEntry
from prep.tools.image import decodes
from tests.prep.tools import reading

Made = Callable[..., tuple[Path, ManifestEntry]]
Media = Callable[[str], Path]
UPRIGHT = tuple(QUADRANTS.values())
RED, GREEN, BLUE, WHITE = UPRIGHT
# The nearest colour is not enough: these are off by no more than an encoder's rounding.
CLOSE = 12


def _stored(path: Path) -> Image.Image:
    """The pixels as stored, no orientation applied."""
    with Image.open(path) as image:
        image.load()
        return image.copy()


def _kinds(entry: ManifestEntry) -> list[str]:
    return [step.kind for step in entry.steps]


def _near(pixel: Any, wanted: tuple[int, ...], close: int = CLOSE) -> bool:
    return all(abs(a - b) <= close for a, b in zip(pixel, wanted, strict=True))


def _exact_quadrants(image: Image.Image) -> bool:
    width, height = image.size
    spots = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
    rgb = image.convert("RGB")
    pixels = [rgb.getpixel((round(width * x), round(height * y))) for x, y in spots]
    return all(_near(pixel, wanted) for pixel, wanted in zip(pixels, UPRIGHT, strict=True))


@pytest.mark.parametrize("orientation", range(2, 9))
def test_the_orientation_is_baked_in(made: Made, orientation: int) -> None:
    path, entry = made(f"photo_orient{orientation}.jpg")
    image = _stored(path)
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
        assert _exact_quadrants(_stored(path))


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
    assert _near(above, RED, close)
    assert _near(below, BLUE, close)


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
    image = _stored(path)
    assert image.size == size
    # the corner away from the card's textured middle
    corner = {RED: (0.1, 0.1), GREEN: (0.9, 0.1), BLUE: (0.1, 0.9), WHITE: (0.9, 0.9)}[colour]
    assert _near(image.getpixel((int(size[0] * corner[0]), int(size[1] * corner[1]))), colour)
    assert ("asked",) in [step.because for step in entry.steps if step.kind == "crop"]


def test_transparency_survives_being_made_again(made: Made) -> None:
    path, _ = made("alpha.png#xywh=0,0,400,300")
    image = _stored(path)
    assert image.mode == "RGBA"
    assert image.getpixel((20, 20))[3] == 0  # type: ignore[index]
    assert image.getpixel((200, 150)) == (255, 0, 0, 255)


def test_transparency_in_a_palette_survives_as_well(made: Made, tmp_path: Path) -> None:
    image = card((800, 600)).quantize(64)
    image.putpixel((0, 0), 63)
    image.paste(63, (0, 0, 100, 100))
    image.save(tmp_path / "palette.png", transparency=63)
    path, _ = made(f"{tmp_path}/palette.png#xywh=0,0,400,300")
    made_image = _stored(path)
    assert made_image.mode == "RGBA"
    assert made_image.getpixel((20, 20))[3] == 0  # type: ignore[index]
    assert _near(made_image.getpixel((200, 150)), (255, 0, 0, 255))


def test_transparency_that_png_is_too_large_for_goes_to_webp(made: Made, tmp_path: Path) -> None:
    image = Image.new("RGBA", (3100, 2500), (255, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 500, 500))
    image.save(tmp_path / "large.tiff")
    path, _ = made(tmp_path / "large.tiff")
    with Image.open(path) as webp:
        assert (webp.format, webp.mode, webp.size) == ("WEBP", "RGBA", (3100, 2500))
        assert webp.getpixel((100, 100))[3] == 0  # type: ignore[index]
        assert _near(webp.getpixel((2000, 2000)), (255, 0, 0, 255))


def test_sixteen_bits_are_scaled_not_clipped(made: Made) -> None:
    path, _ = made("grey16.png#xywh=0,0,800,300")
    image = _stored(path).convert("L")
    row = [image.getpixel((x, 150)) for x in range(800)]
    wanted = [x * 255 // 799 for x in range(800)]
    assert max(abs(a - b) for a, b in zip(row, wanted, strict=True)) <= 2  # type: ignore[operator]


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0])
def test_floating_point_is_scaled_by_its_own_range(made: Made, tmp_path: Path, top: float) -> None:
    """Grey in 32-bit floats goes to 1 in most programs, to 255 or 65535 in others; none of it may come out black."""
    grey = card((800, 600)).convert("L").convert("F").point(lambda value: value * (top / 255))
    grey.save(tmp_path / "float.tiff")
    path, _ = made(f"{tmp_path}/float.tiff")
    image = _stored(path).convert("L")
    levels = [image.getpixel((x, y)) for x, y in ((200, 150), (600, 150), (200, 450), (600, 450))]
    assert levels == pytest.approx([76, 150, 29, 255], abs=4)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I", "I;16", "CMYK", "YCbCr", "LAB"])
def test_every_mode_of_tiff(made: Made, tmp_path: Path, mode: str) -> None:
    """Brightness must come out in the right order, whatever the samples are."""
    image = card((800, 600))
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        stored = ImageCms.profileToProfile(image, srgb, lab, outputMode="LAB")
    elif mode in ("I", "I;16"):
        stored = image.convert("L").convert("I").point(lambda value: value * 257).convert(mode)
    else:
        stored = image.convert(mode)
    assert stored is not None
    stored.save(tmp_path / "mode.tiff")
    path, _ = made(f"{tmp_path}/mode.tiff")
    grey = _stored(path).convert("L")
    red, green, blue, white = (_mean(grey, x, y) for x, y in ((200, 150), (600, 150), (200, 450), (600, 450)))
    assert [red, green, blue, white] == pytest.approx([76, 150, 29, 255], abs=12)


def _mean(grey: Image.Image, x: int, y: int) -> float:
    return ImageStat.Stat(grey.crop((x - 30, y - 30, x + 30, y + 30))).mean[0]


def test_wide_gamut_becomes_srgb(made: Made, media: Media) -> None:
    """Read as sRGB without heeding a profile, the colours are those of the card."""
    with Image.open(media("photo_display_p3.jpg")) as source:
        assert not _near(source.getpixel((1350, 300)), GREEN, 40)  # untreated it would be visibly off
    path, _ = made("photo_display_p3.jpg#xywh=0,0,1800,1190")
    image = _stored(path)
    assert _exact_quadrants(image)
    profile = image.info.get("icc_profile")
    assert profile is None or "sRGB" in ImageCms.getProfileDescription(ImageCms.getOpenProfile(BytesIO(profile)))


def test_wide_gamut_in_png_keeps_no_profile_of_the_source(made: Made, media: Media, tmp_path: Path) -> None:
    """A PNG that still carried Display P3 would be converted a second time by whoever heeds profiles."""
    with Image.open(media("photo_display_p3.jpg")) as source:
        source.save(tmp_path / "wide.tiff", icc_profile=source.info["icc_profile"])
    path, _ = made(tmp_path / "wide.tiff")
    image = _stored(path)
    assert image.format != "TIFF"
    assert _exact_quadrants(image)
    if profile := image.info.get("icc_profile"):
        assert "P3" not in ImageCms.getProfileDescription(ImageCms.getOpenProfile(BytesIO(profile)))


def test_noise_ends_under_the_limit_at_full_size(made: Made) -> None:
    path, entry = made("noise_over_30mb.png")
    assert path.stat().st_size < 30_000_000
    assert _stored(path).size == (3400, 3400)
    assert _kinds(entry) == ["encode-image"]


def test_what_never_fits_says_what_to_do(made: Made, tmp_path: Path) -> None:
    pixels = random.Random(5).randbytes(6000 * 4000 * 3)
    Image.frombytes("RGB", (6000, 4000), pixels).save(tmp_path / "noise.bmp")
    with pytest.raises(NonCompliantError, match=r"noise\.bmp") as caught:
        made(tmp_path / "noise.bmp")
    (finding,) = caught.value.findings
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.allowed) == ("image-file-too-large", 30_000_000)
    assert "smaller part" in finding.message


@pytest.mark.parametrize(
    ("name", "canvas", "content"),
    [("panorama.png", (4000, 1600), (4000, 1000)), ("tower.png", (800, 2000), (500, 2000))],
)
def test_an_aspect_outside_the_limits_is_padded(
    made: Made, media: Media, name: str, canvas: tuple[int, int], content: tuple[int, int]
) -> None:
    path, entry = made(name)
    image = _stored(path)
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
    image = _stored(path)
    assert image.size == (2500, 1000)
    assert read_quadrants(image) == UPRIGHT
    assert _kinds(entry) == ["crop", "encode-image"]


def test_a_transparent_panorama_is_padded_with_nothing(made: Made, tmp_path: Path) -> None:
    Image.new("RGBA", (1200, 300), (255, 0, 0, 255)).save(tmp_path / "strip.png")
    path, _ = made(tmp_path / "strip.png")
    image = _stored(path)
    assert image.size == (1200, 480)
    assert image.getpixel((600, 240)) == (255, 0, 0, 255)
    assert image.getpixel((600, 10))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize(("name", "long", "short"), [("small_200.png", 300, 300), ("huge_7000.jpg", 6000, 4286)])
def test_sides_are_scaled_no_further_than_needed(made: Made, name: str, long: int, short: int) -> None:
    path, _ = made(name)
    image = _stored(path)
    assert image.width in (long, long - 1)
    assert image.height in (short, short - 1)
    assert _exact_quadrants(image)


def _with_everything_private(path: Path) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Jane Example"
    exif.get_ifd(0x8769)[0xA431] = "SN0123456789"
    exif.get_ifd(0x8825)[1] = "N"
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">Jane Example</x:xmpmeta>'
    image = card((800, 600))
    if path.suffix == ".jpg":
        image.save(path, exif=exif, xmp=xmp, comment=b"by Jane Example")
    elif path.suffix == ".png":
        notes = PngInfo()
        notes.add_text("Author", "Jane Example")
        notes.add_itxt("XML:com.adobe.xmp", xmp.decode())
        image.save(path, exif=exif, pnginfo=notes)
    elif path.suffix == ".webp":
        image.save(path, exif=exif, xmp=xmp)
    else:
        image.save(path, exif=exif, tiffinfo={315: "Jane Example", 305: "Jane Example"})


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff"])
def test_nothing_private_is_left_in_what_is_made(made: Made, tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"private{suffix}"
    _with_everything_private(source)
    assert b"Jane" in source.read_bytes()
    path, _ = made(f"{source}#xywh=0,0,400,600")
    data = path.read_bytes()
    assert b"Jane" not in data
    assert b"SN0123456789" not in data
    image = _stored(path)
    assert not image.getexif()
    assert not {"exif", "xmp", "comment", "Author"} & set(image.info)


def test_the_fixture_with_a_position_is_made_without(made: Made) -> None:
    path, entry = made("photo_gps.jpg#xywh=0,0,1800,1190")
    assert entry.source.info.private_metadata == ("gps", "serial number", "owner")
    data = path.read_bytes()
    assert b"Exif" not in data and b"Jane" not in data and b"SN0" not in data


def test_a_picture_keeps_its_detail(made: Made, media: Media) -> None:
    """Quality 95 without chroma subsampling: what was re-encoded is hardly different from its source."""
    with Image.open(media("textured.jpg")) as source:
        before = source.convert("RGB").crop((0, 0, 1800, 1190))
    path, _ = made("textured.jpg#xywh=0,0,1800,1190")
    difference = ImageStat.Stat(ImageChops.difference(_stored(path), before))
    assert max(difference.mean) < 3


@pytest.mark.parametrize("name", ["truncated.jpg", "bomb.png"])
def test_what_does_not_decode_is_not_made(made: Made, name: str) -> None:
    with pytest.raises(UnreadableError, match=name.replace(".", r"\.")):
        made(name)


def test_damage_in_the_middle_is_seen_before_it_leaves(made: Made, media: Media, tmp_path: Path) -> None:
    """Its header and its end are fine, so only decoding tells; byte-identical is for whole pictures."""
    data = bytearray(media("photo.tiff").read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    (tmp_path / "damaged.tiff").write_bytes(data)
    with pytest.raises((ToolError, UnreadableError), match=r"damaged\.tiff"):
        made(tmp_path / "damaged.tiff")
    png = bytearray(media("alpha.png").read_bytes())
    png[len(png) // 2 : len(png) // 2 + 50] = bytes(50)
    (tmp_path / "damaged.png").write_bytes(png)
    assert not decodes(tmp_path / "damaged.png", "png")
    with pytest.raises(UnreadableError, match=r"damaged\.png"):
        made(tmp_path / "damaged.png")


def test_no_size_at_all_is_inside(made: Made, tmp_path: Path) -> None:
    """30000×10 padded to the widest aspect is 30000×12000; scaled to 6000 the picture is 2 px high, but inside."""
    Image.new("RGB", (30_000, 10), "red").save(tmp_path / "thread.png")
    try:
        path, _ = made(tmp_path / "thread.png")
    except NonCompliantError:
        return
    assert _stored(path).size == (6000, 2400)
