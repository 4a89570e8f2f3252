"""The fewest and gentlest steps for one sound."""

import pytest

from prep.model.media import AudioInfo
from prep.model.plan import EncodeAudio, Extend, Options, find
from prep.model.reference import Part
from tests.made import audio, image, plan_of, wav


def _kinds(info: AudioInfo, part: Part | None = None) -> list[str]:
    plan = plan_of(image(), (info, part) if part else info)
    assert plan.unfixable == ()
    return [step.kind for step in plan.entries[1].steps]


@pytest.mark.parametrize(
    ("info", "kinds"),
    [
        (audio(), []),
        (wav(), []),
        (audio(15.02), []),
        (audio(bytes=15_728_640), []),
        (audio(private_metadata=("owner",)), []),
        (wav(sample_rate_hz=192_000, channels=6, codec="pcm_s24le"), []),
        (audio(container="m4a", codec="aac"), ["encode-audio"]),
        (audio(container="flac", codec="flac"), ["encode-audio"]),
        (wav(14, bytes=20_000_000), ["encode-audio"]),
        (audio(60), ["trim", "encode-audio"]),
        (wav(60), ["trim", "encode-audio"]),
        (audio(1), ["extend", "encode-audio"]),
        (audio(1.9, container="m4a", codec="aac"), ["extend", "encode-audio"]),
    ],
    ids=lambda value: f"{value.container}-{value.duration_s}" if isinstance(value, AudioInfo) else None,
)
def test_steps(info: AudioInfo, kinds: list[str]) -> None:
    assert _kinds(info) == kinds


def test_a_part() -> None:
    assert _kinds(audio(60), Part(start_s=10, end_s=15)) == ["trim", "encode-audio"]


@pytest.mark.parametrize(
    ("info", "encode"),
    [
        (wav(60), ("wav", 44_100, 2)),
        (wav(60, sample_rate_hz=48_000, channels=1), ("wav", 48_000, 1)),
        (wav(60, sample_rate_hz=192_000, channels=6), ("wav", 48_000, 2)),
        (wav(60, sample_rate_hz=22_050), ("wav", 44_100, 2)),
        (audio(60), ("mp3", 44_100, 2)),
        (audio(60, container="m4a", codec="aac", sample_rate_hz=48_000, channels=1), ("mp3", 48_000, 1)),
        (audio(60, container="ogg", codec="vorbis", sample_rate_hz=8000), ("mp3", 48_000, 2)),
    ],
)
def test_what_is_written(info: AudioInfo, encode: tuple[str, int, int]) -> None:
    step = find(plan_of(image(), info).entries[1].steps, EncodeAudio)
    assert step is not None
    assert (step.container, step.sample_rate_hz, step.channels) == encode


@pytest.mark.parametrize(("short", "how"), [("hold", "silence"), ("loop", "loop")])
def test_a_short_sound(short: str, how: str) -> None:
    options = Options.model_validate({"short": short})
    step = find(plan_of(image(), audio(1), options=options).entries[1].steps, Extend)
    assert step is not None and step.how == how and step.duration_s >= 2


def test_an_mp3_leaves_room_for_its_padding() -> None:
    """An MP3 reads a little longer than what went in; the sum stays under 15 s all the same."""
    plan = plan_of(image(), audio(60), audio(60))
    seconds = [entry.predicted.duration_s for entry in plan.entries if isinstance(entry.predicted, AudioInfo)]
    assert sum(seconds) + 2 * 0.05 <= 15.0
