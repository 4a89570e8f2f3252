"""Speech in real sounds, and the part that is kept for it."""

import sys
from pathlib import Path

import pytest

from fixtures.sound import SPEECH, encode_sound, tones
from prep.media.analysis.speech import listen
from prep.media.probe.dispatch import demuxer_of
from prep.model.analysis import HEARD_STEP_S, Heard
from tests.prep.media import reading
from tests.prep.probed import probe
from tests.types import Made, Media


def _listen(path: Path) -> tuple[Heard, ...]:
    info = probe(path, "audio")
    assert info.kind == "audio"
    return listen(path, demuxer_of(path), info)


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


def test_speech_is_told_from_silence(media: Media) -> None:
    (heard,) = _listen(media("silence_then_speech.wav"))
    assert heard.speech is not None
    assert not any(heard.speech[: round(2.9 / HEARD_STEP_S)])
    spoken = heard.speech[round(3.2 / HEARD_STEP_S) : round(5.5 / HEARD_STEP_S)]
    assert sum(spoken) > len(spoken) / 2


def test_without_the_detector_levels_are_heard_all_the_same(media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "webrtcvad", None)  # as where the extra is not installed
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


@pytest.mark.parametrize("detector", [True, False])
def test_the_best_part_of_a_sound_is_kept(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detector: bool
) -> None:
    """Nine seconds of nothing, then phrases of 2.6 s with 0.9 s between: it begins with one and ends after one."""
    if not detector:
        monkeypatch.setitem(sys.modules, "webrtcvad", None)
    encode_sound(tmp_path / "memo.wav", SPEECH, 35, "-af", "adelay=9000")
    path, entry = made(tmp_path / "memo.wav", beside=("at_limit_300.png",))
    trim = entry.steps[0]
    assert trim.kind == "trim" and trim.start_s >= 8.9
    phrase, at = divmod(trim.start_s - 9 + 0.06, 3.5)
    assert at < 0.35 or phrase < 0  # where a phrase begins, not within one
    heard = reading.sound(path)
    assert heard.loudest(0, 0.5) > 0.3
    assert heard.duration_s == pytest.approx(14.9, abs=0.31)


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
    (heard,) = listen(tmp_path / "half.flac", "flac", info)
    assert 400 < len(heard.levels_dbfs) < 600
