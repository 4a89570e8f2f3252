"""Facts of files, checked against their descriptions and independent readers."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pillow_heif
import pytest
from PIL import Image

from fixtures.broken import BROKEN
from fixtures.clip import encode_clip
from fixtures.ffmpeg import ffmpeg
from fixtures.make import read_quadrants
from prep.errors import UnreadableError
from tests.prep.media import reading
from tests.prep.probed import probe
from tests.types import Media

# What fixtures/README.md says of each; what is not named is checked against PyAV below.
VIDEOS: dict[str, dict[str, Any]] = {
    "clip_720p.mp4": {
        "container": "mp4", "width": 1280, "height": 720, "coded_width": 1280, "coded_height": 720, "rotation": 0,
        "mirrored": False, "sar": "1:1", "fps": 30.0, "avg_fps": 30.0, "vfr": False, "duration_s": 5.0, "start_s": 0.0,
        "codec": "h264", "pix_fmt": "yuv420p", "bit_depth": 8, "hdr": None, "color_range": "limited",
        "color_space": "bt709", "interlaced": False, "has_alpha": False, "truncated": False, "has_audio": True,
        "audio_codec": "aac", "audio_channels": 2, "audio_rate_hz": 48_000, "private_metadata": (),
    },
    "portrait_rot90.mov": {"width": 720, "height": 1280, "coded_width": 1280, "coded_height": 720, "rotation": 90},
    "rot180.mp4": {"width": 1280, "height": 720, "rotation": 180, "mirrored": False},
    "rot270.mp4": {"width": 720, "height": 1280, "rotation": 270, "mirrored": False},
    "flip_h.mp4": {"width": 1280, "height": 720, "rotation": 0, "mirrored": True},
    "sar_4_3.mp4": {"width": 1047, "height": 576, "coded_width": 720, "sar": "16:11", "fps": 25.0},
    "sar_1_2.mp4": {"width": 720, "height": 720, "coded_width": 1440, "sar": "1:2"},
    "odd_641x479.webm": {
        "container": "webm", "width": 641, "height": 479, "codec": "vp9", "audio_codec": "opus",
        "duration_s": pytest.approx(3, abs=0.03),
    },
    "fps10.mp4": {"fps": 10.0, "avg_fps": 10.0, "vfr": False},
    "fps120.mp4": {"fps": 120.0, "avg_fps": 120.0, "vfr": False, "duration_s": 2.0},
    "fps23976.mp4": {
        "fps": pytest.approx(24000 / 1001, abs=1e-3), "avg_fps": pytest.approx(24000 / 1001, abs=1e-3), "vfr": False,
    },
    "vfr.mp4": {"vfr": True, "duration_s": pytest.approx(6, abs=0.1)},
    "hdr10.mp4": {"hdr": "pq", "codec": "hevc", "bit_depth": 10, "color_primaries": "bt2020", "color_transfer": "pq"},
    "hlg.mp4": {"hdr": "hlg", "codec": "hevc", "bit_depth": 10, "color_primaries": "bt2020", "color_transfer": "hlg"},
    "interlaced.mp4": {"interlaced": True, "fps": 25.0, "sar": "16:15", "width": 768, "height": 576, "vfr": False},
    "full_range.mp4": {"color_range": "full", "pix_fmt": "yuvj420p"},
    "bt601_480p.mp4": {"width": 640, "height": 480, "color_space": "smpte170m", "fps": 29.97},
    "yuv422_10bit.mov": {"container": "mov", "pix_fmt": "yuv422p10le", "bit_depth": 10, "hdr": None},
    "prores_alpha.mov": {"codec": "prores", "has_alpha": True, "duration_s": 1.0},
    "vp9_alpha.webm": {"codec": "vp9", "has_alpha": True},
    "silent_720p.mp4": {"has_audio": False, "audio_codec": None, "audio_stream": None, "audio_streams": 0},
    "h264_aac.mkv": {"container": "matroska", "codec": "h264", "audio_codec": "aac"},
    "h264_aac.ts": {"container": "mpegts", "duration_s": pytest.approx(3, abs=0.03)},
    "start_offset.ts": {"start_s": pytest.approx(101.4, abs=0.1), "duration_s": pytest.approx(3, abs=0.03)},
    "negative_ts.mp4": {"duration_s": pytest.approx(3, abs=0.03), "start_s": 0.0},
    "fragmented.mp4": {"container": "mp4", "duration_s": pytest.approx(5, abs=0.03), "vfr": False},
    "no_duration.webm": {"codec": "vp8", "audio_codec": "opus", "duration_s": pytest.approx(3, abs=0.03), "fps": 30.0},
    "two_audio.mp4": {"audio_streams": 2, "audio_stream": 2, "audio_codec": "aac"},
    "cover_art.mp4": {"width": 1280, "height": 720, "codec": "h264", "video_streams": 1, "video_stream": 0},
    "subs_data.mp4": {"codec": "h264", "video_streams": 1, "audio_streams": 1, "duration_s": 3.0},
    "gps.mov": {"private_metadata": ("gps",), "container": "mov"},
    "mjpeg_pcm.mov": {"codec": "mjpeg", "audio_codec": "pcm_s16le", "duration_s": 2.0},
    "opus_in_mp4.mp4": {"codec": "h264", "audio_codec": "opus", "duration_s": 3.0},
    "surround51.mp4": {"audio_codec": "aac", "audio_channels": 6},
    "truncated_tail.mp4": {"truncated": True, "codec": "h264"},
    "truncated.mkv": {"truncated": True, "codec": "h264"},
}  # fmt: skip

SOUNDS: dict[str, dict[str, Any]] = {
    "voice.mp3": {"container": "mp3", "codec": "mp3", "sample_rate_hz": 44_100, "channels": 1, "bitrate_bps": 128_000},
    "song_20s.mp3": {"container": "mp3", "channels": 2, "duration_s": pytest.approx(20, abs=0.03)},
    "no_xing.mp3": {
        "container": "mp3",
        "duration_s": pytest.approx(10, abs=0.06),
        "claimed_s": pytest.approx(15.8, abs=0.3),
    },
    "cover.mp3": {"container": "mp3", "has_cover": True, "private_metadata": ("owner",)},
    "tone_15_84.wav": {"container": "wav", "codec": "pcm_s16le", "duration_s": 15.84, "channels": 2},
    "tone_5s.m4a": {"container": "m4a", "codec": "aac", "sample_rate_hz": 44_100},
    "tone_5s.flac": {"container": "flac", "codec": "flac", "duration_s": 5.0},
    "tone_5s.ogg": {"container": "ogg", "codec": "opus", "sample_rate_hz": 48_000},
    "tone_51.opus": {"container": "ogg", "codec": "opus", "channels": 6},
    "float32.wav": {"container": "wav", "codec": "pcm_f32le", "bitrate_bps": 32 * 2 * 48_000},
    "wav24.wav": {"container": "wav", "codec": "pcm_s24le", "sample_rate_hz": 96_000},
    "tone_8k.amr": {"container": "amr", "sample_rate_hz": 8_000, "channels": 1},
    "short_1s.wav": {"container": "wav", "duration_s": 1.0},
    "audio_only.mp4": {"container": "m4a", "codec": "aac", "duration_s": 5.0, "has_cover": False},
}

IMAGES: dict[str, dict[str, Any]] = {
    "photo.jpg": {"container": "jpeg", "width": 1800, "height": 1200, "mode": "RGB", "icc": None, "orientation": 1},
    "photo.heic": {"container": "heif", "width": 1800, "height": 1200, "mode": "RGB", "has_alpha": False},
    "photo.avif": {"container": "avif", "width": 1800, "height": 1200},
    "photo.webp": {"container": "webp", "width": 1800, "height": 1200, "frames": 1},
    "photo.tiff": {"container": "tiff", "width": 1800, "height": 1200},
    "photo.bmp": {"container": "bmp", "width": 1800, "height": 1200},
    "jpeg_named_png.png": {"container": "jpeg", "width": 800, "height": 600},
    "cmyk.jpg": {"container": "jpeg", "mode": "CMYK"},
    "alpha.png": {"container": "png", "mode": "RGBA", "has_alpha": True},
    "palette.png": {"container": "png", "mode": "P", "has_alpha": False},
    "grey16.png": {"container": "png", "mode": "I;16", "has_alpha": False},
    "photo_display_p3.jpg": {"icc": "Display P3"},
    "photo_gps.jpg": {"private_metadata": ("gps", "serial number", "owner")},
    "animated.gif": {"container": "gif", "frames": 10, "width": 640, "height": 480},
    "animated.webp": {"container": "webp", "frames": 10},
    "animated.png": {"container": "png", "frames": 10},
    "at_limit_6000.jpg": {"width": 6000, "height": 2400},
    **{f"photo_orient{n}.jpg": {"width": 1800, "height": 1200, "orientation": n} for n in range(1, 9)},
}

UNREADABLE = [name for name in BROKEN if name not in ("truncated_tail.mp4", "truncated.mkv")]


def _told(path: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    info = probe(path)
    assert info.bytes == path.stat().st_size
    return {field: getattr(info, field) for field in wanted}


@pytest.mark.parametrize("name", VIDEOS)
def test_a_video(media: Media, name: str) -> None:
    info = probe(media(name))
    assert info.kind == "video"
    assert _told(media(name), VIDEOS[name]) == VIDEOS[name]


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound(media: Media, name: str) -> None:
    info = probe(media(name))
    assert info.kind == "audio"
    assert _told(media(name), SOUNDS[name]) == SOUNDS[name]


@pytest.mark.parametrize("name", IMAGES)
def test_an_image(media: Media, name: str) -> None:
    info = probe(media(name))
    assert info.kind == "image"
    assert _told(media(name), IMAGES[name]) == IMAGES[name]


@pytest.mark.parametrize("name", VIDEOS)
def test_a_video_is_what_decoding_all_of_it_shows(media: Media, name: str) -> None:
    info, seen = probe(media(name)), reading.picture(media(name))
    assert info.kind == "video"
    assert (info.coded_width, info.coded_height) == seen.size
    with av.open(str(media(name))) as container:
        stream = container.streams.video[0]
        times = sorted(float(frame.pts * frame.time_base) for frame in container.decode(stream))
    assert len(times) == seen.frames
    assert info.start_s == pytest.approx(times[0], abs=0.03)
    assert info.avg_fps == pytest.approx((len(times) - 1) / (times[-1] - times[0]), rel=0.01)
    shown_s = times[-1] - times[0] + 1 / info.avg_fps
    heard_s = reading.sound(media(name)).duration_s if info.has_audio and not info.truncated else 0.0
    # the longest track counts; AAC is padded to whole frames that players leave out
    assert shown_s - 0.05 <= info.duration_s <= max(shown_s, heard_s) + 0.05


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_lasts_as_long_as_its_samples(media: Media, name: str) -> None:
    info, heard = probe(media(name)), reading.sound(media(name))
    assert info.kind == "audio"
    # a decoder gives what encoders add in front, up to 0.2 s for AMR, which some headers leave out
    assert info.duration_s == pytest.approx(heard.duration_s, abs=0.2 if name.endswith(".amr") else 0.06)
    assert (info.sample_rate_hz, info.channels) == (heard.rate_hz, len(heard.channels))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_what_pillow_would_apply(media: Media, orientation: int) -> None:
    path = media(f"photo_orient{orientation}.jpg")
    with Image.open(path) as stored:
        turned = stored.size == (1200, 1800)
    info = probe(path)
    assert info.kind == "image"
    assert turned == (info.orientation >= 5)
    assert (info.width, info.height) == (1800, 1200)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff", ".avif"])
def test_orientation_in_every_format(tmp_path: Path, suffix: str) -> None:
    """Width and height are as displayed. For TIFF and AVIF Pillow swaps them itself, for the others it does not."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 300), "red").save(tmp_path / f"turned{suffix}", exif=exif)
    info = probe(tmp_path / f"turned{suffix}")
    assert info.kind == "image"
    assert (info.width, info.height) == (300, 400)


@pytest.mark.parametrize("late", ["picture", "sound"])
def test_a_track_that_starts_late_lasts_longer(tmp_path: Path, late: str) -> None:
    """3 s of each, one of them 0.7 s later: the file lasts 3.7 s, and that is what its limits are measured on."""
    encode_clip(tmp_path / "whole.mp4", seconds=3)
    source, offset = str(tmp_path / "whole.mp4"), ("-itsoffset", "0.7")
    first, second = (offset, ()) if late == "picture" else ((), offset)
    inputs = (*first, "-i", source, *second, "-i", source)
    ffmpeg(*inputs, "-map", "0:v", "-map", "1:a", "-c", "copy", str(tmp_path / "late.mp4"))
    with av.open(str(tmp_path / "late.mp4")) as container:
        assert container.duration == pytest.approx(3_700_000, abs=60_000)
    info = probe(tmp_path / "late.mp4")
    assert info.kind == "video"
    assert info.duration_s == pytest.approx(3.7, abs=0.06)


def test_the_sound_of_a_video(media: Media) -> None:
    info = probe(media("two_audio.mp4"), "audio")
    assert info.kind == "audio"
    assert (info.codec, info.audio_stream, info.audio_streams) == ("aac", 2, 2)
    assert info.container not in ("mp3", "wav")


@pytest.mark.parametrize("name", ["animated.gif", "animated.png"])
def test_an_animation_as_a_video(media: Media, name: str) -> None:
    info = probe(media(name), "video")
    assert info.kind == "video"
    assert (info.width, info.height, info.fps) == (640, 480, 10.0)
    assert info.duration_s == pytest.approx(1.0, abs=0.11)
    assert not info.has_audio


@pytest.mark.parametrize(
    ("name", "track"),
    [
        ("photo.jpg", "audio"),
        ("photo.jpg", "video"),
        ("silent_720p.mp4", "audio"),
        ("voice.mp3", "video"),
        ("cover.mp3", "video"),
        ("audio_only.mp4", "video"),
    ],
)
def test_a_track_that_is_not_there(media: Media, name: str, track: Any) -> None:
    with pytest.raises(UnreadableError, match=name.replace(".", r"\.")):
        probe(media(name), track)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_broken_is_named(media: Media, name: str) -> None:
    with pytest.raises(UnreadableError, match=name.replace(".", r"\.")) as caught:
        probe(media(name))
    assert len(str(caught.value)) > len(str(media(name))) + 10
    assert "\n" not in str(caught.value)


def _fifo(path: Path) -> None:
    os.mkfifo(path)


SCRIPTS: dict[str, bytes] = {
    "concat.mp4": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "utf16.mp3": "not a sound, though it starts with 0xFF 0xFE".encode("utf-16"),
    "svg.png": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "zeros.mp4": bytes(100_000),
    "jpeg_magic.jpg": b"\xff\xd8\xff" + bytes(1000),
    "png_magic.png": b"\x89PNG\r\n\x1a\n",
    "ftyp.mp4": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2",
    "ftyp.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "riff.wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "webm.webm": b"\x1aE\xdf\xa3" + b"webm" + bytes(500),
    "id3.mp3": b"ID3\4\0\0\0\0\0\0" + bytes(500),
    "ogg.ogg": b"OggS" + bytes(500),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_only_looks_like_media(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(SCRIPTS[name])
    with pytest.raises(UnreadableError, match=name.replace(".", r"\.")):
        probe(path)


@pytest.mark.parametrize(
    ("make", "said"),
    [(lambda path: None, "no such file"), (_fifo, "a named pipe")],
    ids=["missing", "fifo"],
)
def test_what_is_no_file(tmp_path: Path, make: Callable[[Path], None], said: str) -> None:
    path = tmp_path / "hero.png"
    make(path)
    with pytest.raises(UnreadableError, match=rf"hero\.png.*{said}"):
        probe(path)


@pytest.mark.parametrize("name", ["list.avi", "list.mp4", "list.mp3", "list.ts", "list.m3u8"])
def test_a_playlist_opens_no_connection(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        lines = ("#EXTM3U", "#EXT-X-TARGETDURATION:10", "#EXTINF:10,", f"http://127.0.0.1:{port}/x.ts")
        (tmp_path / name).write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))
        with pytest.raises(UnreadableError):
            probe(tmp_path / name)
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_camera_transport_streams_have_longer_packets(media: Media, tmp_path: Path) -> None:
    """AVCHD (.mts) puts four bytes of timecode before each packet of 188."""
    whole = media("h264_aac.ts").read_bytes()
    path = tmp_path / "00001.mts"
    path.write_bytes(b"".join(bytes(4) + whole[at : at + 188] for at in range(0, len(whole), 188)))
    info = probe(path)
    assert info.kind == "video"
    assert (info.container, info.width, info.height) == ("mpegts", 1280, 720)
    assert info.duration_s == pytest.approx(3, abs=0.05)


def test_heic_stands_upright_by_itself(tmp_path: Path) -> None:
    """libheif applies the rotation, so the EXIF orientation that phones write as well must not be applied again."""
    card = Image.new("RGB", (400, 600), "blue")
    card.paste("red", (0, 0, 200, 300))
    exif = Image.Exif()
    exif[0x0112] = 6
    heif = pillow_heif.from_pillow(card)
    heif.save(tmp_path / "turned.heic", exif=exif.tobytes())
    with pillow_heif.open_heif(tmp_path / "turned.heic").to_pillow() as shown:  # type: ignore[union-attr]
        wanted = shown.size
    info = probe(tmp_path / "turned.heic")
    assert info.kind == "image"
    assert (info.width, info.height) == wanted
    assert info.orientation == 1
    assert read_quadrants(card)[0] == (255, 0, 0)


def test_a_huge_number_in_a_header_is_not_believed(media: Media, tmp_path: Path) -> None:
    """The duration in the movie header says hours or weeks; the samples say 5 s."""
    data = bytearray(media("clip_720p.mp4").read_bytes())
    at = data.index(b"mvhd") + 4
    data[at + 16 : at + 20] = b"\xf0\0\0\0"
    (tmp_path / "liar.mp4").write_bytes(data)
    assert probe(tmp_path / "liar.mp4").duration_s == pytest.approx(5, abs=0.05)  # type: ignore[union-attr]
