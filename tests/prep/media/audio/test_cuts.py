"""Cuts in sounds: exact to the sample, and faded only where they would click."""

from array import array
from pathlib import Path

import pytest

from fixtures.sound import SPEECH, STAIRCASE, encode_sound, tones
from prep.api import plan
from prep.media.audio.encode import make_sound
from prep.media.task import Task
from prep.model.plan import Options
from tests.prep.media import reading
from tests.types import Made, Media

RATE_HZ = 44_100
FADE = RATE_HZ // 100


def _left(path: Path) -> "array[float]":
    return reading.sound(path).channels[0]


def _source(folder: Path, channels: tuple[str, ...], seconds: float) -> Path:
    path = folder / "source.wav"
    encode_sound(path, channels, seconds)
    return path


def test_a_cut_in_the_middle_of_a_wave_is_faded(made: Made, tmp_path: Path) -> None:
    """440 Hz is at its crest a quarter of a wave after each second."""
    source = _source(tmp_path, tones(440), 12)
    crest_s = 0.25 / 440
    path, _ = made(f"{source}#t={2 + crest_s:.6f},{6 + crest_s:.6f}")
    kept, whole = _left(path), _left(source)[round((2 + crest_s) * RATE_HZ) :]
    assert len(kept) == 4 * RATE_HZ
    assert abs(whole[0]) > 0.29
    assert abs(kept[0]) < 0.01
    assert abs(kept[-1]) < 0.01
    assert kept[FADE + 1 : -FADE - 1] == whole[FADE + 1 : 4 * RATE_HZ - FADE - 1]
    half = max(map(abs, kept[FADE // 2 - 60 : FADE // 2 + 60]))
    assert 0.1 < half < 0.2  # in the middle of the fade it is about half as loud


def test_a_cut_at_a_zero_is_not_faded(made: Made, tmp_path: Path) -> None:
    source = _source(tmp_path, tones(441), 12)  # a wave is a hundred samples
    path, _ = made(f"{source}#t=2,5")
    kept = _left(path)
    assert kept[: RATE_HZ * 2] == _left(source)[RATE_HZ * 2 : RATE_HZ * 4]


def test_a_cut_in_a_pause_is_not_faded(made: Made, tmp_path: Path) -> None:
    """Between two and three thousandths of full scale nothing is at zero, but from 2.6 to 3.5 s there is only that."""
    source = _source(tmp_path, (f"0.0005+{SPEECH[0]}",), 12)
    path, _ = made(f"{source}#t=2.8,6.5")
    start = round(2.8 * RATE_HZ)
    kept, whole = _left(path), _left(source)[start : start + round(3.7 * RATE_HZ)]
    assert kept == whole


def test_the_ends_of_the_source_are_not_faded(made: Made, tmp_path: Path) -> None:
    source = _source(tmp_path, ("0.3*cos(2*PI*440*t)",), 6)
    path, _ = made(f"{source}#t=,3")
    assert _left(path)[:FADE] == _left(source)[:FADE]
    path, _ = made(f"{source}#t=2")
    assert _left(path)[-FADE:] == _left(source)[-FADE:]


@pytest.mark.parametrize("suffix", [".wma", ".m4a", ".mp3", ".amr"])
def test_a_decoder_that_gives_a_block_less_is_asked_for_more(made: Made, tmp_path: Path, suffix: str) -> None:
    """No silence at the end of a part that goes on in the source."""
    channels, rate_hz = (tones(440), 8000) if suffix == ".amr" else (STAIRCASE, RATE_HZ)
    codec = ("-c:a", "libopencore_amrnb") if suffix == ".amr" else ()
    encode_sound(tmp_path / f"long{suffix}", channels, 20, *codec, rate_hz=rate_hz)
    path, _ = made(f"{tmp_path}/long{suffix}#t=,9", beside=("at_limit_300.png",))
    heard = reading.sound(path)
    assert heard.duration_s == pytest.approx(9, abs=0.001)
    assert heard.loudest(8.95, 8.99) > 0.2


@pytest.mark.parametrize("suffix", [".mp3", ".m4a"])
@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_all_frames_together_stay_within_fifteen_seconds(made: Made, tmp_path: Path, suffix: str, rate_hz: int) -> None:
    """Also for a reader that counts every frame, the one with the gapless header too."""
    encode_sound(tmp_path / f"long{suffix}", STAIRCASE, 20, rate_hz=rate_hz)
    path, _ = made(f"{tmp_path}/long{suffix}#t=1,16", beside=("at_limit_300.png",))
    frames = len(reading.packets(path, "audio")) + 1
    assert frames * 1152 / rate_hz <= 15.0
    assert reading.sound(path).duration_s > 14.9  # and gapless for one that heeds it


def test_progress_is_measured_on_what_is_wanted(media: Media, tmp_path: Path) -> None:
    """Four seconds of twenty: done is done, not a fifth."""
    source, told = media("song_20s.mp3"), list[float]()
    entry = plan([f"{source}#t=5,9"], options=Options()).entries[0]
    make_sound(Task(source, "mp3", entry, tmp_path / "part.mp3", told.append))
    assert max(told) == 1.0
