"""Damage in the middle of a picture whose header and end are fine. Made here, file by file."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fixtures.card import texture
from prep import check, prepare
from prep.errors import PrepError, UnreadableError
from prep.model.finding import Finding

SIZE = (900, 700)


def _coded(container: str, mode: str = "RGB", **options: Any) -> bytearray:
    written = BytesIO()
    texture(SIZE, seed=5).convert(mode).save(written, container, **options)
    return bytearray(written.getvalue())


def _zeroed(data: bytearray, count: int) -> bytearray:
    """What a disk or a copy that was broken off leaves."""
    data[len(data) // 2 : len(data) // 2 + count] = bytes(count)
    return data


def _without(data: bytearray, count: int | None = None) -> bytearray:
    """Its second half begins *count* bytes later; None: it has none."""
    half = len(data) // 2
    return data[:half] + (data[half + count :] if count is not None else b"")


def _found(path: Path, part: str = "", **options: Any) -> tuple[list[Finding], Path]:
    """What was said of damage, and what was made."""
    out = path.with_name("out")
    manifest = prepare([f"{path}{part}"], out=out, **options)
    made = manifest.entries[0].output.path
    assert made is not None
    return [finding for finding in manifest.findings if finding.rule == "image-damaged"], out / made


@pytest.fixture
def whole() -> bytearray:
    return _coded("JPEG")


DAMAGED: dict[str, Callable[[], bytearray]] = {
    "zeros in it": lambda: _zeroed(_coded("JPEG"), 512),
    "zeros between restarts": lambda: _zeroed(_coded("JPEG", restart_marker_rows=1), 512),
    "zeros in a progressive one": lambda: _zeroed(_coded("JPEG", progressive=True), 512),
    "zeros in a grey one": lambda: _zeroed(_coded("JPEG", mode="L"), 512),
    "a piece of one with all its chroma is missing": lambda: _without(_coded("JPEG", subsampling="4:4:4"), 512),
    "a piece is missing": lambda: _without(_coded("JPEG"), 512),
    "it ends early": lambda: _without(_coded("JPEG")) + b"\xff\xd9",
}


@pytest.mark.parametrize("part", ["", "#xywh=0,0,880,700"], ids=["as it is", "re-made"])
@pytest.mark.parametrize("make", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_jpeg_is_told_whether_it_is_made_anew_or_not(
    make: Callable[[], bytearray], part: str, tmp_path: Path
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(make())
    assert not [finding for finding in check([path]).findings if finding.rule == "image-damaged"]  # decodes nothing
    (finding,), made = _found(path, part)
    assert (finding.severity, finding.subject, finding.tag) == ("warning", "photo.jpg", "@Image1")
    assert finding.actual in finding.message
    assert (made.read_bytes() == path.read_bytes()) == (part == "")
    with Image.open(made) as image:
        assert image.size == ((880, 700) if part else SIZE)


@pytest.mark.parametrize("part", ["", "#xywh=0,0,880,700"], ids=["as it is", "re-made"])
@pytest.mark.parametrize("options", [{}, {"restart_marker_rows": 1}, {"progressive": True}], ids=str)
def test_a_whole_one_is_not_called_damaged(options: dict[str, Any], part: str, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(_coded("JPEG", **options))
    assert _found(tmp_path / "photo.jpg", part)[0] == []


@pytest.mark.parametrize(("padding", "findings"), [(0, 0), (8, 0), (16, 0), (32, 1)])
def test_a_few_bytes_of_padding_before_the_end_are_no_damage(
    padding: int, findings: int, whole: bytearray, tmp_path: Path
) -> None:
    """Some cameras fill up their data; a picture that lost its place leaves more."""
    (tmp_path / "photo.jpg").write_bytes(whole[:-2] + bytes(padding) + whole[-2:])
    assert len(_found(tmp_path / "photo.jpg")[0]) == findings


def test_what_follows_the_picture_is_no_damage(whole: bytearray, tmp_path: Path) -> None:
    """Phones add a clip, or a second picture."""
    (tmp_path / "photo.jpg").write_bytes(whole + b"MotionPhoto_Data" * 10 + whole)
    assert _found(tmp_path / "photo.jpg")[0] == []


def test_damage_below_the_part_that_is_used_is_not_told(whole: bytearray, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(_zeroed(whole, 512))
    assert _found(tmp_path / "photo.jpg", "#xywh=0,0,300,300")[0] == []


def test_what_is_whole_above_the_damage_stays(whole: bytearray, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(_zeroed(bytearray(whole), 512))
    _, made = _found(path, "#xywh=0,0,880,700")
    with Image.open(made) as image, Image.open(BytesIO(whole)) as wanted:
        pairs = zip(image.crop((0, 0, 880, 200)).tobytes(), wanted.crop((0, 0, 880, 200)).tobytes(), strict=True)
        assert max(abs(a - b) for a, b in pairs) < 40  # as one more JPEG leaves it


def test_metadata_left_out_does_not_hide_damage(whole: bytearray, tmp_path: Path) -> None:
    from prep.model.plan import Options

    exif = Image.Exif()
    exif[0x010F] = "Maker"
    written = BytesIO()
    with Image.open(BytesIO(whole)) as image:
        image.save(written, "JPEG", exif=exif)
    (tmp_path / "photo.jpg").write_bytes(_zeroed(bytearray(written.getvalue()), 512))
    found, made = _found(tmp_path / "photo.jpg", options=Options(strip_metadata=True))
    assert len(found) == 1
    assert b"Maker" not in made.read_bytes()


@pytest.mark.parametrize("part", ["", "#xywh=0,0,880,700"], ids=["as it is", "re-made"])
def test_a_png_that_does_not_decode_is_refused(part: str, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(_zeroed(_coded("PNG"), 512))
    with pytest.raises(PrepError, match=r"photo\.png: .*decode"):
        _found(tmp_path / "photo.png", part)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("part", ["", "#xywh=0,0,880,700"], ids=["as it is", "re-made"])
def test_a_png_that_decodes_with_a_wrong_checksum_is_told(part: str, tmp_path: Path) -> None:
    """Pillow does not look at it."""
    data = _coded("PNG")
    data[-14] ^= 1  # of the last chunk of pixels
    (tmp_path / "photo.png").write_bytes(data)
    (finding,), _ = _found(tmp_path / "photo.png", part)
    assert "checksum" in finding.message


def test_a_webp_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    data = _coded("WEBP", lossless=True)
    half = len(data) // 2
    data[4:8] = (half - 8).to_bytes(4, "little")  # the frame around it ends there as well
    (tmp_path / "photo.webp").write_bytes(data[:half])
    with pytest.raises(UnreadableError, match=r"photo\.webp"):
        _found(tmp_path / "photo.webp")
