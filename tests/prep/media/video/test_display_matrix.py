"""Display matrices of any kind: quarter turns are those that ffmpeg sees, and anything else is left out of account."""

import struct
import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from prep import check, prepare
from prep.model.media import VideoInfo
from tests.prep.media import reading
from tests.types import Media

ONE = 65_536
Matrix = tuple[float, float, float, float]
QUARTERS: dict[str, Matrix] = {
    "90": (0, 1, -1, 0),
    "180": (-1, 0, 0, -1),
    "270": (0, -1, 1, 0),
    "mirrored": (-1, 0, 0, 1),
    "180, mirrored": (1, 0, 0, -1),
    "90, mirrored": (0, -1, -1, 0),
    "270, mirrored": (0, 1, 1, 0),
    "90, half as large": (0, 0.5, -0.5, 0),
    "90, with a small error": (0.004, 1, -1, 0.004),
    "90, sheared a little": (0, 1, -1, 0.004),
}
# A player may shear, scale or tilt; a picture is prepared as it is stored.
OTHERS: dict[str, Matrix] = {
    "identity": (1, 0, 0, 1),
    "half as large": (0.5, 0, 0, 0.5),
    "45": (0.7, 0.7, -0.7, 0.7),
    "45, mirrored": (-0.7, 0.7, 0.7, 0.7),
    "2": (1, 0.035, -0.035, 1),
    "zeros": (0, 0, 0, 0),
    "no width": (0, 0, 0, 1),
    "no height": (1, 0, 0, 0),
    "sheared": (1, 512, 0, 1),
}
IDENTITY: Matrix = (1, 0, 0, 1)
PLACES = {b"tkhd": 44, b"mvhd": 40}


def _with(source: Path, target: Path, **matrices: Matrix) -> Path:
    data = bytearray(source.read_bytes())
    for name, matrix in matrices.items():
        a, b, c, d = (round(value * ONE) for value in matrix)
        struct.pack_into(">5i", data, data.index(name.encode()) + PLACES[name.encode()], a, b, 0, c, d)
    target.write_bytes(data)
    return target


def _info(path: Path) -> VideoInfo:
    info = check([path]).references[0].info
    assert isinstance(info, VideoInfo)
    return info


def _by_ffmpeg(path: Path, *, size: tuple[int, int]) -> Image.Image:
    """The first frame as ffmpeg turns it by itself."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", path, "-frames:v", "1"]
    done = subprocess.run(
        [*command, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], capture_output=True, timeout=60, check=True
    )
    return Image.frombytes("RGB", size, done.stdout)


def _apart(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize("box", ["tkhd", "mvhd"])
@pytest.mark.parametrize("name", QUARTERS)
def test_quarter_turns_are_those_of_ffmpeg(media: Media, tmp_path: Path, name: str, box: str) -> None:
    path = _with(media("fragmented.mp4"), tmp_path / "turned.mp4", **{box: QUARTERS[name]})
    info = _info(path)
    stored = reading.first_image(path)
    mirrored = ImageOps.mirror(stored) if info.mirrored else stored
    upright = mirrored.rotate(-info.rotation, expand=True)
    assert (upright.size, _apart(stored, upright.resize(stored.size)) > 5) == ((info.width, info.height), True)
    assert _apart(upright, _by_ffmpeg(path, size=upright.size)) < 3


def test_the_matrices_of_track_and_movie_add_up(media: Media, tmp_path: Path) -> None:
    quarter = QUARTERS["90"]
    both = _info(_with(media("fragmented.mp4"), tmp_path / "a.mp4", tkhd=quarter, mvhd=quarter))
    back = _info(_with(media("fragmented.mp4"), tmp_path / "b.mp4", tkhd=quarter, mvhd=QUARTERS["270"]))
    tilted = _info(_with(media("fragmented.mp4"), tmp_path / "c.mp4", tkhd=OTHERS["45"], mvhd=OTHERS["45"]))
    assert [info.rotation for info in (both, back, tilted)] == [180, 0, 90]


@pytest.mark.parametrize("name", OTHERS)
def test_any_other_matrix_turns_nothing(media: Media, tmp_path: Path, name: str) -> None:
    info = _info(_with(media("fragmented.mp4"), tmp_path / "odd.mp4", mvhd=OTHERS[name]))
    assert (info.rotation, info.mirrored, info.height) == (0, False, 720)


@pytest.mark.parametrize("name", ["45", "sheared"])
def test_what_is_made_is_the_picture_as_it_is_stored(media: Media, tmp_path: Path, name: str) -> None:
    path = _with(media("fragmented.mp4"), tmp_path / "odd.mp4", mvhd=OTHERS[name])
    (entry,) = prepare([f"{path}#t=0,2&xywh=0,0,1280,700"], out=tmp_path / "out").entries
    assert "encode-video" in [step.kind for step in entry.steps]
    made = tmp_path / "out" / str(entry.output.path)
    assert reading.picture(made).turned is False
    stored = reading.first_image(path).crop((0, 0, 1280, 700))
    assert _apart(stored, reading.first_image(made)) < 4
