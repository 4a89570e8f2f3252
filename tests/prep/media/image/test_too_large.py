"""Pictures whose decoder would take more than 1 GB are refused by their header, before anything is decoded."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fixtures.card import card
from fixtures.hostile.files import png
from prep import check, prepare
from prep.errors import UnreadableError
from prep.media.image.metadata_blocks import blocks

SIZE = (400, 300)


def _written(kind: str, **options: Any) -> bytearray:
    written = BytesIO()
    card(SIZE).save(written, kind, **options)
    return bytearray(written.getvalue())


def _lossy_webp(width: int, height: int) -> bytearray:
    data = _written("WEBP")
    data[26:30] = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return data


def _lossless_webp(width: int, height: int) -> bytearray:
    data = _written("WEBP", lossless=True)
    data[21:25] = (width - 1 | (height - 1) << 14).to_bytes(4, "little")
    return data


def _extended_webp(width: int, height: int) -> bytearray:
    data = _written("WEBP", save_all=True, append_images=[Image.new("RGB", SIZE)])
    data[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return data


def _bmp(width: int, height: int) -> bytearray:
    data = _written("BMP")
    data[18:26] = width.to_bytes(4, "little") + height.to_bytes(4, "little")
    return data


def _png(kind: tuple[int, int], *chunks: tuple[bytes, bytes], interlaced: bool = False) -> bytes:
    data = bytearray(png(LARGE, b"", kind, *chunks))
    data[28] = interlaced
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


LARGE = (16_000, 12_000)
FRAMES = (b"acTL", struct.pack(">2I", 3, 0))
CODE_POINTS = (b"cICP", b"\x09\x10\0\1")


@pytest.mark.parametrize(
    ("data", "most"),
    [
        (_png((8, 6), FRAMES), "145,000,000"),
        (_png((8, 2), interlaced=True), "140,000,000"),
        (_png((16, 6), interlaced=True), "60,000,000"),
        (_png((8, 2), CODE_POINTS), "60,000,000"),
    ],
    ids=["animated", "interlaced", "16 bits and interlaced", "code points"],
)
def test_a_png_that_can_not_be_streamed_is_refused_by_its_header(tmp_path: Path, data: bytes, most: str) -> None:
    (tmp_path / "large.png").write_bytes(data)
    with pytest.raises(UnreadableError, match=f"says 16000×12000, 192,000,000 pixels; at most {most} are"):
        check([tmp_path / "large.png"])


@pytest.mark.parametrize("make", [_lossy_webp, _lossless_webp, _extended_webp, _bmp])
def test_a_large_picture_is_refused_by_its_header(tmp_path: Path, make: Callable[[int, int], bytearray]) -> None:
    (tmp_path / "large").write_bytes(make(16_000, 12_000))
    with pytest.raises(UnreadableError, match=r"says 16000×12000, 192,000,000 pixels; at most .* scale it down"):
        check([tmp_path / "large"])


@pytest.mark.parametrize("make", [_lossy_webp, _lossless_webp, _extended_webp, _bmp])
def test_the_size_is_that_of_the_picture(tmp_path: Path, make: Callable[[int, int], bytearray]) -> None:
    (tmp_path / "usual").write_bytes(make(*SIZE))
    info = check([tmp_path / "usual"]).references[0].info
    assert info.model_dump(include={"width", "height"}) == {"width": 400, "height": 300}


def _in_scans(count: int, **options: Any) -> bytes:
    """A JPEG of *count* scans, the last of which come again and again."""
    *head, last, end = [block.content for block in blocks(bytes(_written("JPEG", **options)), "jpeg")]
    scans = 1 + sum(content[1] == 0xDA for content in head)
    return b"".join([*head, *[last] * (count - scans + 1), end])


@pytest.mark.parametrize(
    ("count", "options"),
    [(200_000, {"progressive": True}), (101, {"progressive": True}), (101, {})],
    ids=["very many", "one more", "baseline"],
)
def test_a_jpeg_in_many_scans_is_refused(tmp_path: Path, count: int, options: dict[str, Any]) -> None:
    path = tmp_path / "scans.jpg"
    path.write_bytes(_in_scans(count, **options))
    message = r"scans\.jpg: a JPEG in more than 100 scans, the most that are decoded; save it again"
    with pytest.raises(UnreadableError, match=message):
        check([path])
    with pytest.raises(UnreadableError, match=message):
        prepare([path], out=tmp_path / "out")


def test_a_jpeg_in_as_many_scans_as_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "scans.jpg"
    path.write_bytes(_in_scans(100, progressive=True))
    assert check([path]).ok
    (whole, part) = prepare([path, f"{path}#xywh=0,0,390,300"], out=tmp_path / "out").entries
    assert (whole.steps, [step.kind for step in part.steps]) == ((), ["crop", "encode-image"])
