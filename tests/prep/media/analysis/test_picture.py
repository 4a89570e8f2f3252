"""Analysis of pictures whose content is known."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from fixtures.card import card, texture
from prep import Options, plan
from prep.media.analysis.subject import find_subject
from prep.model.plan import CropTo, Pad, find
from tests.prep.media.pictures import near, stored
from tests.types import Made


def test_bars_are_of_the_edge_they_touch(made: Made, tmp_path: Path) -> None:
    """Sky above, grass below: seen in a JPEG, whose colours are a little off."""
    image = Image.new("RGB", (3000, 600), (120, 180, 250))
    image.paste((40, 120, 30), (0, 300, 3000, 600))
    image.paste(card((400, 400)), (1300, 100))
    image.save(tmp_path / "panorama.jpg", quality=90)
    path, entry = made(tmp_path / "panorama.jpg")
    made_image = stored(path)
    assert made_image.size == (3000, 1200)
    assert near(made_image.getpixel((1500, 50)), (120, 180, 250), 6)
    assert near(made_image.getpixel((1500, 1150)), (40, 120, 30), 6)
    assert near(made_image.getpixel((1350, 450)), (255, 0, 0))
    assert next(step.note for step in entry.steps if step.kind == "pad") == "the edges' colours"


def test_bars_beside_a_tall_picture(made: Made, tmp_path: Path) -> None:
    image = Image.new("RGB", (400, 1600), (10, 200, 10))
    image.paste((200, 10, 10), (200, 0, 400, 1600))
    image.save(tmp_path / "tower.png")
    path, _ = made(tmp_path / "tower.png")
    made_image = stored(path)
    assert made_image.size == (640, 1600)
    assert made_image.getpixel((5, 800)) == (10, 200, 10)
    assert made_image.getpixel((635, 800)) == (200, 10, 10)


def test_edges_of_many_colours_get_black(made: Made, tmp_path: Path) -> None:
    texture((2000, 400), seed=1).save(tmp_path / "crowd.jpg", quality=90)
    path, entry = made(tmp_path / "crowd.jpg")
    assert stored(path).getpixel((1000, 20)) == (0, 0, 0)
    assert "no single colour" in next(step.note for step in entry.steps if step.kind == "pad")


def test_a_background_is_seen_in_bars_and_holes(made: Made, tmp_path: Path) -> None:
    image = Image.new("RGBA", (2000, 400), (255, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 500, 400))
    image.putpixel((1999, 0), (0, 0, 255, 128))
    image.save(tmp_path / "logo.png")
    path, entry = made(tmp_path / "logo.png", background="#00ff00")
    made_image = stored(path)
    assert made_image.mode == "RGB"
    assert made_image.getpixel((1000, 20)) == made_image.getpixel((100, 400)) == (0, 255, 0)
    assert made_image.getpixel((1000, 400)) == (255, 0, 0)
    assert near(made_image.getpixel((1999, 200)), (0, 127, 128), 1)
    assert [step.kind for step in entry.steps] == ["flatten", "pad", "encode-image"]


def test_an_uncompressed_photograph_is_known_by_its_pixels(made: Made, tmp_path: Path) -> None:
    texture((700, 500), seed=2).save(tmp_path / "photo.bmp")
    card((700, 500)).save(tmp_path / "drawing.bmp")
    assert made(tmp_path / "photo.bmp")[0].suffix == ".jpg"
    assert made(tmp_path / "drawing.bmp")[0].suffix == ".png"


def _spot(at: int) -> Image.Image:
    """A red ball on plain grey, 300 rows high."""
    image = Image.new("RGB", (2000, 300), (128, 128, 128))
    ImageDraw.Draw(image).ellipse((at - 60, 90, at + 60, 210), fill=(255, 30, 20))
    return image


@pytest.mark.parametrize("at", [150, 1000, 1850])
def test_a_crop_is_put_around_what_stands_out(tmp_path: Path, at: int) -> None:
    _spot(at).save(tmp_path / "ball.png")
    (entry,) = plan([tmp_path / "ball.png"], options=Options(fit="crop")).entries
    crop = find(entry.steps, CropTo)
    assert crop is not None and crop.note == "around the area that stands out"
    assert crop.x <= at - 60 and at + 60 <= crop.x + crop.width


def test_the_subject_is_looked_for_in_what_was_asked_for(tmp_path: Path) -> None:
    """Two balls; the crop that was asked for shows only the second."""
    image = _spot(150)
    image.paste(_spot(1500).crop((1000, 0, 2000, 300)), (1000, 0))
    image.save(tmp_path / "balls.png")
    (entry,) = plan([f"{tmp_path}/balls.png#xywh=600,0,1400,300"], options=Options(fit="crop")).entries
    crop = find(entry.steps, CropTo)
    assert crop is not None
    assert crop.x >= 600 and crop.x <= 1440 and crop.x + crop.width >= 1560


def test_nothing_to_see_is_the_middle() -> None:
    subject = find_subject(Image.new("RGB", (900, 300), "grey"), (750, 300), (100, 50))
    assert 100 <= subject.x <= 1000 and 50 <= subject.y <= 350


def test_padding_is_not_looked_for_where_it_is_transparent(tmp_path: Path) -> None:
    Image.new("RGBA", (1200, 300), (255, 0, 0, 255)).save(tmp_path / "strip.png")
    (entry,) = plan([tmp_path / "strip.png"]).entries
    pad = find(entry.steps, Pad)
    assert pad is not None and (pad.colors, pad.note) == (None, "transparent")


@pytest.mark.parametrize(
    ("moment", "shade"), [("#t=0", 50), ("#t=0.15", 150), ("#t=0.29", 150), ("#t=0.31", 250), ("", 50)]
)
@pytest.mark.parametrize("kind", ["gif", "png", "webp", "avif"])
def test_the_frame_that_is_shown_then(made: Made, tmp_path: Path, kind: str, moment: str, shade: int) -> None:
    """Shown for 100, 200 and 300 ms."""
    frames = [Image.new("RGB", (400, 300), (level, level, level)) for level in (50, 150, 250)]
    options = {"lossless": True} if kind == "webp" else {}
    frames[0].save(tmp_path / f"a.{kind}", save_all=True, append_images=frames[1:], duration=[100, 200, 300], **options)
    path, _ = made(f"{tmp_path}/a.{kind}{moment or '#xywh=0,0,400,299'}")
    image = stored(path).convert("L")
    assert abs(image.getpixel((200, 150)) - shade) <= 3  # type: ignore[operator]
