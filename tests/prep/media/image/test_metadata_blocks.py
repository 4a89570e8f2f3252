"""Metadata left out, the picture as it was coded: judged by Pillow, and by bytes."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo

from fixtures.card import card, card_with_hole
from fixtures.icc import display_p3
from prep import Options, plan
from prep.media.image.metadata_blocks import webp_is_lossless
from tests.prep.media import reading
from tests.types import Made, Media

PRIVATE = (b"Jane", b"SN0123456789", b"<x:xmpmeta", b"secret")


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x013B] = "Jane Example"
    exif.get_ifd(0x8769)[0xA431] = "SN0123456789"
    exif.get_ifd(0x8825)[1] = "N"
    return exif


def _private(path: Path) -> None:
    """A compliant file with all that its format can tell, and a colour profile that has to stay."""
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">Jane Example</x:xmpmeta>'
    match path.suffix:
        case ".jpg":
            card((800, 600)).save(
                path, exif=_exif(), xmp=xmp, comment=b"by Jane Example", icc_profile=display_p3(), progressive=True
            )
            path.write_bytes(path.read_bytes() + b"a film that a phone appends: secret")
        case ".png":
            notes = PngInfo()
            notes.add_text("Author", "Jane Example")
            notes.add_itxt("XML:com.adobe.xmp", xmp.decode())
            card_with_hole((800, 600)).save(path, exif=_exif(), pnginfo=notes, icc_profile=display_p3())
            path.write_bytes(path.read_bytes() + b"secret")
        case ".webp":
            card_with_hole((800, 600)).save(path, exif=_exif(), xmp=xmp, icc_profile=display_p3(), lossless=True)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_what_a_compliant_file_tells_is_left_out(made: Made, tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"private{suffix}"
    _private(source)
    path, entry = made(source, strip_metadata=True)
    assert [(step.kind, step.because) for step in entry.steps] == [("strip-metadata", ("asked",))]
    data = path.read_bytes()
    assert not [word for word in PRIVATE if word in data]
    with Image.open(source) as before, Image.open(path) as after:
        assert (before.format, before.mode, before.size) == (after.format, after.mode, after.size)
        assert after.info["icc_profile"] == display_p3()
        assert not after.getexif() and not {"exif", "xmp", "comment", "Author"} & set(after.info)
        assert ImageChops.difference(before.convert("RGBA"), after.convert("RGBA")).getbbox() is None
    assert entry.output.info.private_metadata == ()


def test_the_coded_picture_is_the_same_bytes(made: Made, tmp_path: Path) -> None:
    """A plain JPEG, and the same with metadata: stripped, they are one file."""
    card((800, 600)).save(tmp_path / "plain.jpg")
    card((800, 600)).save(tmp_path / "private.jpg", exif=_exif(), comment=b"by Jane Example")
    path, _ = made(tmp_path / "private.jpg", strip_metadata=True)
    assert path.read_bytes() == (tmp_path / "plain.jpg").read_bytes()


@pytest.mark.parametrize("name", ["photo.jpg", "photo_display_p3.jpg", "cmyk.jpg", "alpha.png", "animated.webp"])
def test_what_tells_nothing_goes_through(made: Made, media: Media, name: str) -> None:
    path, entry = made(name, strip_metadata=True)
    assert entry.steps == ()
    assert reading.sha256(path) == reading.sha256(media(name))


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_every_frame_of_an_animation_is_kept(made: Made, tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGB", (400, 300), (shade, 0, 0)) for shade in (50, 150, 250)]
    source = tmp_path / f"private.{kind}"
    frames[0].save(source, save_all=True, append_images=frames[1:], duration=100, exif=_exif())
    path, entry = made(source, strip_metadata=True)
    assert [step.kind for step in entry.steps] == ["strip-metadata"]
    with Image.open(path) as image:
        assert getattr(image, "n_frames", 1) == 3
        for index, shade in enumerate((50, 150, 250)):
            image.seek(index)
            assert abs(image.convert("RGB").getpixel((10, 10))[0] - shade) < 12  # type: ignore[index, operator]
    assert b"Jane" not in path.read_bytes()


def test_a_thumbnail_and_more_pictures_in_the_file_go_as_well(made: Made, tmp_path: Path) -> None:
    """As phones write it (MPO): a second picture with EXIF of its own behind the first."""
    card((800, 600)).save(tmp_path / "second.jpg", exif=_exif())
    card((800, 600)).save(tmp_path / "first.jpg")
    both = (tmp_path / "first.jpg").read_bytes() + (tmp_path / "second.jpg").read_bytes()
    (tmp_path / "both.jpg").write_bytes(both)
    path, _ = made(tmp_path / "both.jpg", strip_metadata=True)
    assert path.read_bytes() == (tmp_path / "first.jpg").read_bytes()


def test_position_and_orientation_behind_the_pixels_of_a_png(tmp_path: Path) -> None:
    """EXIF may stand after the picture there; it counts all the same."""
    exif = _exif()
    exif[0x0112] = 6
    card((600, 400)).save(tmp_path / "early.png", exif=exif)
    data = (tmp_path / "early.png").read_bytes()
    at = data.index(b"eXIf") - 4
    size = int.from_bytes(data[at : at + 4], "big") + 12
    end = data.index(b"IEND") - 4
    (tmp_path / "late.png").write_bytes(data[:at] + data[at + size : end] + data[at : at + size] + data[end:])
    early, late = (plan([tmp_path / name], options=Options()).entries[0] for name in ("early.png", "late.png"))
    assert late.source.private_metadata == early.source.private_metadata == ("gps", "serial number", "owner")
    assert [step.kind for step in late.steps] == [step.kind for step in early.steps] == ["orient", "encode-image"]


def test_a_position_in_xmp_counts(tmp_path: Path) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" exif:GPSLatitude="48,51.49N"/>'
    card((600, 400)).save(tmp_path / "photo.jpg", xmp=xmp)
    (entry,) = plan([tmp_path / "photo.jpg"]).entries
    assert entry.source.private_metadata == ("gps",)


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_whether_a_webp_is_lossless(tmp_path: Path, lossless: bool, frames: int, mode: str) -> None:
    """A profile, and the header of a frame, stand between the beginning and what tells."""
    pictures = [Image.new(mode, (400, 400), color) for color in ("red", "lime", "blue")[:frames]]
    for picture in pictures if mode == "RGBA" else ():
        picture.putpixel((5, 5), (0, 0, 0, 0))
    path = tmp_path / "picture.webp"
    options = {"save_all": True, "append_images": pictures[1:], "duration": 100} if frames > 1 else {}
    pictures[0].save(path, lossless=lossless, icc_profile=display_p3(), **options)
    assert webp_is_lossless(path.read_bytes()) == lossless
