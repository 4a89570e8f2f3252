"""Browsers: the media that they play as they are. For anything else the page plays a small copy of the kept part."""

from prep.model.media import AudioInfo, MediaInfo, VideoInfo

# Chromium, Firefox and Safari of 2026 (caniuse.com: mpeg4, webm, av1, mp3, wav, flac, opus).
VIDEOS = {"mp4": ("h264",), "mov": ("h264",), "webm": ("vp8", "vp9")}
SOUNDTRACKS = {"mp4": ("aac", "mp3"), "mov": ("aac", "mp3"), "webm": ("opus", "vorbis")}
SOUNDS = {"mp3": ("mp3",), "wav": ("pcm_s16le", "pcm_u8"), "m4a": ("aac",), "flac": ("flac",)}
PIXELS = ("yuv420p", "yuvj420p")


def plays_everywhere(info: MediaInfo) -> bool:
    """Whether browsers play the file as it is, with the times that a plan counts from its first picture."""
    match info:
        case VideoInfo():
            known = info.codec in VIDEOS.get(info.container, ()) and info.pix_fmt in PIXELS
            heard = not info.has_audio or info.audio_codec in SOUNDTRACKS.get(info.container, ())
            plain = not (info.hdr or info.changes or info.truncated or info.interlaced or info.has_alpha)
            return known and heard and plain and info.lead_s == 0 and info.sar == "1:1"
        case AudioInfo():
            plain = not (info.truncated or info.changes) and info.channels <= 2
            return plain and info.codec in SOUNDS.get(info.container, ())
        case _:
            return False


def media_type(info: MediaInfo) -> str:
    """The type that the file is served as."""
    types = {"mp4": "video/mp4", "mov": "video/mp4", "webm": "video/webm", "mp3": "audio/mpeg", "wav": "audio/wav"}
    others = {"m4a": "audio/mp4", "flac": "audio/flac"}
    return (types | others).get(info.container, "application/octet-stream")
