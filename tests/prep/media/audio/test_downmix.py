"""Channels without places are heard as well: tracks of a recorder, and the sound field of a 360° camera."""

from pathlib import Path

import pytest

from fixtures.ffmpeg import ffmpeg
from prep.api import plan
from tests.prep.media import reading
from tests.prep.media.audio.test_mix import strength
from tests.types import Made

TRACKS = tuple(400 + 200 * index for index in range(9))


def tracks(path: Path, seconds: int) -> Path:
    tones = "|".join(f"0.2*sin(2*PI*{frequency}*t)" for frequency in TRACKS)
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc={tones}:d={seconds}:s=48000", "-c:a", "pcm_s16le", str(path))
    return path


def field(path: Path, *picture: str) -> Path:
    """A tone from the left: as loud in the channel of all directions as in that of left and right."""
    tone = "0.3*sin(2*PI*400*t)"
    sound = f"aevalsrc={tone}|{tone}|0|0:d=3:s=48000:c=ambisonic 1"
    ffmpeg("-f", "lavfi", "-i", sound, *picture, "-c:a", "libopus", "-mapping_family", "2", "-t", "3", str(path))
    return path


@pytest.mark.parametrize("name", ["many.wav", "many.mov"])
def test_every_track_of_a_recorder(made: Made, tmp_path: Path, name: str) -> None:
    path, _ = made(f"{tracks(tmp_path / name, 5)}#t=1,4&track=audio")
    heard = reading.sound(path)
    assert len(heard.channels) == 2
    for channel in (0, 1):
        assert [strength(heard, frequency, channel) for frequency in TRACKS] == pytest.approx([0.2 / 3] * 9, abs=0.005)


def test_the_best_part_of_many_tracks(tmp_path: Path) -> None:
    """To choose it they are listened to."""
    (entry,) = plan([str(tracks(tmp_path / "long.wav", 20))]).entries
    assert [step.kind for step in entry.steps] == ["trim", "encode-audio"]


def test_a_sound_field_keeps_left_and_right(made: Made, tmp_path: Path) -> None:
    heard = reading.sound(made(field(tmp_path / "field.opus"))[0])
    assert [strength(heard, 400, channel) for channel in (0, 1)] == pytest.approx([0.3, 0], abs=0.02)


def test_a_sound_field_beside_a_picture(made: Made, tmp_path: Path) -> None:
    """Once with the picture as it is, once with the picture made anew."""
    picture = ("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30", "-c:v", "libx264")
    source = field(tmp_path / "around.mp4", *picture)
    for reference, kind in ((source, "remux"), (f"{source}#t=0.5,2.7", "encode-video")):
        path, entry = made(reference)
        assert entry.steps[-1].kind == kind
        heard = reading.sound(path)
        assert [strength(heard, 400, channel) for channel in (0, 1)] == pytest.approx([0.3, 0], abs=0.02)


def test_listening_goes_on_where_rate_and_channels_change(tmp_path: Path) -> None:
    """Two MP3 that were put behind each other."""
    for name, rate_hz, channels in (("one", 44_100, 2), ("two", 24_000, 1)):
        tone = f"sine=frequency=400:sample_rate={rate_hz}:duration=10"
        target = str(tmp_path / f"{name}.mp3")
        ffmpeg("-f", "lavfi", "-i", tone, "-ac", str(channels), "-write_xing", "0", "-id3v2_version", "0", target)
    both = tmp_path / "both.mp3"
    both.write_bytes(b"".join((tmp_path / f"{name}.mp3").read_bytes() for name in ("one", "two")))
    (entry,) = plan([str(both)]).entries
    assert [step.kind for step in entry.steps] == ["trim", "encode-audio"]
