"""Pictures of rare kinds come out as they are meant, judged by Pillow."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from fixtures.card import card
from prep import Options, check, prepare
from prep.errors import UnreadableError
from prep.model.media import ImageInfo
from prep.model.plan import TakeFrame
from tests.types import Media

COLOURED = ["float_rgb.tiff", "cielab.tiff", "small_first.tiff", "grey_profiled.jpg", "linear.png", "photo.jp2"]
COLOURED += ["sideways_xmp.png", "sideways_text.png", "sideways_exif.png"]
GREY = ["grey_alpha_16.tiff", "white_is_zero.tiff"]


def _made(path: Path, out: Path) -> Image.Image:
    """What `prep` makes of all but a narrow edge, which has it made of any format."""
    made = prepare([f"{path}#xywh=percent:0,0,99,100"], out=out)
    with Image.open(out / str(made.entries[0].output.path)) as image:
        image.load()
        return image


def _difference(image: Image.Image, wanted: Image.Image) -> float:
    part = wanted.crop((0, 0, *image.size)).convert("RGB")
    return max(ImageStat.Stat(ImageChops.difference(image.convert("RGB"), part)).mean)


@pytest.mark.parametrize("name", COLOURED)
def test_colours_and_place_are_those_of_the_card(media: Media, tmp_path: Path, name: str) -> None:
    image = _made(media(name), tmp_path / "out")
    assert image.size == (594, 400)
    assert _difference(image, card((600, 400))) < 2.5


@pytest.mark.parametrize("name", ["float_rgb.tiff", "grey_alpha_16.tiff", "cielab.tiff", "photo.jp2"])
def test_facts_of_bytes_are_those_of_the_file(media: Media, name: str) -> None:
    of_bytes, of_file = (check([source]).references[0].info for source in (media(name).read_bytes(), media(name)))
    assert of_bytes == of_file


@pytest.mark.parametrize("name", GREY)
def test_grey_is_positive(media: Media, tmp_path: Path, name: str) -> None:
    image = _made(media(name), tmp_path / "out")
    solid = image.crop((300, 0, 594, 400))  # the top left of one of them is transparent
    assert _difference(solid, card((600, 400)).crop((300, 0, 594, 400)).convert("L")) < 2.5


def test_transparency_of_deep_grey_is_kept(media: Media, tmp_path: Path) -> None:
    image = _made(media("grey_alpha_16.tiff"), tmp_path / "out")
    assert image.mode == "RGBA"
    assert [image.getpixel(place)[3] for place in ((3, 3), (500, 300))] == [0, 255]  # type: ignore[index]


def test_the_largest_page_is_the_picture(media: Media, tmp_path: Path) -> None:
    made = prepare([media("small_first.tiff")], out=tmp_path / "out")
    info = made.entries[0].source.info
    assert isinstance(info, ImageInfo)
    assert (info.width, info.height, info.frames, info.frame) == (600, 400, 2, 1)
    assert [step.index for step in made.entries[0].steps if isinstance(step, TakeFrame)] == [1]


@pytest.mark.parametrize("name", ["sideways_xmp.png", "sideways_text.png", "sideways_exif.png"])
def test_a_png_that_is_stored_sideways_is_turned(media: Media, name: str) -> None:
    assert [finding.rule for finding in check([media(name)]).findings] == ["image-not-upright"]


def test_a_damaged_tiff_prints_nothing(media: Media, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = media("photo.tiff").read_bytes()
    middle = len(data) // 2
    (tmp_path / "damaged.tiff").write_bytes(data[:middle] + b"\xff" * 9000 + data[middle + 9000 :])
    with pytest.raises(UnreadableError, match="does not decode"):
        prepare([tmp_path / "damaged.tiff"], out=tmp_path / "out", options=Options())
    assert capfd.readouterr() == ("", "")


def _with_matrix(path: Path, matrix: int, mode: str = "RGB") -> Path:
    """An AVIF with limited range whose header states *matrix*."""
    card((600, 400)).convert(mode).save(path, quality=90, speed=10, range="limited")
    data = bytearray(path.read_bytes())
    at = data.index(b"nclx") + 8
    data[at : at + 2] = matrix.to_bytes(2, "big")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("matrix", [0, 3, 6, 99])
def test_a_matrix_that_means_nothing_is_ignored(tmp_path: Path, matrix: int) -> None:
    image = _made(_with_matrix(tmp_path / "photo.avif", matrix), tmp_path / "out")
    assert _difference(image, card((600, 400))) < 4


@pytest.mark.parametrize(("matrix", "name"), [(8, "YCgCo"), (10, "constant luminance"), (14, "ICtCp")])
def test_a_matrix_that_is_not_read_is_named(tmp_path: Path, matrix: int, name: str) -> None:
    path = _with_matrix(tmp_path / "photo.avif", matrix)
    with pytest.raises(UnreadableError, match=f"{name}, which is not read"):
        check([path])


def test_grey_has_no_matrix(tmp_path: Path) -> None:
    image = _made(_with_matrix(tmp_path / "photo.avif", 10, "L"), tmp_path / "out")
    assert _difference(image, card((600, 400)).convert("L")) < 4
