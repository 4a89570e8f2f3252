"""Predicts the MediaInfo of a file after the steps of a plan; the rules judge it like a real one."""

from functools import reduce

from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
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

Changes = dict[str, object]

# Remuxing keeps the streams and writes new tables around them.
REMUX_OVERHEAD_BYTES = 100_000


def predict(info: MediaInfo, steps: tuple[Step, ...]) -> MediaInfo:
    """*info* after *steps*. Byte counts of encoded files are the most that the encoder is allowed."""
    return reduce(_after, steps, info)


def _after(info: MediaInfo, step: Step) -> MediaInfo:
    """Raises ValueError when *step* is not for this kind of media."""
    match info:
        case ImageInfo():
            changes = _of_image(info, step)
        case VideoInfo():
            changes = _of_video(info, step)
        case AudioInfo():
            changes = _of_audio(info, step)
    if changes is None:
        raise ValueError(f"the step {step.kind} does not apply to {info.kind}")
    return info.model_copy(update=changes)


def _of_image(info: ImageInfo, step: Step) -> Changes | None:
    match step:
        case TakeFrame():
            return {"frames": 1}
        case Orient():
            return {"orientation": 1}
        case CropTo() | Scale() | Pad():
            return {"width": step.width, "height": step.height}
        case Flatten():
            return {"has_alpha": False}
        case ToneMap():
            return {"hdr": None, "color_primaries": None}
        case StripMetadata():
            return {"private_metadata": (), "metadata": ()}
        case EncodeImage():
            return _encoded_image(info, step)
    return None


def _of_video(info: VideoInfo, step: Step) -> Changes | None:
    match step:
        case Orient():
            return {"rotation": 0, "mirrored": False}
        case CropTo() | Scale() | Pad():
            sides = {"width": step.width, "height": step.height}
            return {**sides, "coded_width": step.width, "coded_height": step.height, "sar": "1:1"}
        case Flatten():
            return {"has_alpha": False}
        case ToneMap():
            return {"hdr": None, "dolby_vision": None}
        case Mute():
            seconds = info.duration_s if info.picture_s is None else info.picture_s
            return {"has_audio": False, "audio_codec": None, "audio_stream": None, **_lasting(info, seconds)}
        case EncodeVideo():
            return _encoded_video(info, step)
        case Remux():
            return _remuxed(info, step)
    return _over_time(info, step)


def _over_time(info: VideoInfo, step: Step) -> Changes | None:
    match step:
        case Trim():
            return _trimmed(info, step)
        case Extend():
            return _lasting(info, step.duration_s)
        case SetRate():
            fps = round(_rate(step.fps), 3)
            return {"fps": fps, "avg_fps": fps, "vfr": False}
        case Deinterlace():
            times = 2 if step.every == "field" else 1
            return {"interlaced": False, "fps": round(info.fps * times, 3), "avg_fps": round(info.avg_fps * times, 3)}
    return None


def _of_audio(info: AudioInfo, step: Step) -> Changes | None:
    match step:
        case Trim():
            return _trimmed(info, step)
        case Extend():
            return _lasting(info, step.duration_s)
        case SetLoudness():
            return {}
        case StripMetadata():
            return {"private_metadata": (), "metadata": (), "has_cover": False}
        case EncodeAudio():
            return _encoded_audio(info, step)
    return None


def _trimmed(info: VideoInfo | AudioInfo, step: Trim) -> Changes:
    size = round(info.bytes * step.duration_s / max(info.duration_s, step.duration_s))
    return {**_lasting(info, step.duration_s), "bytes": size}


def _lasting(info: VideoInfo | AudioInfo, seconds: float) -> Changes:
    picture: Changes = {"picture_s": seconds} if isinstance(info, VideoInfo) else {}
    return {"duration_s": seconds, **picture}


def _rate(fps: str) -> float:
    numerator, _, denominator = fps.partition("/")
    return int(numerator) / int(denominator or 1)


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


def _encoded_video(info: VideoInfo, step: EncodeVideo) -> Changes:
    return {
        "container": "mp4",
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
        "start_s": 0.0,
        "lead_s": 0.0,
        "video_streams": 1,
        "private_metadata": (),
        **_aac(info),
    }


def _remuxed(info: VideoInfo, step: Remux) -> Changes:
    sound = _aac(info) if step.audio == "encode" else {}
    return {
        "container": "mp4",
        "bytes": info.bytes + REMUX_OVERHEAD_BYTES,
        "start_s": 0.0,
        "lead_s": 0.0,
        "video_streams": 1,
        "private_metadata": (),
        **sound,
    }


def _aac(info: VideoInfo) -> Changes:
    if not info.has_audio:
        return {}
    return {"audio_codec": "aac", "audio_channels": min(info.audio_channels or 2, 2), "audio_streams": 1}


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
        "claimed_s": None,
        "private_metadata": (),
        "metadata": (),
    }
