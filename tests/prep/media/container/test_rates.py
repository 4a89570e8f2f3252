"""Frame rates that a container rounds: a constant rate is its nominal rate, whatever the time stamps average to.

A sample of the sweep runs each time; `SWEEP=1` runs all of it.
"""

import os
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import floor
from pathlib import Path

import av
import pytest

from fixtures.ffmpeg import BITEXACT, ffmpeg
from prep import plan
from prep.media.probe.dispatch import probe
from prep.model.media import VideoInfo
from tests.types import Made

LEGAL = ("24", "25", "30000/1001", "30", "50", "60000/1001", "60")
ILLEGAL = {"24000/1001": "video-fps-too-low", "61": "video-fps-too-high"}
# The file that is read, and what it was copied from: Matroska and FLV count in milliseconds, and an MP4 that was copied
# from them keeps their rounding.
WAYS = ("mkv", "flv", "mp4", "mov", "ts", "mkv>mp4", "flv>mov", "live.mkv", "bare.flv")
WHOLE_S = 15.0
LENGTHS_S = (2.0, 2.3, 3.1, 5.0, 7.3, 10.0, 12.7, WHOLE_S)
OPTIONS = {"live.mkv": ("-live", "1"), "bare.flv": ("-flvflags", "no_metadata")}

SWEEP = list(product((*LEGAL, *ILLEGAL), WAYS, LENGTHS_S))
CASES = SWEEP if "SWEEP" in os.environ else SWEEP[::17]


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """15 s of H.264 at one rate, reordered, without sound; encoded once."""
    folder = tmp_path_factory.mktemp("rates")

    def of(rate: str) -> Path:
        path = folder / f"{rate.replace('/', '-')}.mp4"
        if not path.exists():
            frames = floor(WHOLE_S * Fraction(rate))
            source = ("-f", "lavfi", "-i", f"testsrc2=s=640x640:r={rate}", "-frames:v", str(frames))
            ffmpeg(*source, *("-c:v", "libx264", "-preset", "superfast", "-crf", "32", "-bf", "2"), str(path))
        return path

    return of


def _copied(source: Path, way: str, seconds: float, folder: Path) -> Path:
    for number, suffix in enumerate(way.split(">")):
        path = folder / f"{number}.{suffix}"
        cut = ("-t", str(seconds)) if seconds < WHOLE_S else ()
        ffmpeg("-i", str(source), *cut, "-c", "copy", *BITEXACT, *OPTIONS.get(suffix, ()), str(path))
        source = path
    return source


def _packets(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [packet.size for packet in container.demux(video=0) if packet.size]


@pytest.mark.parametrize(("rate", "way", "seconds"), CASES, ids=str)
def test_a_constant_rate_is_its_nominal_rate(
    encoded: Callable[[str], Path],
    made: Made,
    rate: str,
    way: str,
    seconds: float,
    tmp_path: Path,
) -> None:
    source = _copied(encoded(rate), way, seconds, tmp_path)
    info = probe(source)
    assert isinstance(info, VideoInfo)
    nominal = pytest.approx(float(Fraction(rate)), abs=0.001)
    assert (info.fps, info.avg_fps, info.vfr) == (nominal, nominal, False)
    if rate in ILLEGAL:
        steps = plan(source).entries[0].steps
        assert [step.kind for step in steps[-2:]] == ["set-rate", "encode-video"]
        assert ILLEGAL[rate] in steps[-1].because
        return
    output, entry = made(source)
    assert [step.kind for step in entry.steps] == ([] if source.suffix in (".mp4", ".mov") else ["remux"])
    # H.264 in a transport stream has start codes of three or four bytes, and delimiters that MP4 does without
    assert len(_packets(output)) == len(_packets(source))
    assert source.suffix == ".ts" or _packets(output) == _packets(source)


def _stamped(source: Path, ticks: str, folder: Path) -> VideoInfo:
    """The facts of a copy of *source* whose frame N is shown at so many *ticks*, of which 90,000 are a second."""
    fine, path = folder / "fine.mp4", folder / "stamped.mp4"
    scale = ("-video_track_timescale", "90000")
    ffmpeg("-i", str(source), "-c", "copy", *scale, *BITEXACT, str(fine))
    ticks = ticks.replace(",", "\\,")
    ffmpeg("-i", str(fine), "-c", "copy", "-bsf:v", f"setts=pts={ticks}:dts={ticks}", *scale, *BITEXACT, str(path))
    info = probe(path)
    assert isinstance(info, VideoInfo)
    return info


@pytest.mark.parametrize("rate", ["24", "30", "60"])
def test_a_clock_that_wavers_about_a_rate_keeps_it(encoded: Callable[[str], Path], rate: str, tmp_path: Path) -> None:
    """Phones stamp frames by a clock: each is some milliseconds early or late, and the rate is what was set."""
    ticks = 90_000 // int(rate)
    info = _stamped(encoded(rate), f"N*{ticks}+mod(N*7919,{ticks // 8})", tmp_path)
    assert (info.fps, info.avg_fps, info.vfr) == (float(rate), float(rate), False)


@pytest.mark.parametrize("fps", [60.05, 60.5, 23.95])
def test_a_rate_that_is_exactly_another_is_not_rounded(
    encoded: Callable[[str], Path], fps: float, tmp_path: Path
) -> None:
    info = _stamped(encoded("60"), f"floor(N*{90_000 / fps:.6f})", tmp_path)
    assert (info.fps, info.avg_fps, info.vfr) == (pytest.approx(fps, abs=0.002), pytest.approx(fps, abs=0.002), False)


def test_a_frame_that_is_missing_counts_before_and_after_the_copy(
    encoded: Callable[[str], Path], made: Made, tmp_path: Path
) -> None:
    """The header of a Matroska still says 24 fps; a copy as MP4 says less, and has to be judged before it is made."""
    path = tmp_path / "a.mkv"
    without = ("-bsf:v", "noise=drop=eq(n\\,100)")
    ffmpeg("-i", str(encoded("24")), "-t", "6", "-c", "copy", *without, str(path))
    info = probe(path)
    assert isinstance(info, VideoInfo)
    assert (info.fps, info.vfr) == (24, False)
    assert info.avg_fps == pytest.approx(143 / 6, abs=0.1)
    output, entry = made(path)
    after = probe(output)
    assert isinstance(after, VideoInfo) and after.avg_fps >= 24
    assert "set-rate" in [step.kind for step in entry.steps]
