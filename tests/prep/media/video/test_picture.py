"""Geometry and colours of what the video tool makes, judged by decoding it with PyAV."""

from pathlib import Path
from typing import Any

import pytest

from fixtures.card import card
from fixtures.clip import BT601_525, BT709, OPUS, VP9, Colour, encode_clip
from fixtures.make import QUADRANTS, read_clock, read_quadrants
from prep.errors import UsageError
from prep.model.media import VideoInfo
from tests.prep.media import reading
from tests.types import Made, Media

UPRIGHT = tuple(QUADRANTS.values())


def _near(found: Any, wanted: Any, close: int) -> bool:
    return all(
        abs(a - b) <= close for one, two in zip(found, wanted, strict=True) for a, b in zip(one, two, strict=True)
    )


@pytest.mark.parametrize(
    ("ref", "aspect"),
    [
        ("sar_4_3.mp4", 1047 / 576),
        ("sar_1_2.mp4", 1.0),
        ("interlaced.mp4", 768 / 576),
        ("sar_1_2.mp4#t=0.5,2.5", 1.0),
        ("sar_1_2.mp4#xywh=0,0,720,700", 720 / 700),
        ("sar_4_3.mp4#xywh=percent:0,0,100,100", 1047 / 576),
    ],
)
def test_pixels_become_square(made: Made, ref: str, aspect: float) -> None:
    path, _ = made(ref)
    seen = reading.picture(path)
    assert seen.sar == 1
    assert seen.size[0] / seen.size[1] == pytest.approx(aspect, rel=0.006)
    reading.assert_inside(path)


def test_a_clean_aperture_is_not_cut_out(made: Made, media: Media) -> None:
    assert b"clap" in media("clean_aperture.mp4").read_bytes()
    path, _ = made("clean_aperture.mp4#t=0.5,2.6")
    assert reading.picture(path).size == (1280, 720)
    assert read_quadrants(reading.first_image(path)) == UPRIGHT
    reading.assert_inside(path)


@pytest.mark.parametrize("fit", ["pad", "crop"])
def test_an_aspect_outside_the_limits(made: Made, fit: str) -> None:
    path, _ = made("wide_1280x400.mp4", fit=fit)
    image = reading.first_image(path)
    reading.assert_inside(path)
    if fit == "crop":
        assert image.width / image.height == pytest.approx(2.5, abs=0.01)
        assert read_quadrants(image) == UPRIGHT
        return
    assert image.size == (1280, 512)
    inside = image.crop((0, 56, 1280, 456))
    assert read_quadrants(inside) == UPRIGHT
    assert read_clock(inside) == 0
    for bar in ((0, 0, 1280, 54), (0, 458, 1280, 512)):
        assert max(high for _, high in image.crop(bar).getextrema()) <= 6  # type: ignore[misc,union-attr]


@pytest.mark.parametrize(
    ("background", "coded"),
    [("#ff0000", (63, 102, 240)), ("white", (235, 128, 128)), ("#2060c0", (93, 177, 96))],
)
def test_bars_and_transparent_parts_have_the_colour_that_was_chosen(
    made: Made, tmp_path: Path, background: str, coded: tuple[int, int, int]
) -> None:
    path, entry = made("wide_1280x400.mp4", background=background)
    assert read_quadrants(reading.first_image(path).crop((0, 56, 1280, 456))) == UPRIGHT
    assert "the colour you chose" in [step.note for step in entry.steps if step.kind == "pad"]
    assert _near(_edges(path), [coded] * 2, 4)
    picture = card((1280, 720)).convert("RGBA")
    picture.putalpha(picture.getchannel("A").point(lambda _: 0))
    encode_clip(tmp_path / "clear.webm", seconds=2, picture=picture, pixels="yuva420p", video=VP9, audio=OPUS)
    path, _ = made(tmp_path / "clear.webm", background=background)
    assert _near(_edges(path), [coded] * 2, 4)
    assert reading.picture(path).frames == 60


def test_what_is_half_transparent_is_mixed(made: Made, tmp_path: Path) -> None:
    picture = card((1280, 720)).convert("RGBA")
    picture.putalpha(128)
    encode_clip(tmp_path / "half.webm", seconds=2, picture=picture, pixels="yuva420p", video=VP9, audio=OPUS)
    path, _ = made(tmp_path / "half.webm", background="white")
    pale = [tuple((a + b) / 2 for a, b in zip(own, (235, 128, 128), strict=True)) for own in reading.CARD_BT709]
    assert _near(reading.raw_quadrants(path), pale, 4)


def _edges(path: Path) -> list[tuple[int, ...]]:
    """Y, Cb and Cr as coded near the top and the bottom of the first frame."""
    frame = next(reading.frames(path))
    return [
        tuple(bytes(plane)[(plane.height - 4 if low else 3) * plane.line_size + 8] for plane in frame.planes)
        for low in (False, True)
    ]


@pytest.mark.parametrize(
    ("fragment", "corner", "colour"),
    [
        ("xywh=0,0,640,640", (0.1, 0.1), "top_left"),
        ("xywh=640,0,640,720", (0.9, 0.1), "top_right"),
        ("xywh=percent:50,25,50,75", (0.9, 0.6), "bottom_right"),
        ("xywh=percent:0,25,75,75", (0.1, 0.6), "bottom_left"),
        ("xywh=641,1,639,641", (0.9, 0.1), "top_right"),
    ],
)
def test_the_right_rectangle(made: Made, fragment: str, corner: tuple[float, float], colour: str) -> None:
    path, _ = made(f"clip_720p.mp4#t=0,2&{fragment}")
    image = reading.first_image(path)
    found = image.getpixel((int(image.width * corner[0]), int(image.height * corner[1])))
    assert _near([found], [QUADRANTS[colour]], 30)
    assert image.width * image.height >= 409_600
    reading.assert_inside(path)


def test_the_right_rectangle_of_a_turned_video(made: Made) -> None:
    path, _ = made("portrait_rot90.mov#t=0,2&xywh=0,0,720,640")
    image = reading.first_image(path)
    assert image.width / image.height == pytest.approx(720 / 640, rel=0.01)
    assert _near([image.getpixel((image.width // 10, image.height // 2))], [QUADRANTS["top_left"]], 30)
    assert _near([image.getpixel((image.width * 9 // 10, image.height // 2))], [QUADRANTS["top_right"]], 30)


def test_a_rectangle_outside_the_picture(made: Made) -> None:
    with pytest.raises(UsageError, match=r"clip_720p\.mp4.*outside"):
        made("clip_720p.mp4#xywh=1000,0,640,640")


# Y, Cb, Cr of the card in BT.709 at limited range: matrices and ranges are converted, not only tagged.
@pytest.mark.parametrize(
    ("ref", "close"),
    [
        ("clip_720p.mp4#t=0.5,2.5", 4),
        ("full_range.mp4#t=0.5,2.5", 4),
        ("bt601_480p.mp4", 4),
        ("sar_4_3.mp4", 4),
        ("yuv422_10bit.mov#t=0.5,2.5", 4),
        ("vp9_alpha.webm", 4),
        ("hdr10.mp4#t=0.5,2.5", 40),
        ("hlg.mp4#t=0.5,2.5", 40),
    ],
)
def test_colours_are_bt709(made: Made, ref: str, close: int) -> None:
    path, _ = made(ref)
    assert _near(reading.raw_quadrants(path), reading.CARD_BT709, close)
    frame = next(reading.frames(path))
    assert (int(frame.colorspace), int(frame.color_range)) == (1, 1)


@pytest.mark.parametrize(
    ("tags", "to"),
    [
        (Colour("bt2020", "bt2020-10", "bt2020nc"), "p=2020:m=2020_ncl:t=2020_10"),
        (Colour("smpte432", "bt709", "bt709"), "p=smpte432:m=709:t=709"),
    ],
    ids=["bt2020", "p3"],
)
def test_a_wide_gamut_without_hdr_becomes_bt709(made: Made, tmp_path: Path, tags: Colour, to: str) -> None:
    wide = f"zscale=pin=709:min=709:tin=709:rin=limited:{to}:r=limited,format=yuv420p10le"
    encode_clip(tmp_path / "wide.mp4", seconds=2, pixels="yuv444p", after_clock=wide, tags=tags, size=(854, 484))
    path, _ = made(f"{tmp_path}/wide.mp4#xywh=0,0,852,482")
    assert _near(reading.raw_quadrants(path), reading.CARD_BT709, 12)


@pytest.mark.parametrize(("size", "colour"), [((1280, 722), BT709), ((854, 484), BT601_525)], ids=["hd", "sd"])
def test_without_tags_the_size_tells_the_matrix(
    made: Made, tmp_path: Path, size: tuple[int, int], colour: Colour
) -> None:
    encode_clip(tmp_path / "bare.mp4", seconds=2, size=size, colour=colour, tags=Colour(*["unknown"] * 3))
    path, entry = made(f"{tmp_path}/bare.mp4#xywh=0,0,{size[0]},{size[1] - 2}")
    assert isinstance(entry.source.info, VideoInfo)
    assert entry.source.info.color_space is None
    assert _near(reading.raw_quadrants(path), reading.CARD_BT709, 4)


def test_so_it_does_where_what_is_transparent_is_filled(made: Made, tmp_path: Path) -> None:
    picture = card((1280, 720)).convert("RGBA")
    bare = Colour(*["unknown"] * 3)
    encode_clip(tmp_path / "bare.webm", seconds=2, picture=picture, pixels="yuva420p", tags=bare, video=VP9, audio=OPUS)
    path, entry = made(f"{tmp_path}/bare.webm")
    assert "flatten" in [step.kind for step in entry.steps]
    assert _near(reading.raw_quadrants(path), reading.CARD_BT709, 4)


def test_white_stays_white_after_tone_mapping(made: Made) -> None:
    """203 cd/m², the card's white, is SDR white; a plain conversion leaves it grey."""
    for name in ("hdr10.mp4", "hlg.mp4"):
        path, _ = made(f"{name}#t=0.5,2.5")
        white = reading.raw_quadrants(path)[3]
        assert white[0] > 200
        assert read_quadrants(reading.first_image(path)) == UPRIGHT


def test_interlaced_fields_are_woven_to_whole_frames(made: Made, media: Media) -> None:
    """Combing: neighbouring lines differ more than lines two apart, where something moves."""
    assert _combing(media("interlaced.mp4")) > 1.05
    path, _ = made("interlaced.mp4#t=0.5,3.5")
    assert _combing(path) < 0.95
    seen = reading.picture(path)
    assert (seen.rate, seen.frames) == (50, 150)  # each field is shown as a frame


def _combing(path: Path) -> float:
    near = far = 0
    for number, frame in enumerate(reading.frames(path)):
        if number % 10:
            continue
        plane, width, height = frame.planes[0], frame.width, frame.height
        data = bytes(plane)
        # the moving tile: in the middle, below 40 % of the height
        left, right = int(width * 0.35), int(width * 0.65)
        lines = [
            data[y * plane.line_size + left : y * plane.line_size + right]
            for y in range(int(height * 0.42), int(height * 0.55))
        ]
        for one, two, three in zip(lines, lines[1:], lines[2:], strict=False):
            near += sum(abs(a - b) for a, b in zip(one, two, strict=True))
            far += sum(abs(a - b) for a, b in zip(one, three, strict=True))
    return near / far
