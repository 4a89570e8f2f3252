"""Predicts the MediaInfo of a file after the steps of a plan; the rules judge it like a real one."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo, soundtrack_rate_hz
from prep.model.plan import (
    CropTo,
    Deinterlace,
    EncodeAudio,
    EncodeImage,
    EncodeVideo,
    Extend,
    Flatten,
    Mute,
    Orient,
    Pad,
    Remux,
    Scale,
    SetLoudness,
    SetRate,
    Step,
    StripMetadata,
    TakeFrame,
    ToneMap,
    Trim,
)

# Remuxing keeps the streams and writes new tables around them.
REMUX_OVERHEAD_BYTES = 100_000

Changes = dict[str, Any]
NEW_MP4: Changes = {
    "container": "mp4",
    "start_s": 0.0,
    "lead_s": 0.0,
    "video_streams": 1,
    "claimed_s": None,
    "private_metadata": (),
}


def predict(info: MediaInfo, steps: tuple[Step, ...]) -> MediaInfo:
    """Return *info* after *steps*. Byte counts of encoded files are the most that the encoder is allowed.

    Raises ValueError for a step that does not apply to this kind of file.
    """
    for step in steps:
        change = CHANGES[info.kind].get(type(step))
        if change is None:
            raise ValueError(f"the step {step.kind} does not apply to {info.kind}")
        info = info.model_copy(update=change(info, step))
    return info


def _encoded_image(info: ImageInfo, step: EncodeImage) -> Changes:
    has_alpha = info.has_alpha and step.container != "jpeg"
    return {
        "container": step.container,
        "bytes": step.max_bytes or info.bytes,
        "mode": "RGBA" if has_alpha else "RGB",
        "has_alpha": has_alpha,
        "icc": None,
        "color_primaries": None,
        "hdr": None,
        "lossless": step.quality is None,
        "private_metadata": (),
        "metadata": (),
    }


def _size(step: CropTo | Scale | Pad) -> Changes:
    return {"width": step.width, "height": step.height}


def _coded_size(step: CropTo | Scale | Pad) -> Changes:
    return {**_size(step), "coded_width": step.width, "coded_height": step.height, "sar": "1:1"}


def _trimmed_video(info: VideoInfo, step: Trim) -> Changes:
    return {"picture_s": step.duration_s, **_trimmed(info, step)}


def _constant_rate(step: SetRate) -> Changes:
    fps = round(float(Fraction(step.fps)), 3)
    return {"fps": fps, "avg_fps": fps, "vfr": False}


def _deinterlaced(info: VideoInfo, step: Deinterlace) -> Changes:
    times = 2 if step.every == "field" else 1
    return {"interlaced": False, "fps": round(info.fps * times, 3), "avg_fps": round(info.avg_fps * times, 3)}


def _muted(info: VideoInfo) -> Changes:
    """Without its sound a video lasts as long as its picture."""
    shown_s = info.duration_s if info.picture_s is None else info.picture_s
    silent = {"has_audio": False, "audio_codec": None, "audio_stream": None}
    return {**silent, "duration_s": shown_s, "picture_s": shown_s}


def _encoded_video(info: VideoInfo, step: EncodeVideo) -> Changes:
    return {
        **NEW_MP4,
        "bytes": step.max_bytes,
        "coded_width": info.width,
        "coded_height": info.height,
        "sar": "1:1",
        "codec": "h264",
        "pix_fmt": "yuv420p",
        "bit_depth": 8,
        "color_range": "limited",
        "interlaced": False,
        "has_alpha": False,
        "truncated": False,
        "changes": (),
        **_aac(info),
    }


def _remuxed(info: VideoInfo, step: Remux) -> Changes:
    sound = _aac(info) if step.audio == "encode" else {}
    if sound:
        sound["changes"] = tuple(change for change in info.changes if change.track != "sound")
    return {**NEW_MP4, "bytes": info.bytes + REMUX_OVERHEAD_BYTES, **sound}


def _aac(info: VideoInfo) -> Changes:
    if not info.has_audio:
        return {}
    return {
        "audio_codec": "aac",
        "audio_channels": min(info.audio_channels or 2, 2),
        "audio_rate_hz": soundtrack_rate_hz(info.audio_rate_hz),
        "audio_streams": 1,
    }


def _trimmed(info: VideoInfo | AudioInfo, step: Trim) -> Changes:
    size = round(info.bytes * step.duration_s / max(info.duration_s, step.duration_s))
    return {"duration_s": step.duration_s, "bytes": size}


def _encoded_audio(info: AudioInfo, step: EncodeAudio) -> Changes:
    # 320 kbit/s is the most that an MP3 has; WAV here is always 16-bit PCM
    bitrate_bps = 320_000 if step.container == "mp3" else step.sample_rate_hz * step.channels * 16
    return {
        "container": step.container,
        "bytes": round(info.duration_s * bitrate_bps / 8) + 4096,
        "codec": "mp3" if step.container == "mp3" else "pcm_s16le",
        "sample_rate_hz": step.sample_rate_hz,
        "channels": step.channels,
        "bitrate_bps": bitrate_bps,
        "audio_streams": 1,
        "has_cover": False,
        "changes": (),
        "claimed_s": None,
        "truncated": False,
        "private_metadata": (),
        "metadata": (),
    }


Effects = Mapping[type, Callable[[Any, Any], Changes]]

IMAGE: Effects = {
    TakeFrame: lambda info, step: {"frames": 1, "frame": 0},
    Orient: lambda info, step: {"orientation": 1},
    **dict.fromkeys((CropTo, Scale, Pad), lambda info, step: _size(step)),
    ToneMap: lambda info, step: {"hdr": None, "color_primaries": None},
    Flatten: lambda info, step: {"has_alpha": False},
    StripMetadata: lambda info, step: {"private_metadata": (), "metadata": ()},
    EncodeImage: _encoded_image,
}
VIDEO: Effects = {
    Orient: lambda info, step: {"rotation": 0, "mirrored": False},
    Deinterlace: _deinterlaced,
    Trim: _trimmed_video,
    Extend: lambda info, step: {"duration_s": step.duration_s, "picture_s": step.duration_s},
    **dict.fromkeys((CropTo, Scale, Pad), lambda info, step: _coded_size(step)),
    Flatten: lambda info, step: {"has_alpha": False},
    SetRate: lambda info, step: _constant_rate(step),
    ToneMap: lambda info, step: {"hdr": None, "dolby_vision": None},
    Mute: lambda info, step: _muted(info),
    EncodeVideo: _encoded_video,
    Remux: _remuxed,
}
AUDIO: Effects = {
    Trim: _trimmed,
    Extend: lambda info, step: {"duration_s": step.duration_s},
    SetLoudness: lambda info, step: {},
    StripMetadata: lambda info, step: {"private_metadata": (), "metadata": (), "has_cover": False},
    EncodeAudio: _encoded_audio,
}
# By kind of file and of step: the facts that the step changes.
CHANGES = {"image": IMAGE, "video": VIDEO, "audio": AUDIO}
