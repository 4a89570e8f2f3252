"""Bytes read of a remote image with metadata behind its pictures."""

import io
from pathlib import Path

import pillow_heif
import pytest

from prep.media.io.outline import outline
from prep.media.probe.dispatch import probe
from prep.model.media import ImageInfo
from tests.prep.media.far import Far, noise, told


def webp(*, behind: bytes = b"") -> bytes:
    data = io.BytesIO()
    noise(500, 400).save(data, "WEBP", lossless=True, method=0, exif=told(), xmp=b"<x:xmpmeta/>")
    found = data.getvalue()
    return b"RIFF" + (len(found) - 8 + len(behind)).to_bytes(4, "little") + found[8:] + behind


def heic() -> bytes:
    data = io.BytesIO()
    pillow_heif.from_pillow(noise(400, 300)).save(data, quality=90, exif=told())
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        (webp(), ("exif", "xmp")),
        (webp(behind=b"ABCD\3\0\0\0abc\0"), ("exif", "xmp", "private chunk")),
        (heic(), ("exif",)),
    ],
    ids=["webp", "private", "heic"],
)
def test_what_stands_behind_the_picture_is_seen(data: bytes, kinds: tuple[str, ...], tmp_path: Path) -> None:
    far = Far(data)
    info = probe(far)
    assert isinstance(info, ImageInfo)
    assert (info.metadata, info.private_metadata) == (kinds, ("gps", "owner"))
    assert far.read < len(data) / 4
    path = tmp_path / "here"
    path.write_bytes(data)
    assert probe(path) == info


def test_the_rest_reads_as_zeros() -> None:
    data = webp()
    whole = outline(Far(data), "webp")
    assert not isinstance(whole, Path)
    read = whole.read_at(0, len(data) + 100)
    assert len(read) == len(data)
    assert (read[:40], read[-40:]) == (data[:40], data[-40:])
    assert read[1000 : len(data) // 2] == bytes(len(data) // 2 - 1000)
    assert whole.read_at(len(data), 5) == b""


@pytest.mark.parametrize("container", ["jpeg", "png", "gif", "tiff"])
def test_readers_that_seek_by_themselves_get_the_file(container: str) -> None:
    far = Far(b"x" * 100)
    assert outline(far, container) is far


def test_more_of_it_told_than_pictured() -> None:
    """Megabytes of what was thought to be a header: the file is read like any other."""
    far = Far(webp(behind=b"XMP \0\0\x60\0" + bytes(0x60_0000)))
    assert outline(far, "webp") is far
