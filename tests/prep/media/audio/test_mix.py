"""Several channels, and samples beyond full scale, become stereo that does not clip."""

from math import cos, pi, sin
from pathlib import Path

import pytest

from fixtures.sound import SURROUND, encode_sound, tones
from tests.prep.media import reading
from tests.types import Made

EIGHT = tones(400, 600, 800, 60, 1000, 1200, 1400, 1600)


def strength(heard: reading.Sound, frequency_hz: int, channel: int = 0) -> float:
    """The amplitude of one frequency in the second second, by correlation."""
    part = heard.channels[channel][heard.rate_hz : heard.rate_hz + heard.rate_hz // 4]
    turn = 2 * pi * frequency_hz / heard.rate_hz
    real = sum(sample * cos(turn * n) for n, sample in enumerate(part))
    imaginary = sum(sample * sin(turn * n) for n, sample in enumerate(part))
    return 2 * float(real * real + imaginary * imaginary) ** 0.5 / len(part)


@pytest.mark.parametrize(
    ("channels", "left", "right"),
    [
        (
            SURROUND,
            {400: 1, 600: 0, 800: 0.707, 60: 0, 1000: 0.707, 1200: 0},
            {400: 0, 600: 1, 800: 0.707, 1200: 0.707},
        ),
        (
            EIGHT,
            {400: 1, 800: 0.707, 1000: 0.707, 1400: 0.707, 1600: 0},
            {600: 1, 800: 0.707, 1200: 0.707, 1600: 0.707},
        ),
    ],
    ids=["5.1", "7.1"],
)
def test_every_channel_is_heard_as_loud_as_it_should_be(
    made: Made, tmp_path: Path, channels: tuple[str, ...], left: dict[int, float], right: dict[int, float]
) -> None:
    """Shares of ITU-R BS.775: front 1, centre and surround 0.707; the rest of the mix does not turn them down."""
    encode_sound(tmp_path / "around.flac", tuple(f"0.5*{tone}" for tone in channels), 3, rate_hz=48_000)
    path, _ = made(tmp_path / "around.flac")
    heard = reading.sound(path)
    assert len(heard.channels) == 2
    for channel, shares in enumerate((left, right)):
        found = {frequency: strength(heard, frequency, channel) / 0.15 for frequency in shares}
        assert found == pytest.approx(shares, abs=0.03)


@pytest.mark.parametrize("count", [6, 8])
@pytest.mark.parametrize("suffix", [".flac", ".wav"])
def test_a_full_mix_does_not_clip(made: Made, tmp_path: Path, count: int, suffix: str) -> None:
    """All channels at full scale and in step add up to three times full scale; clipped, that rings with harmonics."""
    source = tmp_path / f"full{suffix}"
    encode_sound(source, ("0.99*sin(2*PI*440*t)",) * count, 6, rate_hz=48_000)
    path, _ = made(f"{source}#t=1,4")
    heard = reading.sound(path)
    assert len(heard.channels) == 2
    assert 0.85 < heard.loudest(0.1, 2.9) < 0.95
    assert strength(heard, 1320) < 0.002
    assert strength(heard, 440) == pytest.approx(0.891, abs=0.02)


def test_floats_beyond_full_scale_do_not_clip(made: Made, tmp_path: Path) -> None:
    encode_sound(tmp_path / "hot.wav", ("2.5*sin(2*PI*440*t)",) * 2, 6, "-c:a", "pcm_f32le", rate_hz=48_000)
    path, _ = made(f"{tmp_path}/hot.wav#t=1,4")
    heard = reading.sound(path)
    assert heard.codec == "pcm_s16le"
    assert strength(heard, 440) == pytest.approx(0.891, abs=0.01)
    assert strength(heard, 1320) < 0.002


def test_what_fits_is_as_loud_as_before(made: Made, tmp_path: Path) -> None:
    """Deep PCM goes through more room than it needs and comes back at its own level."""
    encode_sound(tmp_path / "deep.wav", ("0.98*sin(2*PI*440*t)",), 6, "-c:a", "pcm_s24le", rate_hz=96_000)
    path, _ = made(f"{tmp_path}/deep.wav#t=1,4")
    heard = reading.sound(path)
    assert heard.rate_hz == 48_000
    assert strength(heard, 440) == pytest.approx(0.98, abs=0.002)
