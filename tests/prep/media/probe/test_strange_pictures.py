"""Pictures that are not what they seem: raw photos, broken files, animations in a hurry."""

from pathlib import Path

import pytest
from PIL import Image

from prep import check, plan
from prep.check_many import check_each
from prep.errors import UnreadableError
from prep.model.reference import Reference
from tests.types import Media

DNG_VERSION, NEW_SUBFILE_TYPE, SUB_IFDS = 50706, 254, 330


@pytest.mark.parametrize(
    "tags", [{DNG_VERSION: b"\1\4\0\0"}, {NEW_SUBFILE_TYPE: 1, SUB_IFDS: 8}], ids=["DNG", "NEF or ARW"]
)
def test_a_raw_photo_is_not_its_thumbnail(tmp_path: Path, tags: dict[int, bytes | int]) -> None:
    Image.new("RGB", (800, 600)).save(tmp_path / "photo.tif", tiffinfo=tags)
    with pytest.raises(UnreadableError, match=r"photo\.tif: a raw photo .*export it as JPEG"):
        plan([tmp_path / "photo.tif"])


@pytest.mark.parametrize(
    "head",
    [b"FUJIFILMCCD-RAW 0201", b"IIRO\x08\0\0\0", b"IIU\0\x08\0\0\0", b"\0\0\0\x18ftypcrx \0\0\0\1"],
    ids=["RAF", "ORF", "RW2", "CR3"],
)
def test_a_raw_photo_is_known_by_its_first_bytes(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "photo").write_bytes(head + bytes(2000))
    with pytest.raises(UnreadableError, match="a raw photo; export it as JPEG"):
        plan([tmp_path / "photo"])


def test_a_decoder_that_gives_up_stops_nothing_else(media: Media, tmp_path: Path) -> None:
    """Without a primary item libavif raises RuntimeError, which no reader of pictures expects."""
    Image.new("RGB", (400, 300), "teal").save(tmp_path / "whole.avif")
    data = (tmp_path / "whole.avif").read_bytes()
    (tmp_path / "broken.avif").write_bytes(data.replace(b"pitm", b"free"))
    names = [str(tmp_path / "broken.avif"), str(media("photo.jpg"))]
    broken, photo = check_each([Reference(location=name) for name in names])
    assert [finding.rule for finding in broken.findings] == ["input-unreadable"]
    assert photo.readable
    assert [finding.rule for finding in check(names).findings if finding.severity == "error"] == ["input-unreadable"]


@pytest.mark.parametrize(("delay_ms", "seconds"), [(0, 3.0), (10, 3.0), (11, 0.33), (50, 1.5)])
def test_a_hurried_webp_lasts_as_long_as_in_browsers(tmp_path: Path, delay_ms: int, seconds: float) -> None:
    frames = [Image.new("RGB", (640, 480), (8 * number, 90, 120)) for number in range(30)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=delay_ms)
    report = check([f"{tmp_path}/a.webp#track=video"])
    assert report.totals.video_duration_s == pytest.approx(seconds)
