"""`loudness`: measured on what came out, by ffmpeg's own meter."""

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import imageio_ffmpeg
import pytest

from fixtures.sound import SPEECH, STEREO, encode_sound
from tests.prep.media import reading
from tests.types import Made, Media

CLICKS = ("0.03*sin(2*PI*440*t)+0.9*lt(mod(t,0.7),0.002)",)


class Loudness(NamedTuple):
    lufs: float
    peak_dbtp: float


def loudness(path: Path) -> Loudness:
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-i", str(path), "-af", "ebur128=peak=true"]
    said = subprocess.run([*argv, "-f", "null", "-"], capture_output=True, text=True, check=True, timeout=60).stderr
    summary = said[said.rindex("Summary:") :]
    lufs, peak = re.findall(r"(?:I|Peak): +(-?[\d.]+|-inf)", summary)
    return Loudness(float(lufs), float(peak))


@pytest.mark.parametrize(
    ("channels", "wanted"),
    [
        (tuple(f"0.01*{side}" for side in STEREO), -16.0),  # far too quiet
        (("0.9*sin(2*PI*440*t)",), -23.0),  # too loud
        (SPEECH, -12.0),  # peaks have to be limited
        (CLICKS, -20.0),  # all of its loudness is between the peaks
    ],
    ids=["quiet", "loud", "speech", "clicks"],
)
@pytest.mark.parametrize("suffix", [".wav", ".mp3"])
def test_the_loudness_asked_for_comes_out(
    made: Made, tmp_path: Path, channels: tuple[str, ...], wanted: float, suffix: str
) -> None:
    encode_sound(tmp_path / f"take{suffix}", channels, 8, rate_hz=48_000)
    path, entry = made(f"{tmp_path}/take{suffix}#t=1,7", loudness=wanted)
    found = loudness(path)
    assert found.lufs == pytest.approx(wanted, abs=0.3)
    assert found.peak_dbtp <= -1.0
    assert reading.sound(path).duration_s == pytest.approx(6, abs=0.001)
    assert [step.kind for step in entry.steps] == ["trim", "set-loudness", "encode-audio"]


def test_what_complies_is_made_anew_only_when_asked(made: Made, media: Media) -> None:
    path, entry = made("voice.mp3")
    assert reading.sha256(path) == reading.sha256(media("voice.mp3"))
    path, entry = made("voice.mp3", loudness=-18.0)
    assert loudness(path).lufs == pytest.approx(-18, abs=0.3)
    assert {step.kind: step.because for step in entry.steps} == {"set-loudness": ("asked",), "encode-audio": ("asked",)}


def test_silence_stays_silence(made: Made, tmp_path: Path) -> None:
    encode_sound(tmp_path / "silence.wav", ("0",), 4)
    path, _ = made(tmp_path / "silence.wav", loudness=-16.0)
    assert reading.sound(path).loudest(0, 4) == 0
