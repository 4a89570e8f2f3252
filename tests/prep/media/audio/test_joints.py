"""Sounds with pauses and joints keep their time: what is heard when, by decoded samples."""

from pathlib import Path

import pytest

from fixtures.sound import encode_sound, tones
from prep.model.media import AudioInfo
from tests.prep.media import reading
from tests.types import Made

# How many seconds come out, and which pitch is heard between which of them; 0: silence.
Heard = tuple[tuple[float, float, float], ...]
LINKS: Heard = ((0.3, 2.7, 440), (3.3, 5.7, 880))
CASES: dict[str, tuple[float, Heard]] = {
    "pause.m4a": (6.0, ((1.1, 1.9, 440), (2.1, 3.4, 0), (4.1, 4.9, 560))),
    "pause.m4a#t=3,6": (3.0, ((0.1, 0.4, 0), (1.1, 1.9, 560), (2.1, 2.8, 600))),
    "joined.mp3": (12.2, ((0.3, 3.7, 440), (4.3, 7.7, 660), (8.3, 11.7, 880))),
    "joined.mp3#t=7,10": (3.0, ((0.1, 0.8, 660), (1.4, 2.9, 880))),
    "chained_vorbis.ogg": (6.0, LINKS),
    "chained_flac.ogg": (6.0, LINKS),
    "chained.opus": (6.0, LINKS),
    "chained.opus#t=2,5": (3.0, ((0.1, 0.8, 440), (1.2, 2.8, 880))),
    "chained_vorbis.ogg#t=3.5,5.5": (2.0, ((0.1, 1.9, 880),)),
}


@pytest.mark.parametrize("name", CASES)
def test_pauses_are_silent_and_joints_are_passed_over(made: Made, name: str) -> None:
    seconds, parts = CASES[name]
    path, entry = made(name)
    heard = reading.sound(path)
    assert heard.duration_s == pytest.approx(seconds, abs=0.05)
    for start_s, end_s, pitch_hz in parts:
        if pitch_hz:
            assert heard.pitch_hz(start_s, end_s) == pytest.approx(pitch_hz, rel=0.01)
        else:
            assert heard.loudest(start_s, end_s) < 0.001
    assert isinstance(entry.source.info, AudioInfo)


def test_the_best_window_is_where_opposite_channels_are_heard(made: Made) -> None:
    """Their sum is silent, each of them is not."""
    path, _ = made("opposite.wav")
    heard = reading.sound(path)
    assert heard.duration_s <= 15
    seconds = [index / 10 for index in range(1, int(heard.duration_s * 10) - 1)]
    assert sum(heard.loudest(at, at + 0.1) > 0.3 for at in seconds) == pytest.approx(60, abs=2)


def test_a_sound_that_changes_its_rate_is_made_again(made: Made, tmp_path: Path) -> None:
    """The header of the second file, which no decoder takes for sound, hides nothing behind it."""
    for name, rate_hz in (("first", 44_100), ("second", 48_000)):
        encode_sound(tmp_path / f"{name}.mp3", tones(440, 440), 3, "-id3v2_version", "0", rate_hz=rate_hz)
    joined = tmp_path / "joined.mp3"
    joined.write_bytes(b"".join((tmp_path / f"{name}.mp3").read_bytes() for name in ("first", "second")))
    path, entry = made(joined)
    assert isinstance(entry.source.info, AudioInfo)
    assert [(change.what, change.after) for change in entry.source.info.changes] == [("rate", "48 kHz")]
    heard = reading.sound(path)
    assert heard.pitch_hz(0.3, 2.7) == pytest.approx(440, abs=2)
    assert heard.pitch_hz(3.3, 5.7) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("name", ["alaw.wav", "adpcm.wav", "mp3.wav", "unsized_0.wav", "unsized_f.wav"])
def test_a_wav_that_not_everybody_reads_becomes_a_plain_one(made: Made, name: str) -> None:
    path, _ = made(name)
    data = path.read_bytes()
    at = data.index(b"data")
    heard = reading.sound(path)
    assert (path.suffix, heard.codec) == (".wav", "pcm_s16le")
    assert int.from_bytes(data[at + 4 : at + 8], "little") == len(data) - at - 8
    assert heard.duration_s == pytest.approx(5.0, abs=0.03)
    assert heard.pitch_hz(0.5, 4.5) == pytest.approx(440, rel=0.01)
