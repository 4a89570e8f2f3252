"""Pictures whose decoder would take more than 1 GB are refused by their header, before anything is decoded."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fixtures.card import card
from prep import check
from prep.errors import UnreadableError

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
