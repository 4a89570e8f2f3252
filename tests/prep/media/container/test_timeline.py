"""Timelines of files whose sample table is too long to be read whole, and of those with long gaps."""

from pathlib import Path

import av
import pytest

from fixtures.clip import encode_clip
from fixtures.ffmpeg import BITEXACT, ffmpeg
from prep.model.media import VideoInfo
from tests.prep.media import reading
from tests.prep.probed import probe
from tests.types import Made

FRAMES = 24_000
STEADY = "N/60/TB"
# half of the frames at 60, half at 30 in a second
CHANGING = f"if(lt(N,{FRAMES // 2}),N/60,{FRAMES // 2}/60+(N-{FRAMES // 2})/30)/TB"


@pytest.mark.parametrize(("times", "vfr"), [(STEADY, False), (CHANGING, True)], ids=["steady", "changing"])
def test_a_long_sample_table_is_told_from_stretches_of_it(times: str, vfr: bool, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    source = f"color=gray:s=64x64:r=60,setpts='{times}'"
    encode = ("-frames:v", str(FRAMES), "-fps_mode", "vfr", "-c:v", "libx264", "-preset", "ultrafast")
    ffmpeg("-f", "lavfi", "-i", source, *encode, str(path))
    with av.open(str(path)) as container:
        shown = sorted(float(p.pts * p.time_base) for p in container.demux(video=0) if p.pts is not None)
    info = probe(path)
    assert isinstance(info, VideoInfo)
    assert len(shown) == FRAMES
    assert info.vfr is vfr
    assert info.picture_s == pytest.approx(shown[-1] - shown[0], abs=0.05)
    assert info.avg_fps == pytest.approx((FRAMES - 1) / (shown[-1] - shown[0]), rel=0.001)
    assert info.fps == pytest.approx(60, abs=0.01) or vfr


@pytest.mark.parametrize("name", ["still.mp4", "still.mkv"])
def test_a_recording_that_stands_still_for_long_keeps_the_rate_of_its_motion(
    made: Made, name: str, tmp_path: Path
) -> None:
    """60 fps for a second, nothing for three, half a second of motion, nothing for three, and motion again."""
    moving = "lt(t,1)+between(t,4,4.5)+gte(t,7.5)"
    still = f"select='{moving}'"
    output = ("-fps_mode", "vfr")
    encode_clip(tmp_path / name, size=(854, 480), rate="60", seconds=8.5, after_clock=still, sound=None, output=output)
    path, entry = made(tmp_path / name)
    assert isinstance(entry.source.info, VideoInfo)
    assert (entry.source.info.vfr, entry.source.info.avg_fps < 24) == (True, True)
    assert reading.picture(path).rate == 60
    clocks = reading.clocks(path)
    for number, clock in enumerate(clocks):
        moved = number < 60 or 240 <= number <= 270 or number >= 450
        assert abs(number - clock) <= 1 if moved else clock in (59, 270, 271)


@pytest.mark.parametrize("rate", ["10", "25"])
def test_a_matroska_with_deep_reordering_is_one_recording(tmp_path: Path, rate: str) -> None:
    """Its first pictures have no decoding time, and their display times go back."""
    path = tmp_path / "deep.mkv"
    source = ("-f", "lavfi", "-i", f"testsrc2=s=320x240:r={rate}:d=4")
    ffmpeg(*source, "-c:v", "libx264", "-bf", "8", "-b_strategy", "0", *BITEXACT, str(path))
    info = probe(path)
    assert isinstance(info, VideoInfo)
    assert (info.duration_s, info.avg_fps) == (pytest.approx(4.0, abs=0.01), float(rate))
