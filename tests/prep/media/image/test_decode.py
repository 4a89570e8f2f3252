"""Headers are judged before anything is decoded."""

import struct
import zlib
from pathlib import Path

import pytest

from fixtures.card import card
from prep.errors import UnreadableError
from prep.media.image.decode import MAX_PIXELS, open_image
from tests.prep.probed import probe


def _png_header(path: Path, width: int, height: int) -> None:
    """A PNG that names its size and has hardly any pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


@pytest.mark.parametrize(
    ("width", "height", "refused"),
    [(25_000, 10_000, False), (25_000, 10_001, True), (16_320, 12_240, False)],
    ids=["at the limit", "one row over", "a phone's 200 megapixels"],
)
def test_the_pixel_limit(tmp_path: Path, width: int, height: int, refused: bool) -> None:
    assert MAX_PIXELS == 25_000 * 10_000
    path = tmp_path / "many.png"
    _png_header(path, width, height)
    if not refused:
        with open_image(path, "png") as image:
            assert image.size == (width, height)
        return
    with pytest.raises(UnreadableError, match=r"many\.png: .*25000×10001, 250,025,000 pixels; at most 250,000,000"):
        probe(path)


def test_a_jpeg_of_12_bits_is_named(tmp_path: Path) -> None:
    card((400, 300)).save(tmp_path / "deep.jpg")
    data = bytearray((tmp_path / "deep.jpg").read_bytes())
    data[data.index(b"\xff\xc0") + 4] = 12
    (tmp_path / "deep.jpg").write_bytes(data)
    with pytest.raises(UnreadableError, match=r"deep\.jpg: a JPEG with 12 bits a sample; only 8 are read"):
        probe(tmp_path / "deep.jpg")


def test_an_avif_whose_first_brand_is_the_common_one(tmp_path: Path) -> None:
    """Some writers put mif1 first, and avif among the brands that follow: HEIC's reader has no decoder for it."""
    card((400, 300)).save(tmp_path / "photo.avif")
    data = bytearray((tmp_path / "photo.avif").read_bytes())
    assert data[8:12] == b"avif" and b"avif" in data[16:32]
    data[8:12] = b"mif1"
    (tmp_path / "photo.avif").write_bytes(data)
    assert probe(tmp_path / "photo.avif").container == "avif"


def test_a_frame_that_is_larger_than_its_gif(tmp_path: Path) -> None:
    path = tmp_path / "frame.gif"
    screen, frame = struct.pack("<HHBBB", 1, 1, 0, 0, 0), struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0)
    path.write_bytes(b"GIF89a" + screen + b"," + frame + b"\x02\x02D\x01\x00;")
    with pytest.raises(
        UnreadableError, match=r"frame\.gif: one of its frames has 4,294,836,225 pixels; at most [0-9,]+ are"
    ):
        probe(path)
