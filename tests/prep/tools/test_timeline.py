"""Timelines of files whose sample table is too long to be read whole."""

from pathlib import Path

import av
import pytest

from fixtures.ffmpeg import ffmpeg
from prep.model.media import VideoInfo
from prep.tools.probe import probe

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
