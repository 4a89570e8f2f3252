"""Animations as videos: the frames at the times that browsers show them, whatever the format."""

import subprocess
from pathlib import Path

import av
import imageio_ffmpeg
import pytest
from PIL import Image

from fixtures.card import card
from fixtures.clock import draw_clock, read_clock
from prep import check, prepare
from prep.model.media import VideoInfo
from tests.types import Media

MIXED_MS = [10, 50, 10, 200, 20, 100, 0, 300]
SHOWN_S = [0.0, 0.1, 0.15, 0.25, 0.45, 0.47, 0.57, 0.67]


def _animation(path: Path, durations_ms: list[int]) -> Path:
    frames = [card((640, 480)) for _ in durations_ms]
    for number, frame in enumerate(frames):
        draw_clock(frame, number)
    options = {"speed": 10} if path.suffix == ".avif" else {}
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=durations_ms, loop=0, **options)
    return path


def _changes(path: Path) -> dict[int, float]:
    """When each frame of the clock is first seen."""
    seen: dict[int, float] = {}
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            image: Image.Image = frame.to_image()
            seen.setdefault(read_clock(image.resize((640, 480))), float(frame.time or 0))
    return seen


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "avif"])
def test_frames_come_when_browsers_show_them(tmp_path: Path, suffix: str) -> None:
    path = _animation(tmp_path / f"a.{suffix}", MIXED_MS)
    info = check([f"{path}#track=video"]).references[0].info
    assert isinstance(info, VideoInfo)
    assert (info.duration_s, info.vfr) == (pytest.approx(0.97), True)
    made = prepare([f"{path}#track=video"], out=tmp_path / "out").entries[0]
    seen = _changes(tmp_path / "out" / str(made.output.path))
    late = {number: at - SHOWN_S[number] for number, at in seen.items()}
    assert set(seen) >= {0, 1, 2, 3, 5, 6, 7}  # one is too short for the rate
    assert all(-0.03 <= each <= 0.045 for each in late.values()), late


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "avif"])
@pytest.mark.parametrize(("delay_ms", "seconds"), [(0, 3.0), (10, 3.0), (20, 0.6), (50, 1.5)])
def test_a_hurried_animation_lasts_as_long_as_in_browsers(
    tmp_path: Path, suffix: str, delay_ms: int, seconds: float
) -> None:
    path = _animation(tmp_path / f"a.{suffix}", [delay_ms] * 30)
    assert check([f"{path}#track=video"]).totals.video_duration_s == pytest.approx(seconds)


def test_a_part_counts_by_the_same_times(tmp_path: Path) -> None:
    path = _animation(tmp_path / "a.gif", [10] * 40)
    made = prepare([f"{path}#t=1,3&track=video"], out=tmp_path / "out").entries[0]
    seen = _changes(tmp_path / "out" / str(made.output.path))
    assert list(seen) == list(range(10, 30))


def test_a_heic_sequence_without_a_still_is_a_video(media: Media, tmp_path: Path) -> None:
    path = tmp_path / "sequence.heics"
    program, codec = imageio_ffmpeg.get_ffmpeg_exe(), ("-an", "-c:v", "libx265", "-x265-params", "log-level=none")
    source = ("-v", "error", "-i", media("clip_720p.mp4"), "-t", "2.2")
    subprocess.run([program, *source, *codec, "-f", "mp4", path], check=True, timeout=60)
    data = bytearray(path.read_bytes())
    data[8:12], data[16:20] = b"msf1", b"hevc"
    path.write_bytes(data)
    made = prepare([path], out=tmp_path / "out").entries[0]
    assert [step.kind for step in made.steps] == ["remux"]
    assert isinstance(made.output.info, VideoInfo)
    assert made.output.info.duration_s == pytest.approx(2.2, abs=0.05)
