"""Probing of rare containers, and what is said about streams that can't be read."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest

from prep import check, prepare
from prep.errors import UnreadableError
from prep.model.media import VideoInfo
from tests.types import Media

KEY = "76a6c65c5ea762046bd749a2e632ccbb"


def _converted(source: Path, target: Path, *arguments: str) -> Path:
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([program, "-v", "error", "-i", source, "-t", "2.2", *arguments, target], check=True, timeout=60)
    return target


@pytest.mark.parametrize(
    ("name", "codec", "frames"),
    [
        ("a.m1v", ("-an", "-c:v", "mpeg1video"), 66),
        ("a.m2v", ("-an", "-c:v", "mpeg2video"), 66),
        ("a.mxf", ("-r", "30", "-c:v", "mpeg2video", "-ar", "48000"), 66),
    ],
)
def test_a_rare_container_is_read(media: Media, tmp_path: Path, name: str, codec: tuple[str, ...], frames: int) -> None:
    path = _converted(media("clip_720p.mp4"), tmp_path / name, *codec, "-b:v", "4M")
    info = check([path]).references[0].info
    assert isinstance(info, VideoInfo)
    assert info.duration_s == pytest.approx(2.2, abs=0.05)
    made = prepare([path], out=tmp_path / "out").entries[0].output.info
    assert isinstance(made, VideoInfo)
    assert made.duration_s * made.fps == pytest.approx(frames, abs=1)


def test_an_encrypted_file_is_called_that(media: Media, tmp_path: Path) -> None:
    options = ("-c", "copy", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", KEY, "-encryption_kid", KEY)
    path = _converted(media("clip_720p.mp4"), tmp_path / "locked.mp4", *options)
    with pytest.raises(UnreadableError, match=r"locked\.mp4: encrypted"):
        check([path])


@pytest.mark.parametrize(("old", "new", "part"), [(b"mp4a", b"apac", "sound"), (b"avc1", b"xyz9", "picture")])
def test_a_codec_that_is_not_decoded_is_named(media: Media, tmp_path: Path, old: bytes, new: bytes, part: str) -> None:
    data = media("audio_only.mp4" if part == "sound" else "silent_720p.mp4").read_bytes()
    path = tmp_path / "rare.mp4"
    at = data.index(b"stsd")
    # without an elementary stream descriptor, which names the codec again
    path.write_bytes(data[:at] + data[at:].replace(old, new, 1).replace(b"esds", b"free"))
    with pytest.raises(UnreadableError, match=rf"rare\.mp4: its {part} .*\({new.decode()}\)"):
        check([path])


def test_impossible_pixels_are_taken_as_square(media: Media, tmp_path: Path) -> None:
    path = _converted(
        media("clip_720p.mp4"),
        tmp_path / "strip.mp4",
        "-c",
        "copy",
        "-bsf:v",
        "h264_metadata=sample_aspect_ratio=100/1",
    )
    (finding,) = (finding for finding in check([path]).findings if finding.rule == "video-pixels-not-square")
    assert "100:1" in finding.message
    made = prepare([path], out=tmp_path / "out").entries[0].output.info
    assert isinstance(made, VideoInfo)
    assert (made.width, made.height, made.sar) == (1280, 720, "1:1")


@pytest.mark.parametrize(
    ("rate_hz", "is_read"), [(768_000, True), (1_000_000, True), (1_000_001, False), (2**30, False)]
)
def test_a_sample_rate_that_no_sound_has(media: Media, tmp_path: Path, rate_hz: int, is_read: bool) -> None:
    """To bring it to 48 kHz would take a filter as long as the ratio."""
    data = bytearray(media("tone_5s.wav").read_bytes())
    data[24:28] = rate_hz.to_bytes(4, "little")
    path = tmp_path / "rate.wav"
    path.write_bytes(data)
    if is_read:
        assert prepare([media("photo.jpg"), path], out=tmp_path / "out").entries[1].output.info.kind == "audio"
        return
    with pytest.raises(
        UnreadableError, match=rf"rate\.wav: its sound has {rate_hz:,} samples a second; at most 1,000,000"
    ):
        check([path])
