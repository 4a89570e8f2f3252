"""Peak memory of a picture, measured in a process of its own."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fixtures.card import texture

# A small picture first, so that everything is imported and warm.
MEASURE = """
import resource, sys
from pathlib import Path
from typing import Any
from prep import prepare

def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

small, large, out = sys.argv[1:]
prepare([small], out=Path(out) / "small")
before = peak_bytes()
made = prepare([large], out=Path(out) / "large").entries[0].output.info
print(peak_bytes() - before, made.width, made.height)
"""


def _grown(tmp_path: Path, large: Path) -> tuple[int, tuple[int, int]]:
    Image.new("RGB", (250, 250), "orange").save(tmp_path / "small.jpg")
    argv = [sys.executable, "-c", MEASURE, str(tmp_path / "small.jpg"), str(large), str(tmp_path)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=120)
    grown, width, height = map(int, done.stdout.split())
    return grown, (width, height)


def _photograph(path: Path, size: tuple[int, int], **options: Any) -> None:
    """Grain that costs a decoder what a photograph does; one colour would take too few bytes."""
    tile, image = texture((1000, 1000), seed=3), Image.new("RGB", size)
    for x in range(0, size[0], tile.width):
        for y in range(0, size[1], tile.height):
            image.paste(tile, (x, y))
    image.save(path, **options)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_jpeg_is_never_in_memory_as_a_whole(tmp_path: Path, orientation: int) -> None:
    """48 megapixels that become 6000×4500, upright or turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    _photograph(tmp_path / "large.jpg", (8_064, 6_048), quality=90, exif=exif)
    grown, size = _grown(tmp_path, tmp_path / "large.jpg")
    assert size == ((6000, 4500) if orientation == 1 else (4500, 6000))
    assert grown <= 1.2 * 8_064 * 6_048 * 4  # as Pillow keeps them


def test_a_jpeg_is_decoded_at_the_size_that_is_needed(tmp_path: Path) -> None:
    """108 megapixels, of which 6000×4500 are needed: never all of them."""
    _photograph(tmp_path / "large.jpg", (12_000, 9_000))
    grown, size = _grown(tmp_path, tmp_path / "large.jpg")
    assert size == (6000, 4500)
    assert grown <= 1.5 * 6000 * 4500 * 4
