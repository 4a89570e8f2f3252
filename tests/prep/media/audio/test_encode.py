"""Output of the sound tool, judged by decoding all of it with PyAV."""

from array import array
from pathlib import Path

import av
import pytest

from fixtures.sound import STAIRCASE, STEREO, encode_sound
from prep import prepare
from prep.errors import NonCompliantError
from prep.model.manifest import ManifestEntry
from tests.prep.media import reading
from tests.types import Made, Media

# An MP3 decodes to up to this much more than what went in.
MP3_PADDING_S = 0.06


def _kinds(entry: ManifestEntry) -> list[str]:
    return [step.kind for step in entry.steps]


def _samples(path: Path, end: int = 0) -> list[bytes]:
    """Every sample frame of a 16-bit WAV, both channels."""
    data = path.read_bytes()
    start = data.index(b"data") + 8
    return [data[at : at + 4] for at in range(start, len(data) if not end else start + end * 4, 4)]


def test_a_wav_is_cut_to_the_sample(made: Made, media: Media) -> None:
    path, entry = made("tone_15_84.wav#t=2.5,6.25")
    kept, whole = _samples(path), _samples(media("tone_15_84.wav"))
    start, count = round(2.5 * 44_100), round(3.75 * 44_100)
    assert len(kept) == count
    fade = 44_100 // 100  # 10 ms at either end, against clicks
    assert kept[fade + 1 : -fade - 1] == whole[start + fade + 1 : start + count - fade - 1]
    assert kept[0] == b"\0\0\0\0"
    assert _kinds(entry) == ["trim", "encode-audio"]
    assert entry.output.info.container == "wav"


def test_the_start_of_a_wav_is_not_faded(made: Made, media: Media) -> None:
    path, _ = made("tone_15_84.wav#t=,4")
    assert _samples(path)[:2000] == _samples(media("tone_15_84.wav"), 2000)


@pytest.mark.parametrize(
    ("name", "container", "codec"),
    [
        ("tone_5s.m4a", "mp3", "mp3"),
        ("tone_5s.flac", "mp3", "mp3"),
        ("tone_5s.ogg", "mp3", "mp3"),
        ("tone_51.opus", "mp3", "mp3"),
        ("tone_8k.amr", "mp3", "mp3"),
        ("audio_only.mp4", "mp3", "mp3"),
    ],
)
def test_other_formats_become_mp3(made: Made, media: Media, name: str, container: str, codec: str) -> None:
    path, entry = made(name)
    heard = reading.sound(path)
    assert (path.suffix, entry.output.info.container, heard.codec) == (f".{container}", container, codec)
    assert entry.output.media_type == "audio/mpeg"
    assert len(heard.channels) <= 2
    assert heard.rate_hz in (44_100, 48_000)
    assert heard.duration_s == pytest.approx(5, abs=0.2 if name.endswith(".amr") else MP3_PADDING_S)
    assert _kinds(entry) == ["encode-audio"]
    if name.startswith("tone_5s"):
        assert heard.pitch_hz(0.5, 4.5) == pytest.approx(440, abs=2)
        assert heard.pitch_hz(0.5, 4.5, channel=1) == pytest.approx(880, abs=2)
        assert heard.loudest(0.5, 4.5) == pytest.approx(reading.sound(media(name)).loudest(0.5, 4.5), abs=0.03)
    if name == "tone_8k.amr":
        assert heard.pitch_hz(0.5, 4.5) == pytest.approx(440, abs=4)
    if name == "audio_only.mp4":
        assert heard.seconds_heard() == [0, 1, 2, 3, 4]


def test_surround_keeps_what_is_in_the_middle(made: Made) -> None:
    """The 800 Hz of the centre channel must be in the stereo mix, on both sides."""
    path, _ = made("tone_51.opus")
    heard = reading.sound(path)
    assert len(heard.channels) == 2
    for channel, own in ((0, 400), (1, 600)):
        assert _strength(heard, 800, channel) > 0.05
        assert _strength(heard, own, channel) > 0.05
    assert heard.loudest(0.2, 4.8) <= 1.0


def _strength(heard: reading.Sound, frequency_hz: int, channel: int) -> float:
    """How much of one frequency there is in the second second (Goertzel's sum, by plain correlation)."""
    from math import cos, pi, sin

    part = heard.channels[channel][heard.rate_hz : heard.rate_hz + heard.rate_hz // 4]
    turn = 2 * pi * frequency_hz / heard.rate_hz
    real = sum(sample * cos(turn * n) for n, sample in enumerate(part))
    imaginary = sum(sample * sin(turn * n) for n, sample in enumerate(part))
    return 2 * (real * real + imaginary * imaginary) ** 0.5 / len(part)


@pytest.mark.parametrize(
    ("ref", "seconds"),
    [
        ("song_20s.mp3#t=5,9", [5, 6, 7, 8]),
        ("song_20s.mp3#t=16", [16, 17, 18, 19]),
        ("tone_15_84.wav#t=3,8", [3, 4, 5, 6, 7]),
        ("audio_only.mp4#t=2,5", [2, 3, 4]),
        ("clip_720p_10s.mp4#track=audio&t=4,8", [4, 5, 6, 7]),
        ("clip_720p_10s.mp4#track=audio", list(range(10))),
        ("clip_1080p_20s.mp4#t=10,15&track=audio", [10, 11, 12, 13, 14]),
    ],
)
def test_the_right_seconds_are_kept(made: Made, ref: str, seconds: list[int]) -> None:
    path, entry = made(ref)
    heard = reading.sound(path)
    assert heard.duration_s == pytest.approx(len(seconds), abs=MP3_PADDING_S)
    assert heard.seconds_heard() == seconds
    assert [track.kind for track in reading.tracks(path)] == ["audio"]
    assert entry.kind == "audio"


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        (".mp3", ("-c:a", "libmp3lame", "-q:a", "5", "-write_xing", "0", "-id3v2_version", "0")),
        (".flac", ()),
        (".m4a", ()),
        (".ogg", ("-c:a", "libvorbis")),
        (".opus", ("-c:a", "libopus")),
        (".aac", ()),
        (".mka", ("-c:a", "flac")),
        (".caf", ()),
        (".aiff", ()),
    ],
)
def test_the_right_seconds_of_formats_with_and_without_an_index(
    made: Made, tmp_path: Path, suffix: str, codec: tuple[str, ...]
) -> None:
    rate = 48_000 if suffix == ".opus" else 44_100
    encode_sound(tmp_path / f"stairs{suffix}", STAIRCASE, 12, *codec, rate_hz=rate)
    path, _ = made(f"{tmp_path}/stairs{suffix}#t=6,10", beside=("at_limit_300.png",))
    heard = reading.sound(path)
    assert heard.duration_s == pytest.approx(4, abs=MP3_PADDING_S)
    assert heard.seconds_heard() == [6, 7, 8, 9]


@pytest.mark.parametrize(
    "ref",
    [
        "song_20s.mp3#t=3,5",
        "no_xing.mp3#t=0.5,2.5",
        "tone_5s.wav#t=1.5,3.5",
        "tone_5s.flac#t=1.5,3.5",
        "tone_5s.ogg#t=1.5,3.5",
        "tone_5s.m4a#t=1.5,3.5",
        "tone_8k.amr#t=1.5,3.5",
        "audio_only.mp4#t=2,4",
        "clip_720p_10s.mp4#t=2.5,4.5&track=audio",
        "mjpeg_pcm.mov#track=audio",
        "bt601_480p.mp4#track=audio&t=0.5,2.5",
    ],
)
def test_two_seconds_of_any_format_are_two_seconds(made: Made, ref: str) -> None:
    """The least that is allowed must not come out a frame shorter."""
    path, _ = made(ref)
    assert 2.0 <= reading.sound(path).duration_s < 2.1
    assert 2.0 <= reading.container_s(path) < 2.1


def test_the_right_seconds_of_a_variable_bit_rate_without_index(made: Made) -> None:
    """3 s of tone in few bytes, then noise in many: whoever seeks by bytes lands elsewhere."""
    path, _ = made("no_xing.mp3#t=1,5")
    heard = reading.sound(path)
    assert heard.pitch_hz(0.2, 0.8) == pytest.approx(440, abs=3)
    assert heard.pitch_hz(1.2, 1.8) == pytest.approx(480, abs=3)
    assert heard.loudest(0.1, 1.9) < 0.35
    assert heard.loudest(2.2, 3.9) > 0.45


@pytest.mark.parametrize("short", ["hold", "loop"])
def test_a_short_sound_is_lengthened(made: Made, short: str) -> None:
    path, entry = made("short_1s.wav", short=short)
    heard = reading.sound(path)
    assert 2.0 <= heard.duration_s < 2.05
    assert heard.pitch_hz(0.1, 0.9) == pytest.approx(440, abs=2)
    if short == "hold":
        assert heard.loudest(1.02, 2.0) == 0.0
    else:
        assert heard.pitch_hz(1.1, 1.9) == pytest.approx(440, abs=2)
    assert _kinds(entry) == ["extend", "encode-audio"]


@pytest.mark.parametrize(("seconds", "suffix"), [(14.92, ".mp3"), (14.95, ".wav"), (15.0, ".wav")])
@pytest.mark.parametrize("source", [".m4a", ".flac"])
def test_what_leaves_no_room_for_padding_is_kept_whole(
    made: Made, tmp_path: Path, source: str, seconds: float, suffix: str
) -> None:
    encode_sound(tmp_path / f"take{source}", STAIRCASE, seconds)
    path, entry = made(f"{tmp_path}/take{source}", beside=("at_limit_300.png",))
    assert (path.suffix, _kinds(entry)) == (suffix, ["encode-audio"])
    assert reading.sound(path).duration_s == pytest.approx(seconds, abs=0.0001)
    assert reading.container_s(path) <= 15.0


def test_what_an_encoder_added_at_the_end_is_left_out(made: Made, tmp_path: Path) -> None:
    encode_sound(tmp_path / "take.m4a", STEREO, 5)
    path, _ = made(f"{tmp_path}/take.m4a", beside=("at_limit_300.png",))
    assert reading.sound(path).duration_s == pytest.approx(5, abs=0.0001)


def test_a_short_sound_is_refused_when_asked(made: Made) -> None:
    with pytest.raises(NonCompliantError) as caught:
        made("short_1s.wav", short="refuse")
    assert "audio-too-short" in {finding.rule for finding in caught.value.findings}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["song_20s.mp3", "audio_only.mp4", "clip_720p_10s.mp4"])
def test_a_short_part_is_lengthened_by_silence(made: Made, name: str) -> None:
    """What comes after the part was not asked for and must not be heard."""
    path, _ = made(f"{name}#track=audio&t=2,3")
    heard = reading.sound(path)
    assert 2.0 <= heard.duration_s < 2.1
    assert heard.pitch_hz(0.1, 0.9) == pytest.approx(480, abs=3)
    assert heard.loudest(1.1, 2.0) < 0.01


@pytest.mark.parametrize("name", ["song_20s.mp3", "tone_15_84.wav", "silence_then_speech.wav"])
def test_a_long_sound_is_cut(made: Made, name: str) -> None:
    path, entry = made(name, window="start")
    heard = reading.sound(path)
    assert 14.5 < heard.duration_s <= 15.0
    assert reading.container_s(path) <= 15.0
    assert next(step for step in entry.steps if step.kind == "trim").because == ("audio-too-long",)
    if name != "silence_then_speech.wav":
        assert heard.seconds_heard()[:14] == list(range(14))


def test_several_sounds_share_fifteen_seconds(media: Media, tmp_path: Path) -> None:
    names = ("song_20s.mp3", "voice.mp3", "tone_15_84.wav")
    manifest = prepare([media("at_limit_300.png"), *map(media, names)], out=tmp_path / "out")
    paths = [tmp_path / "out" / entry.output.path for entry in manifest.entries[1:]]
    lengths = [reading.sound(path).duration_s for path in paths]
    assert sum(lengths) <= 15.0
    assert sum(reading.container_s(path) for path in paths) <= 15.0
    assert sum(lengths) > 14.5
    assert all(length >= 2 for length in lengths)
    assert max(lengths) - min(lengths) < 0.2  # all three want more than an equal share


def test_short_sounds_stay_whole_and_untouched(media: Media, tmp_path: Path) -> None:
    names = ("tone_5s.wav", "song_20s.mp3")
    manifest = prepare([media("at_limit_300.png"), *map(media, names)], out=tmp_path / "out")
    short, long = (tmp_path / "out" / entry.output.path for entry in manifest.entries[1:])
    assert reading.sha256(short) == reading.sha256(media("tone_5s.wav"))
    assert reading.sound(long).duration_s == pytest.approx(9.9, abs=0.1)


@pytest.mark.parametrize("name", ["voice.mp3", "cover.mp3", "tone_5s.wav", "float32.wav", "wav24.wav"])
def test_what_complies_is_not_touched(made: Made, media: Media, name: str) -> None:
    path, entry = made(name)
    assert reading.sha256(path) == reading.sha256(media(name))
    assert entry.steps == ()


def test_a_sound_whose_length_is_misread_gets_a_header_that_tells_it(made: Made, media: Media) -> None:
    assert reading.container_s(media("no_xing.mp3")) > 15
    path, entry = made("no_xing.mp3")
    assert entry.steps[0].because == ("audio-length-misleading",)
    assert reading.container_s(path) == pytest.approx(10, abs=0.1)
    assert reading.sound(path).duration_s == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize("name", ["float32.wav", "wav24.wav"])
def test_deep_wav_becomes_16_bit_without_clipping(made: Made, name: str) -> None:
    path, _ = made(f"{name}#t=1,4")
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.codec_context.sample_rate) == ("pcm_s16le", 48_000)
    heard = reading.sound(path)
    assert heard.duration_s == pytest.approx(3, abs=0.001)
    assert heard.pitch_hz(0.2, 2.8) == pytest.approx(440, abs=2)
    assert heard.loudest(0.2, 2.8) == pytest.approx(0.3, abs=0.01)


def test_covers_and_names_do_not_come_along(made: Made) -> None:
    path, entry = made("cover.mp3#t=1,4")
    assert entry.source.info.private_metadata == ("owner",)
    assert [track.kind for track in reading.tracks(path)] == ["audio"]
    assert b"Jane Example" not in path.read_bytes()
    assert reading.tags(path) == {}


def test_names_inside_a_wav_do_not_come_along(made: Made, tmp_path: Path) -> None:
    encode_sound(tmp_path / "memo.wav", STAIRCASE, 4, "-metadata", "artist=Jane Example")
    assert b"Jane Example" in (tmp_path / "memo.wav").read_bytes()
    path, _ = made(f"{tmp_path}/memo.wav#t=1,4", beside=("at_limit_300.png",))
    assert b"Jane Example" not in path.read_bytes()


def test_nothing_else_is_left_beside_the_file(made: Made) -> None:
    path, _ = made("tone_5s.m4a")
    assert sorted(entry.name for entry in path.parent.iterdir() if entry.suffix != ".png") == [
        "audio1-tone_5s.mp3",
        "manifest.json",
    ]


def test_the_reader_of_these_tests_hears_pitch() -> None:
    from math import pi, sin

    wave = array("f", (sin(2 * pi * 440 * n / 48_000) for n in range(48_000)))
    assert reading.Sound("pcm", 48_000, [wave]).pitch_hz(0, 1) == pytest.approx(440, abs=0.1)
