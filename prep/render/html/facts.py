"""Facts of a file before and after preparation, side by side."""

from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.value import Value
from prep.render.describe import describe_audio_format, describe_channels, describe_sound
from prep.rules.amounts import amount
from prep.rules.format_names import format_name

# The value of a fact that only one of the two has.
DEFAULTS = {"Dynamic range": "SDR", "Frames": "1"}
UNKNOWN = "–"


class Fact(Value):
    """*after* None: the file is not re-made. *changed*: the two differ."""

    name: str
    before: str
    after: str | None = None
    changed: bool = False


def facts_of(source: MediaInfo, result: MediaInfo | None, *, size_known: bool = True) -> tuple[Fact, ...]:
    """Facts in words. *size_known* False: the bytes of *result* are a bound, and are not shown."""
    before = _words(source)
    after = _words(result) if result is not None else {}
    if not size_known and "Size" in after:
        after["Size"] = UNKNOWN
    return tuple(
        Fact(
            name=name,
            before=before.get(name, DEFAULTS.get(name, UNKNOWN)),
            after=after.get(name, DEFAULTS.get(name, UNKNOWN)) if result is not None else None,
            changed=result is not None and before.get(name) != after.get(name) != UNKNOWN,
        )
        for name in dict.fromkeys([*before, *after])
    )


def _words(info: MediaInfo) -> dict[str, str]:
    match info:
        case ImageInfo():
            frames = {"Frames": str(info.frames)} if info.frames > 1 else {}
            words = {"Format": format_name(info.container), "Picture": f"{info.width}×{info.height}", **frames}
        case VideoInfo():
            words = _video(info)
        case AudioInfo():
            words = {
                "Format": describe_audio_format(info),
                "Length": amount(info.duration_s, "s"),
                "Sound": describe_channels(info.sample_rate_hz, info.channels),
            }
    return words | {"Size": amount(info.bytes, "bytes")}


def _video(info: VideoInfo) -> dict[str, str]:
    sound = describe_sound(info.audio_codec, info.audio_rate_hz, info.audio_channels) if info.has_audio else "none"
    return {
        "Format": f"{format_name(info.container)}, {format_name(info.codec)}",
        "Picture": f"{info.width}×{info.height}",
        "Length": amount(info.duration_s, "s"),
        "Frame rate": amount(info.avg_fps, "fps") + (", variable" if info.vfr else ""),
        "Sound": sound,
        **({"Dynamic range": f"HDR ({info.hdr.upper()})"} if info.hdr else {}),
    }
