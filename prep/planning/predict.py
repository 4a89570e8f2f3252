"""What the steps of a plan would make of a file, as MediaInfo: judged by the same rules as a real one."""

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

# Remuxing keeps the streams and writes new tables around them.
REMUX_OVERHEAD_BYTES = 100_000


def predict(info: MediaInfo, steps: tuple[Step, ...]) -> MediaInfo:
    """*info* after *steps*. Byte counts of encoded files are the most that the encoder is allowed."""
    return reduce(_after, steps, info)


def _after(info: MediaInfo, step: Step) -> MediaInfo:
    match step:
        case TakeFrame():
            return info.model_copy(update={"frames": 1})
        case Orient() if isinstance(info, ImageInfo):
            return info.model_copy(update={"orientation": 1})
        case Orient():
            return info.model_copy(update={"rotation": 0, "mirrored": False})
        case CropTo() | Scale() | Pad():
            return _sized(info, step.width, step.height)
        case Trim():
            size = round(info.bytes * step.duration_s / max(getattr(info, "duration_s", 0.0), step.duration_s))
            return info.model_copy(update={**_lasting(info, step.duration_s), "bytes": size})
        case Extend():
            return info.model_copy(update=_lasting(info, step.duration_s))
        case SetRate():
            fps = round(_rate(step.fps), 3)
            return info.model_copy(update={"fps": fps, "avg_fps": fps, "vfr": False})
        case Deinterlace() if isinstance(info, VideoInfo):
            times = 2 if step.every == "field" else 1
            rates = {"fps": round(info.fps * times, 3), "avg_fps": round(info.avg_fps * times, 3)}
            return info.model_copy(update={"interlaced": False, **rates})
        case Flatten():
            return info.model_copy(update={"has_alpha": False})
        case Mute():
            silent = {"has_audio": False, "audio_codec": None, "audio_stream": None}
            return info.model_copy(update=silent | _lasting(info, _seen_s(info)))
        case SetLoudness():
            return info
        case ToneMap() if isinstance(info, ImageInfo):
            return info.model_copy(update={"hdr": None, "color_primaries": None})
        case ToneMap():
            return info.model_copy(update={"hdr": None, "dolby_vision": None})
        case StripMetadata() if isinstance(info, ImageInfo):
            return info.model_copy(update={"private_metadata": (), "metadata": ()})
        case StripMetadata() if isinstance(info, AudioInfo):
            return info.model_copy(update={"private_metadata": (), "metadata": (), "has_cover": False})
        case EncodeImage() if isinstance(info, ImageInfo):
            return _encoded_image(info, step)
        case EncodeVideo() if isinstance(info, VideoInfo):
            return _encoded_video(info, step)
        case Remux() if isinstance(info, VideoInfo):
            return _remuxed(info, step)
        case EncodeAudio() if isinstance(info, AudioInfo):
            return _encoded_audio(info, step)
        case _:
            raise ValueError(f"the step {step.kind} does not apply to {info.kind}")


def _sized(info: MediaInfo, width: int, height: int) -> MediaInfo:
    size = {"width": width, "height": height}
    if isinstance(info, VideoInfo):
        size |= {"coded_width": width, "coded_height": height}
        return info.model_copy(update=size | {"sar": "1:1"})
    return info.model_copy(update=size)


def _lasting(info: MediaInfo, seconds: float) -> dict[str, float]:
    return {"duration_s": seconds} | ({"picture_s": seconds} if isinstance(info, VideoInfo) else {})


def _seen_s(info: MediaInfo) -> float:
    """Without its sound a video lasts as long as its picture."""
    if isinstance(info, VideoInfo) and info.picture_s is not None:
        return info.picture_s
    return float(getattr(info, "duration_s", 0.0))


def _rate(fps: str) -> float:
    numerator, _, denominator = fps.partition("/")
    return int(numerator) / int(denominator or 1)


def _encoded_image(info: ImageInfo, step: EncodeImage) -> ImageInfo:
    has_alpha = info.has_alpha and step.container != "jpeg"
    return info.model_copy(
        update={
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
    )


def _encoded_video(info: VideoInfo, step: EncodeVideo) -> VideoInfo:
    return info.model_copy(
        update={
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
    )


def _remuxed(info: VideoInfo, step: Remux) -> VideoInfo:
    sound = _aac(info) if step.audio == "encode" else {}
    return info.model_copy(
        update={
            "container": "mp4",
            "bytes": info.bytes + REMUX_OVERHEAD_BYTES,
            "start_s": 0.0,
            "lead_s": 0.0,
            "video_streams": 1,
            "private_metadata": (),
            **sound,
        }
    )


def _aac(info: VideoInfo) -> dict[str, object]:
    if not info.has_audio:
        return {}
    return {"audio_codec": "aac", "audio_channels": min(info.audio_channels or 2, 2), "audio_streams": 1}


def _encoded_audio(info: AudioInfo, step: EncodeAudio) -> AudioInfo:
    # 320 kbit/s is the most that an MP3 has; WAV here is always 16-bit PCM
    bitrate_bps = 320_000 if step.container == "mp3" else step.sample_rate_hz * step.channels * 16
    return info.model_copy(
        update={
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
    )
