"""How much memory a picture takes, in a process of its own: the most at any moment, over what was in use before."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

# A small picture first, so that everything is imported and warm.
MEASURE = """
import resource, sys
from pathlib import Path
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


@pytest.mark.parametrize("orientation", [1, 3])
def test_a_jpeg_is_decoded_at_the_size_that_is_needed(tmp_path: Path, orientation: int) -> None:
    """108 megapixels, of which 6000×4500 are needed: never all of them, and never twice what is needed upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (12_000, 9_000), "orange").save(tmp_path / "large.jpg", exif=exif)
    grown, size = _grown(tmp_path, tmp_path / "large.jpg")
    assert size == (6000, 4500)
    needed = 6000 * 4500 * 4  # as Pillow keeps them
    copies = 1 if orientation == 1 else 2
    assert grown <= 1.2 * needed * copies


def test_scaling_keeps_the_source_and_the_result_and_no_more(tmp_path: Path) -> None:
    """48 megapixels to 6000×4500: a scaler that works across and then down would keep a third picture between."""
    Image.new("RGB", (8_064, 6_048), "orange").save(tmp_path / "large.jpg")
    grown, size = _grown(tmp_path, tmp_path / "large.jpg")
    assert size == (6000, 4500)
    assert grown <= 1.2 * (8_064 * 6_048 + 6000 * 4500) * 4
