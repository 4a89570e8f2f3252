"""Pictures that would have to be fetched: known as the same file here is, and read up to a bound only."""

import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pillow_heif
import pytest

from prep.errors import UnreadableError
from prep.media.probe import image as probing
from prep.media.probe.dispatch import probe
from prep.model.media import ImageInfo
from tests.prep.media.far import Far, noise, private_exif

Media = Callable[[str], Path]


def saved(kind: str, width: int = 600, height: int = 400, **options: Any) -> bytes:
    data = io.BytesIO()
    noise(width, height).save(data, kind, **options)
    return data.getvalue()


def heic() -> bytes:
    data = io.BytesIO()
    pillow_heif.from_pillow(noise(400, 300)).save(data, quality=90, exif=private_exif())
    return data.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")


def webp(appended: bytes) -> bytes:
    data = saved("WEBP", lossless=True, method=0, exif=private_exif(), xmp=b"<x:xmpmeta/>")
    return b"RIFF" + (len(data) - 8 + len(appended)).to_bytes(4, "little") + data[8:] + appended


JPEG, PNG = saved("JPEG", quality=95, exif=private_exif()), saved("PNG")
LATE = chunk(b"eXIf", private_exif()[6:]) + chunk(b"tEXt", b"Author\0Somebody")
CASES = {
    "jpeg": (JPEG, ("exif",)),
    "progressive": (saved("JPEG", quality=95, progressive=True), ()),
    "trailer": (JPEG + bytes(300), ("exif", "trailer")),
    "trailer longer than the tail": (JPEG + bytes(100_000), ("exif", "trailer")),
    "appended pictures": (
        saved("MPO", exif=private_exif(), save_all=True, append_images=[noise(500, 400)]),
        ("exif", "application data", "trailer"),
    ),
    "png": (saved("PNG", exif=private_exif()), ("exif",)),
    "behind the pixels": (PNG[:-12] + LATE + PNG[-12:], ("exif", "text")),
    "behind the end": (PNG + b"more", ("trailer",)),
    "webp": (webp(b""), ("exif", "xmp")),
    "private chunk": (webp(b"ABCD\3\0\0\0abc\0"), ("exif", "xmp", "private chunk")),
    "heic": (heic(), ("exif",)),
}


@pytest.mark.parametrize("name", CASES)
def test_facts_are_those_of_the_same_file_here(name: str, tmp_path: Path) -> None:
    data, kinds = CASES[name]
    (tmp_path / "here").write_bytes(data)
    info = probe(Far(data))
    assert isinstance(info, ImageInfo)
    assert info == probe(tmp_path / "here")
    assert info.metadata == kinds
    assert info.private_metadata == (("gps", "owner") if "exif" in kinds else ())


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "heic"])
@pytest.mark.parametrize("spare", [0, -1], ids=["at the bound", "one byte over"])
def test_a_picture_is_read_up_to_a_bound(
    name: str, spare: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, _ = CASES[name]
    monkeypatch.setattr(probing, "MAX_BYTES", len(data) + spare)
    far = Far(data)
    if spare == 0:
        assert probe(far).bytes == len(data)
        return
    (tmp_path / "here").write_bytes(data)
    for item in (far, tmp_path / "here"):
        with pytest.raises(UnreadableError, match=r"at most [\d,]+ are read; save it again"):
            probe(item)
    assert far.read < 10_000


@pytest.mark.parametrize("name", ["photo.tiff", "photo.bmp", "photo.jxl"])
def test_of_other_formats_only_the_header_is_read(name: str, media: Media) -> None:
    data = media(name).read_bytes()
    far = Far(data)
    assert probe(far) == probe(media(name))
    assert far.read < min(len(data), 200_000)


@pytest.mark.parametrize("share", [0.6, 0.99])
@pytest.mark.parametrize("name", ["photo.bmp", "photo.tiff", "plain.tiff", "photo.jp2"])
def test_a_picture_that_is_not_fetched_as_a_whole_is_refused_when_cut(name: str, share: float, media: Media) -> None:
    """Its header says how far it reaches."""
    data = saved("TIFF") if name == "plain.tiff" else media(name).read_bytes()
    assert probe(Far(data)).bytes == len(data)
    with pytest.raises(UnreadableError):
        probe(Far(data[: int(len(data) * share)]))
