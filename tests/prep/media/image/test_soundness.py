"""Pictures that are cut or don't decode: `check` refuses what `prep` refuses, and nothing else."""

import struct
from io import BytesIO
from pathlib import Path

import pytest

from fixtures.card import card, texture
from prep import prepare
from prep.check_many import check_each
from prep.errors import UnreadableError
from prep.model.reference import Reference
from tests.types import Media

CUT = ["photo.jpg", "photo_gps.jpg", "photo.heic", "photo_grid.heic", "gain_map.heic", "photo.avif", "photo.webp"]
CUT += ["alpha.png", "photo.tiff", "photo.bmp", "animated.gif"]


def _refused(path: Path) -> bool:
    """Whether `check` says that the picture can't be read, as `prep` does."""
    (judged,) = check_each([Reference(location=str(path))])
    out = path.with_name(f"{path.name}-out")
    if judged.readable:
        prepare([path], out=out)
    else:
        with pytest.raises(UnreadableError):
            prepare([path], out=out)
    return not judged.readable


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("name", CUT)
def test_a_picture_cut_anywhere_is_refused(media: Media, tmp_path: Path, name: str, share: float) -> None:
    whole = media(name)
    if name == "animated.gif":
        share /= 12  # within its first frame
    path = tmp_path / f"cut{whole.suffix}"
    path.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
    assert _refused(path)


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_cut_heic_is_refused_whose_data_reaches_to_the_end(media: Media, tmp_path: Path, share: float) -> None:
    """libheif decodes a picture in tiles of which some are missing, and makes those green."""
    data = bytearray(media("photo_grid.heic").read_bytes())
    struct.pack_into(">I", data, data.index(b"mdat") - 4, 0)
    (tmp_path / "whole.heic").write_bytes(data)
    (tmp_path / "cut.heic").write_bytes(data[: int(len(data) * share)])
    assert not _refused(tmp_path / "whole.heic")
    assert _refused(tmp_path / "cut.heic")


def test_a_large_jpeg_2000_is_refused_when_cut(tmp_path: Path) -> None:
    """One that takes seconds to decode in full."""
    written = BytesIO()
    card((2400, 1700)).save(written, "JPEG2000")
    data = written.getvalue()
    (tmp_path / "whole.jp2").write_bytes(data)
    (tmp_path / "cut.jp2").write_bytes(data[: len(data) // 2])
    assert not _refused(tmp_path / "whole.jp2")
    assert _refused(tmp_path / "cut.jp2")


@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
def test_a_jpeg_whose_tables_make_no_sense_is_refused(tmp_path: Path, progressive: bool) -> None:
    written = BytesIO()
    texture((600, 400), seed=3).save(written, "JPEG", progressive=progressive)
    data = bytearray(written.getvalue())
    data[data.index(b"\xff\xc4") + 5] = 0xFF  # more codes of one bit than there are
    (tmp_path / "photo.jpg").write_bytes(data)
    assert _refused(tmp_path / "photo.jpg")


@pytest.mark.parametrize("kind", [0xC3, 0xF7], ids=["lossless", "JPEG-LS"])
def test_a_jpeg_of_a_kind_that_is_not_decoded_is_refused(tmp_path: Path, kind: int) -> None:
    written = BytesIO()
    texture((600, 400), seed=3).save(written, "JPEG")
    (tmp_path / "photo.jpg").write_bytes(written.getvalue().replace(b"\xff\xc0", bytes((0xFF, kind)), 1))
    assert _refused(tmp_path / "photo.jpg")


def test_damage_that_decoders_get_over_is_not_refused(tmp_path: Path) -> None:
    written = BytesIO()
    texture((600, 400), seed=3).save(written, "JPEG")
    data = bytearray(written.getvalue())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    (tmp_path / "photo.jpg").write_bytes(data)
    assert not _refused(tmp_path / "photo.jpg")
