"""Files that end before their own structure says: the rest is used, and a warning says so."""

import subprocess
from pathlib import Path

import av
import imageio_ffmpeg
import pytest

from fixtures.clip import AAC
from fixtures.ffmpeg import ffmpeg
from fixtures.sound import encode_sound, tones
from prep import check, prepare
from prep.errors import UnreadableError
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


def _clip(path: Path, *options: str) -> bytearray:
    """2.4 s of a moving picture and a tone."""
    sources = ("-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=2.4", "-f", "lavfi", "-i", "sine=d=2.4")
    ffmpeg(*sources, "-c:v", "libx264", *AAC, *options, str(path))
    return bytearray(path.read_bytes())


def _is_made_as_planned(path: Path, photo: Path, out: Path) -> None:
    """`prep` refuses what decodes to less than was measured."""
    kind = probe(path).kind
    entry = prepare([path, photo] if kind == "audio" else [path], out=out).entries[0]
    made, source = entry.output.info, entry.source.info
    assert isinstance(made, AudioInfo | VideoInfo) and isinstance(source, AudioInfo | VideoInfo)
    assert made.duration_s == pytest.approx(max(2.0, source.duration_s), abs=0.1)


def test_a_sound_behind_a_sample_of_the_wrong_size_is_not_counted(media: Media, tmp_path: Path) -> None:
    path = tmp_path / "sizes.m4a"
    encode_sound(path, tones(440, 440), 5, "-c:a", "aac")
    data = bytearray(path.read_bytes())
    at = data.index(b"stsz") + 16 + 4 * 130
    data[at + 3] ^= 0x18  # the 131st of about 216 samples
    path.write_bytes(data)
    assert _rules(path) == ["audio-truncated"]
    info = probe(path)
    assert isinstance(info, AudioInfo) and info.duration_s == pytest.approx(131 * 1024 / 44_100, abs=0.3)
    _is_made_as_planned(path, media("photo.jpg"), tmp_path / "out")


@pytest.mark.parametrize("share", [0.4, 0.9])
def test_a_fragment_with_missing_bytes_is_not_counted(media: Media, tmp_path: Path, share: float) -> None:
    """The boxes behind them can't be found, and the index of the last fragment leads behind the place."""
    path = tmp_path / "spliced.mp4"
    data = _clip(path, "-g", "10", "-movflags", "frag_keyframe+empty_moov+default_base_moof")
    at = data.rindex(b"mdat", 0, int(len(data) * share)) + 3000
    del data[at : at + 300]
    path.write_bytes(data)
    assert _rules(path) == ["video-truncated"]
    _is_made_as_planned(path, media("photo.jpg"), tmp_path / "out")


def test_a_clip_whose_sound_does_not_decode_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise.mp4"
    data = _clip(path)
    with av.open(str(path)) as container:
        for packet in container.demux(audio=0):
            if packet.pos is not None:
                data[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
    path.write_bytes(data)
    with pytest.raises(UnreadableError, match=r"noise\.mp4: its sound does not decode"):
        check([path])


@pytest.mark.parametrize("suffix", ["flv", "avi", "mkv", "mp4"])
@pytest.mark.parametrize("left_out", [200, 1500, 4000, 9000])
def test_pictures_of_a_cut_clip_that_do_not_decode_are_not_counted(
    media: Media, tmp_path: Path, suffix: str, left_out: int
) -> None:
    """Of the last packet a part is missing, and pictures before it may lean on it."""
    path = tmp_path / f"cut.{suffix}"
    options = {"flv": ["-ar", "44100"], "mp4": ["-movflags", "+faststart"]}
    data = _clip(path, *options.get(suffix, []))
    path.write_bytes(data[:-left_out])
    _is_made_as_planned(path, media("photo.jpg"), tmp_path / "out")


@pytest.mark.parametrize("bit", [0x80, 0x01], ids=["before", "after"])
def test_a_picture_that_is_shown_long_before_or_after_it_is_decoded(tmp_path: Path, bit: int) -> None:
    path = tmp_path / "offset.mp4"
    data = _clip(path)
    data[data.index(b"ctts") + 12 + 8 * 5 + 4] ^= bit
    path.write_bytes(data)
    with pytest.raises(
        UnreadableError, match=r"offset\.mp4: its index shows a picture [\d,]+ s from when it is decoded"
    ):
        check([path])


@pytest.mark.parametrize("extension", [0x01, 0x7F], ids=["4 hours", "24 days"])
@pytest.mark.parametrize("kind", [8, 9], ids=["sound", "picture"])
@pytest.mark.parametrize("share", [0.5, 1.0], ids=["middle", "last"])
def test_a_packet_with_an_absurd_time_is_left_out(
    media: Media, tmp_path: Path, extension: int, kind: int, share: float
) -> None:
    path = tmp_path / "stray.flv"
    data = _clip(path, "-ar", "44100")
    starts, at = [], 13
    while at < len(data):
        if data[at] == kind:
            starts.append(at)
        at += 15 + int.from_bytes(data[at + 1 : at + 4], "big")
    # the last packet of each kind only ends its stream
    data[starts[int((len(starts) - 2) * share)] + 7] = extension
    path.write_bytes(data)
    info = probe(path)
    assert isinstance(info, VideoInfo) and info.duration_s == pytest.approx(2.4, abs=0.1)
    _is_made_as_planned(path, media("photo.jpg"), tmp_path / "out")
