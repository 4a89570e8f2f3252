"""Bytes read of a remote JPEG or PNG with metadata behind its pixels."""

import io
import zlib
from pathlib import Path
from typing import Any

import pytest

from prep.media.probe.dispatch import probe
from prep.model.media import ImageInfo
from tests.prep.media.far import Far, noise, told


def saved(kind: str, width: int = 600, height: int = 400, **more: Any) -> bytes:
    data = io.BytesIO()
    noise(width, height).save(data, kind, **more)
    return data.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")


JPEG = saved("JPEG", quality=95, exif=told())
PNG = saved("PNG")
LATE = chunk(b"eXIf", told()[6:]) + chunk(b"tEXt", b"Author\0Somebody")
CASES = {
    "jpeg": (JPEG, ("exif",)),
    "progressive": (saved("JPEG", quality=95, progressive=True), ()),
    "trailer": (JPEG + bytes(300), ("exif", "trailer")),
    "long trailer": (JPEG + bytes(40_000), ("exif", "trailer")),
    "pictures behind": (
        saved("MPO", exif=told(), save_all=True, append_images=[noise(500, 400)]),
        ("exif", "application data", "trailer"),
    ),
    "png": (saved("PNG", exif=told()), ("exif",)),
    "behind the pixels": (PNG[:-12] + LATE + PNG[-12:], ("exif", "text")),
    "behind the end": (PNG + b"more", ("trailer",)),
    "pixels in many chunks": (saved("PNG", 900, 400)[:-12] + LATE + PNG[-12:], ("exif", "text")),
}


@pytest.mark.parametrize("name", CASES)
def test_what_stands_behind_the_pixels_is_seen(name: str, tmp_path: Path) -> None:
    data, kinds = CASES[name]
    far, here = Far(data), tmp_path / "here"
    here.write_bytes(data)
    info = probe(far)
    assert isinstance(info, ImageInfo)
    assert info == probe(here)
    assert info.metadata == kinds
    assert far.read < len(data) / 2


def test_much_behind_a_jpeg_is_read() -> None:
    data = JPEG + bytes(100_000)
    info = probe(Far(data))
    assert isinstance(info, ImageInfo)
    assert info.metadata == ("exif", "trailer")


@pytest.mark.parametrize("count", [b"\0\0\0\0", b"\xff\xff\xff\xff"])
def test_an_index_that_lies(count: bytes) -> None:
    data = CASES["pictures behind"][0]
    at = data.index(b"\xb0\x02") if b"\xb0\x02" in data else data.index(b"\x02\xb0")
    broken = data[: at + 4] + count + data[at + 8 :]
    assert isinstance(probe(Far(broken)), ImageInfo)
