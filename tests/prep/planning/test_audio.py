"""The fewest and gentlest steps for one sound."""

import pytest

from prep.errors import UsageError
from prep.model.media import AudioInfo
from prep.model.plan import EncodeAudio, Extend, Options, SetLoudness, Trim, find
from prep.model.reference import Part
from prep.planning.audio import plan_audio
from prep.planning.trim.part import Length
from prep.specs import load_spec
from tests.made import SEEDANCE_2_5, audio, image, plan_of, sources, wav


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


@pytest.mark.parametrize(
    "infos",
    [
        (audio(60), audio(60)),
        (audio(5, container="m4a", codec="aac"),) * 3,  # 15.0 s, but for the padding
        (audio(15, container="m4a", codec="aac"),),
        (audio(14.95, container="m4a", codec="aac"),),
        (audio(3), audio(60), wav(60)),
    ],
)
def test_an_mp3_leaves_room_for_its_padding(infos: tuple[AudioInfo, ...]) -> None:
    """An MP3 reads a little longer than what went in; the sum stays under 15 s all the same."""
    plan = plan_of(image(), *infos)
    assert plan.unfixable == ()
    made = [entry.predicted for entry in plan.entries if isinstance(entry.predicted, AudioInfo)]
    padding = [0.077 * (info.container == "mp3") for info in made]
    assert 14.4 < sum(info.duration_s for info in made) + sum(padding) <= 15.0


@pytest.mark.parametrize(
    ("seconds", "made"),
    [
        ((14.92,), ["mp3"]),
        ((14.921,), ["wav"]),
        ((14.95,), ["wav"]),
        ((15.0,), ["wav"]),
        ((4.92, 4.92, 4.92), ["mp3"] * 3),
        ((4.92, 4.92, 4.921), ["wav"] * 3),
        ((5.0, 5.0, 5.0), ["wav"] * 3),
        ((1.0, 12.84), ["mp3"] * 2),  # the first will last 2 s
        ((1.0, 13.0), ["wav"] * 2),
    ],
    ids=str,
)
def test_nothing_is_cut_to_make_room_for_padding(seconds: tuple[float, ...], made: list[str]) -> None:
    """WAV has none, so what fills the limit is written as that and stays whole; the plan says why."""
    plan = plan_of(image(), *(audio(each, container="m4a", codec="aac") for each in seconds))
    assert plan.unfixable == ()
    for entry, each, container in zip(plan.entries[1:], seconds, made, strict=True):
        encode = find(entry.steps, EncodeAudio)
        assert find(entry.steps, Trim) is None
        assert encode is not None and encode.container == container
        assert encode.note == ("MP3 would add up to 0.08 s, which doesn't fit" if container == "wav" else "")
        assert getattr(entry.predicted, "duration_s", None) == max(2.0, each)


@pytest.mark.parametrize("seconds", [(15.001,), (5.0, 5.0, 5.001), (14.95, 3.0)], ids=str)
def test_what_has_to_be_cut_anyway_becomes_mp3(seconds: tuple[float, ...]) -> None:
    plan = plan_of(image(), *(audio(each, container="m4a", codec="aac") for each in seconds))
    encodes = [find(entry.steps, EncodeAudio) for entry in plan.entries[1:]]
    assert any(find(entry.steps, Trim) for entry in plan.entries)
    assert [encode.container for encode in encodes if encode] == ["mp3"] * len(seconds)


def test_only_what_is_made_anew_changes_its_format() -> None:
    plan = plan_of(image(), audio(5), audio(10, container="m4a", codec="aac"), options=Options())
    assert [entry.predicted.container for entry in plan.entries[1:]] == ["mp3", "wav"]
    assert plan.entries[1].steps == () and find(plan.entries[2].steps, Trim) is None


def test_an_mp3_that_fills_the_limit_stays_whole_when_its_loudness_is_set() -> None:
    (_, entry) = plan_of(image(), audio(15), options=Options(loudness=-16)).entries
    assert [step.kind for step in entry.steps] == ["set-loudness", "encode-audio"]
    assert (entry.predicted.container, getattr(entry.predicted, "duration_s", None)) == ("wav", 15)


@pytest.mark.parametrize(("max_bytes", "container"), [(2_650_096, "wav"), (2_650_095, "mp3")])
def test_wav_has_to_fit(max_bytes: int, container: str) -> None:
    """15 s of stereo at 44.1 kHz are 2,646,000 bytes, and 4,096 for what stands around them."""
    spec = load_spec()
    assert spec.audio.max_bytes is not None
    small = spec.audio.max_bytes.model_copy(update={"value": max_bytes, "accepted": None})
    spec = spec.model_copy(update={"audio": spec.audio.model_copy(update={"max_bytes": small})})
    plan = plan_of(image(), audio(15, container="m4a", codec="aac", bytes=200_000), spec=spec)
    assert plan.unfixable == ()
    assert plan.entries[1].predicted.container == container
    assert (find(plan.entries[1].steps, Trim) is None) == (container == "wav")


@pytest.mark.parametrize(
    ("parts", "container"),
    [
        (((0, 15),), "wav"),
        (((1, 15.93),), "wav"),
        (((0, 14.92),), "mp3"),
        (((0, 7.5), (7.5, 15)), "wav"),
        (((0, 7.4), (7.5, 14.9)), "mp3"),
    ],
    ids=["all", "just over", "just under", "two that fill it", "two with room"],
)
def test_parts_that_were_asked_for_stay_whole(parts: tuple[tuple[float, float], ...], container: str) -> None:
    """Where the padding of an MP3 would carry them over 15 s they are written as WAV, which has none."""
    plan = plan_of(image(), *((audio(60), Part(start_s=start, end_s=end)) for start, end in parts))
    assert plan.unfixable == () and plan.set_unfixable == ()
    made = [entry.predicted for entry in plan.entries if isinstance(entry.predicted, AudioInfo)]
    assert [info.container for info in made] == [container] * len(parts)
    assert [info.duration_s for info in made] == pytest.approx([end - start for start, end in parts], abs=0.001)
    encode = find(plan.entries[1].steps, EncodeAudio)
    assert encode is not None and (encode.note == "MP3 would add up to 0.08 s, which doesn't fit") == (
        container == "wav"
    )


@pytest.mark.parametrize("end_s", [15.05, 18])
def test_a_part_that_is_too_long_is_not_shortened_silently(end_s: float) -> None:
    plan = plan_of(image(), (audio(60), Part(start_s=0, end_s=end_s)))
    assert [finding.rule for finding in (*plan.entries[1].unfixable, *plan.set_unfixable)]
    trim = find(plan.entries[1].steps, Trim)
    assert trim is not None and trim.duration_s == end_s


def test_wav_says_why() -> None:
    step = find(plan_of(image(), wav(60)).entries[1].steps, EncodeAudio)
    assert step is not None and step.note == "PCM stays PCM, without loss"


@pytest.mark.parametrize(
    ("info", "note"),
    [
        (audio(container="flac", codec="flac"), ""),
        (audio(container="flac", codec="flac", sample_rate_hz=96_000), "96 kHz resampled to 48 kHz"),
        (audio(container="flac", codec="flac", sample_rate_hz=22_050), "22.05 kHz resampled to 44.1 kHz"),
        (audio(container="flac", codec="flac", channels=1), ""),
        (
            audio(container="ogg", codec="vorbis", channels=6, sample_rate_hz=96_000),
            "6 channels mixed to stereo, 96 kHz resampled to 48 kHz",
        ),
        (wav(60, channels=4), "4 channels mixed to stereo"),
        (wav(60, codec="pcm_s24le"), "24-bit PCM becomes 16-bit PCM"),
    ],
    ids=["kept", "rate", "low rate", "mono", "both", "wav", "deep wav"],
)
def test_changes_of_the_sound_are_told(info: AudioInfo, note: str) -> None:
    step = find(plan_of(image(), info).entries[1].steps, EncodeAudio)
    assert step is not None and step.note == note


def test_wav_that_does_not_fit_becomes_mp3() -> None:
    """30 s of stereo at 48 kHz are 5.8 MB."""
    limits = load_spec(SEEDANCE_2_5).audio
    assert limits.max_bytes is not None
    small = limits.model_copy(update={"max_bytes": limits.max_bytes.model_copy(update={"value": 3_000_000})})
    length = Length(duration_s=30, needed_s=30, cut=True, because=("audio-too-long",))
    (source,) = sources(wav(60, sample_rate_hz=48_000))
    *_, encode = plan_audio(source, small, Options(), length)
    assert isinstance(encode, EncodeAudio) and encode.container == "mp3"


@pytest.mark.parametrize("info", [audio(), wav(), audio(1), audio(60), audio(container="m4a", codec="aac")])
def test_loudness_is_a_step_that_was_asked_for(info: AudioInfo) -> None:
    steps = plan_of(image(), info, options=Options(loudness=-16)).entries[1].steps
    *before, loudness, encode = steps
    assert isinstance(loudness, SetLoudness) and (loudness.lufs, loudness.because) == (-16, ("asked",))
    assert encode.kind == "encode-audio" and "asked" in encode.because
    assert all(step.kind in ("trim", "extend") for step in before)


@pytest.mark.parametrize(
    ("info", "kinds"),
    [
        (audio(metadata=("id3",)), ["strip-metadata"]),
        (wav(metadata=("bext", "info"), private_metadata=("serial number",)), ["strip-metadata"]),
        (audio(private_metadata=("gps",)), ["strip-metadata"]),
        (audio(15.0, metadata=("id3",)), ["strip-metadata"]),
        (audio(15.001, metadata=("id3",)), ["trim", "encode-audio"]),
        (audio(2.0, metadata=("id3",)), ["strip-metadata"]),
        (audio(1.999, metadata=("id3",)), ["extend", "encode-audio"]),
        (audio(metadata=("id3",), bytes=15_000_000), ["strip-metadata"]),
        (audio(metadata=("id3",), bytes=15_000_001), ["encode-audio"]),
        (audio(60, metadata=("id3",)), ["trim", "encode-audio"]),
        (audio(), []),
        (audio(15.1), []),
        (audio(container="m4a", codec="aac", private_metadata=("owner",)), ["encode-audio"]),
    ],
    ids=[
        "id3",
        "bext",
        "private",
        "longest",
        "just over",
        "shortest",
        "just under",
        "largest",
        "too large",
        "long",
        "nothing to strip",
        "nothing to strip, tolerated",
        "made anyway",
    ],
)
def test_metadata_is_left_out_when_asked(info: AudioInfo, kinds: list[str]) -> None:
    """What is made has to meet the strict values: between those and the accepted ones it is encoded anew."""
    plan = plan_of(image(), info, options=Options(strip_metadata=True))
    assert plan.unfixable == ()
    assert [step.kind for step in plan.entries[1].steps] == kinds


@pytest.mark.parametrize(("seconds", "kinds"), [((7.5, 7.5), "strip-metadata"), ((7.5, 7.6), "trim")], ids=str)
def test_together_they_meet_the_strict_seconds_then(seconds: tuple[float, float], kinds: str) -> None:
    infos = [audio(each, metadata=("id3",)) for each in seconds]
    assert all(entry.steps == () for entry in plan_of(image(), *infos).entries)
    plan = plan_of(image(), *infos, options=Options(strip_metadata=True))
    assert plan.unfixable == ()
    assert plan.entries[2].steps[0].kind == kinds


@pytest.mark.parametrize("lufs", [-50.1, -4.9])
def test_a_loudness_that_makes_no_sense(lufs: float) -> None:
    with pytest.raises(UsageError):
        Options(loudness=lufs)
