"""Files that end before their own structure says: the rest is used, and a warning says so."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest

from fixtures.sound import encode_sound, tones
from prep import check, prepare
from prep.model.media import AudioInfo, VideoInfo
from tests.prep.media import reading
from tests.prep.probed import probe
from tests.types import Media

CLIPS = ["h264_aac.mkv", "odd_641x479.webm", "no_duration.webm", "fragmented.mp4", "clip_720p.mp4"]
SOUNDS = ["tone_5s.wav"]


def _rules(path: Path) -> list[str]:
    return [finding.rule for finding in check([path]).findings if finding.rule.endswith("-truncated")]


@pytest.mark.parametrize("name", [*CLIPS, *SOUNDS])
@pytest.mark.parametrize("share", [0.45, 0.9, 0.995])
def test_a_cut_file_is_called_truncated(media: Media, tmp_path: Path, name: str, share: float) -> None:
    whole = media(name)
    path = tmp_path / f"cut{whole.suffix}"
    path.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
    assert _rules(path) == [f"{'audio' if name in SOUNDS else 'video'}-truncated"]


@pytest.mark.parametrize("name", [*CLIPS, *SOUNDS, "h264_aac.ts", "moov_at_end.mp4"])
def test_a_whole_file_is_not(media: Media, name: str) -> None:
    assert _rules(media(name)) == []


@pytest.mark.parametrize("suffix", [".flv", ".avi", ".aiff"])
def test_other_containers_are_known_to_be_cut(media: Media, tmp_path: Path, suffix: str) -> None:
    whole = tmp_path / f"whole{suffix}"
    codecs = ["-c:v", "flv1" if suffix == ".flv" else "mpeg4", "-c:a", "pcm_s16be" if suffix == ".aiff" else "mp3"]
    picture = ["-vn", *codecs[2:]] if suffix == ".aiff" else [*codecs, "-ar", "44100"]
    source = media("clip_720p.mp4")
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([program, "-v", "error", "-i", source, "-t", "2.2", *picture, whole], check=True, timeout=60)
    assert _rules(whole) == []
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole.read_bytes()[:-777])
    assert len(_rules(cut)) == 1


@pytest.mark.parametrize("size", [0, 0x7FFF_F000, 0xFFFF_FFFF], ids=hex)
def test_a_wav_of_unknown_size_is_whole(media: Media, tmp_path: Path, size: int) -> None:
    data = bytearray(media("tone_5s.wav").read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = size.to_bytes(4, "little")
    (tmp_path / "piped.wav").write_bytes(data)
    assert "audio-truncated" not in _rules(tmp_path / "piped.wav")


def test_what_is_there_of_a_cut_wav_is_made_whole(media: Media, tmp_path: Path) -> None:
    from prep import prepare

    data = media("tone_5s.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(data[: len(data) * 3 // 5])
    made = prepare([tmp_path / "cut.wav", media("photo.jpg")], out=tmp_path / "out")
    entry = made.entries[0]
    assert isinstance(entry.source.info, AudioInfo)
    assert isinstance(entry.output.info, AudioInfo)
    assert (entry.source.info.truncated, entry.output.info.truncated) == (True, False)
    assert entry.output.info.duration_s == pytest.approx(3.0, abs=0.01)


def test_the_length_of_a_cut_matroska_is_what_is_there(media: Media, tmp_path: Path) -> None:
    data = media("h264_aac.mkv").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) // 2])
    info = probe(tmp_path / "cut.mkv")
    assert isinstance(info, VideoInfo)
    assert info.truncated
    assert 0.3 < info.duration_s < 2.7


def test_an_ogg_whose_last_page_but_one_is_damaged_lasts_as_long_as_what_is_left(media: Media, tmp_path: Path) -> None:
    """Its last page says when it ends; the packets on it are as many as they are."""
    path = tmp_path / "page.ogg"
    encode_sound(path, tones(440, 440), 5, "-c:a", "libvorbis")
    data = bytearray(path.read_bytes())
    data[data.rindex(b"OggS") - 8] ^= 0xFF
    path.write_bytes(data)
    assert _rules(path) == ["audio-truncated"]
    photo = media("photo.jpg")
    info = prepare([photo, path], out=tmp_path / "out").entries[1].output.info
    assert isinstance(info, AudioInfo)
    assert info.duration_s == pytest.approx(reading.sound(path).duration_s, abs=0.05)


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_samples_behind_missing_bytes_are_not_counted(media: Media, tmp_path: Path, share: float) -> None:
    """They are not where the index says: what is there looks like none."""
    data = bytearray(media("clip_720p.mp4").read_bytes())
    at = int(len(data) * share)
    del data[at : at + 500]
    path = tmp_path / "spliced.mp4"
    path.write_bytes(data)
    assert _rules(path) == ["video-truncated"]
    info = probe(path)
    assert isinstance(info, VideoInfo)
    assert info.duration_s < 4.9
    (entry,) = prepare([path], out=tmp_path / "out").entries
    (made,) = (tmp_path / "out").glob("*.mp4")
    assert isinstance(entry.output.info, VideoInfo)
    assert reading.picture(made).frames / 30 == pytest.approx(max(2.0, info.duration_s), abs=0.15)
