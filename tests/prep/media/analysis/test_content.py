"""Loudness of a part, beside ffmpeg's own meter."""

from pathlib import Path

import pytest

from fixtures.sound import SPEECH, STEREO, SURROUND, encode_sound
from prep.media.analysis.content import measure_loudness
from prep.media.probe.dispatch import demuxer_of
from prep.model.media import AudioInfo
from tests.prep.media.audio.test_loudness import loudness
from tests.prep.probed import probe


def _lufs(path: Path, start_s: float = 0.0, end_s: float | None = None) -> float | None:
    info = probe(path, "audio")
    assert isinstance(info, AudioInfo)
    part = (start_s, info.duration_s if end_s is None else end_s)
    return measure_loudness(path, demuxer_of(path), info, part)


def _by(gain: float, channels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{gain}*({channel})" for channel in channels)


@pytest.mark.parametrize(
    "channels",
    [STEREO, SPEECH, SURROUND, _by(0.01, SPEECH), ("0.3*sin(2*PI*440*t)", "-0.3*sin(2*PI*440*t)")],
    ids=["tones", "speech", "5.1", "faint speech", "out of phase"],
)
@pytest.mark.parametrize("suffix", [".wav", ".m4a"])
def test_as_loud_as_ffmpeg_says(tmp_path: Path, channels: tuple[str, ...], suffix: str) -> None:
    path = tmp_path / f"take{suffix}"
    encode_sound(path, channels, 4, rate_hz=48_000)
    assert _lufs(path) == pytest.approx(loudness(path).lufs, abs=0.15)


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".flac"])
def test_only_the_part_is_heard(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"take{suffix}"
    encode_sound(path, ("if(between(t,4,7),0.3*sin(2*PI*440*t),0)",), 10, rate_hz=48_000)
    loud, quiet, late = _lufs(path, 4, 7), _lufs(path, 0.5, 3.5), _lufs(path, 7.5)
    assert quiet == late == -70.0
    assert loud is not None and loud > -20


def test_a_quiet_recording_that_is_clear_is_not_near_silence(tmp_path: Path) -> None:
    """30 dB below what a broadcast would make of it, and still above −50 LUFS."""
    encode_sound(tmp_path / "memo.wav", _by(0.03, SPEECH), 6)
    lufs = _lufs(tmp_path / "memo.wav")
    assert lufs is not None and -50 < lufs < -40


def test_noise_of_one_step_of_16_bits_is_silence(tmp_path: Path) -> None:
    encode_sound(tmp_path / "hiss.wav", ("(random(0)-0.5)/32768*2",), 4)
    assert _lufs(tmp_path / "hiss.wav") == -70.0


def test_what_is_too_short_to_be_measured_is_not_judged(tmp_path: Path) -> None:
    encode_sound(tmp_path / "click.wav", ("0",), 0.4)
    assert _lufs(tmp_path / "click.wav") is None
