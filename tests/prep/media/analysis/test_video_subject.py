"""The crop of a clip that is too wide or too tall: around what moves, or what stands out; one place for all of it."""

from pathlib import Path

import av
import pytest

from fixtures.face import portrait
from fixtures.ffmpeg import BITEXACT, ffmpeg
from tests.prep.media.scenes import X264, scene
from tests.types import Made

WIDE, TALL = (1600, 400), (400, 1600)
BALL = 120


def _film(path: Path, size: tuple[int, int], at: tuple[int, int], graph: str = "[0][1]overlay=x='{x}':y='{y}'") -> Path:
    """Three seconds of a scene that stays, in front of which a red square moves to and fro around *at*."""
    picture = path.with_suffix(".png")
    scene(3, size).convert("L").save(picture)
    x, y = at[0] - BALL // 2, at[1] - BALL // 2
    moves = graph.format(x=f"{x}+40*sin(t*6)", y=f"{y}+40*cos(t*6)")
    square = ("-f", "lavfi", "-i", f"color=red:s={BALL}x{BALL}:r=25")
    still = ("-loop", "1", "-framerate", "25", "-i", str(picture))
    ffmpeg(*still, *square, "-filter_complex", moves, "-t", "3", "-pix_fmt", "yuv420p", *X264, *BITEXACT, str(path))
    return path


def _red(path: Path) -> tuple[float, tuple[int, int]]:
    """The share of the square that the last frame of *path* shows, and its size."""
    with av.open(str(path)) as container:
        *_, frame = container.decode(video=0)
        image = frame.to_image()  # type: ignore[no-untyped-call]
    red = sum(r > 180 and g < 90 and b < 90 for r, g, b in zip(*[iter(image.tobytes())] * 3, strict=True))
    return red / BALL**2, image.size


@pytest.mark.parametrize(
    ("size", "at"),
    [(WIDE, (1450, 200)), (WIDE, (150, 200)), (TALL, (200, 1450)), (TALL, (200, 200)), (WIDE, (800, 200))],
    ids=["right", "left", "bottom", "top", "middle"],
)
def test_what_moves_stays_in_the_picture(
    made: Made, tmp_path: Path, size: tuple[int, int], at: tuple[int, int]
) -> None:
    path, entry = made(_film(tmp_path / "film.mp4", size, at), fit="crop")
    crop = next(step for step in entry.steps if step.kind == "crop")
    assert crop.note == "around what moves"
    assert crop.x <= at[0] - BALL // 2 - 40 and at[0] + BALL // 2 + 40 <= crop.x + crop.width
    assert crop.y <= at[1] - BALL // 2 - 40 and at[1] + BALL // 2 + 40 <= crop.y + crop.height
    share, made_size = _red(path)
    scaled = (made_size[0] / crop.width) * (made_size[1] / crop.height)
    assert share / scaled > 0.9


@pytest.mark.parametrize("left", [30, 800, 1270])
def test_a_face_stays_whole(made: Made, tmp_path: Path, left: int) -> None:
    """Also when something else moves, at the other side."""
    still, side = tmp_path / "still.png", 300
    portrait(WIDE, (left, 50, side)).save(still)
    mover = ("-f", "lavfi", "-i", f"color=red:s={BALL}x{BALL}:r=25")
    moves = f"[0][1]overlay=x={1450 if left < 700 else 40}:y='140+40*cos(t*6)'"
    film = tmp_path / "film.mp4"
    source = ("-loop", "1", "-framerate", "25", "-i", str(still))
    ffmpeg(*source, *mover, "-filter_complex", moves, "-t", "3", "-pix_fmt", "yuv420p", *X264, *BITEXACT, str(film))
    _, entry = made(film, fit="crop")
    crop = next(step for step in entry.steps if step.kind == "crop")
    assert crop.note == "around the face"
    assert crop.x <= left and left + side <= crop.x + crop.width


def test_where_all_moves_what_stands_out_stays(made: Made, tmp_path: Path) -> None:
    """The camera pans: nothing moves by itself."""
    graph = "[0][1]overlay=x=1400:y=140,scroll=horizontal=0.001"
    _, entry = made(_film(tmp_path / "film.mp4", WIDE, (0, 0), graph), fit="crop")
    crop = next(step for step in entry.steps if step.kind == "crop")
    assert crop.note.startswith("around the area that stands out")


def test_bars_are_the_default(made: Made, tmp_path: Path) -> None:
    _, entry = made(_film(tmp_path / "film.mp4", WIDE, (1450, 200)))
    assert "crop" not in [step.kind for step in entry.steps]
