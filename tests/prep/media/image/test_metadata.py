"""Private metadata: gone from every picture that is made."""

from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fixtures.card import card
from prep.errors import PrepError
from tests.prep.media.pictures import stored
from tests.prep.probed import probe
from tests.types import Made, Media


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
    image = stored(path)
    assert not image.getexif()
    assert not {"exif", "xmp", "comment", "Author"} & set(image.info)


def test_the_fixture_with_a_position_is_made_without(made: Made) -> None:
    path, entry = made("photo_gps.jpg#xywh=0,0,1800,1190")
    assert entry.source.info.private_metadata == ("gps", "serial number", "owner")
    data = path.read_bytes()
    assert b"Exif" not in data and b"Jane" not in data and b"SN0" not in data


def test_the_author_of_a_png(made: Made, tmp_path: Path) -> None:
    notes = PngInfo()
    notes.add_text("Author", "Jane Example")
    card((800, 600)).save(tmp_path / "signed.png", pnginfo=notes)
    _, entry = made(tmp_path / "signed.png")
    assert entry.source.info.private_metadata == ("owner",)


def test_a_message_is_one_line(made: Made, media: Media, tmp_path: Path) -> None:
    """libheif ends its own with a line break."""
    data = media("photo.heic").read_bytes()
    (tmp_path / "broken.heic").write_bytes(data.replace(b"hvcC", b"free"))
    with pytest.raises(PrepError) as failed:
        made(tmp_path / "broken.heic")
    assert str(failed.value) == str(failed.value).strip()


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow says what it left out
@pytest.mark.parametrize("at", [8, 12, 20, 30, 60, 90, 120])
def test_broken_exif_is_no_reason_to_refuse_a_picture(media: Media, tmp_path: Path, at: int) -> None:
    data = bytearray(media("photo_gps.jpg").read_bytes())
    start = data.index(b"Exif\0\0") + 6
    data[start + at : start + at + 8] = b"\xff" * 8
    (tmp_path / "photo.jpg").write_bytes(data)
    info = probe(tmp_path / "photo.jpg").model_dump()
    assert (info["width"], info["height"]) == (1800, 1200)
