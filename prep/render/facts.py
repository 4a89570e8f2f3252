"""The facts of a file before and after, side by side."""

from prep.model.limits import Value
from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.rules.findings import amount

# What it means that a fact is told of one of the two only.
UNTOLD = {"Range": "SDR", "Frames": "1"}


class Fact(Value):
    """*made* None: nothing is made of the file. *changed*: the two differ."""

    name: str
    given: str
    made: str | None = None
    changed: bool = False


def facts_of(given: MediaInfo, made: MediaInfo | None, *, bounded: bool = False) -> tuple[Fact, ...]:
    """Facts in words. *bounded*: the bytes of what is made are only known as a bound."""
    before = _words(given)
    after = _words(made) if made is not None else {}
    if bounded and "Size" in after:
        after["Size"] = f"at most {after['Size']}"
    return tuple(
        Fact(
            name=name,
            given=before.get(name, UNTOLD.get(name, "–")),
            made=after.get(name, UNTOLD.get(name, "–")) if made is not None else None,
            changed=made is not None and before.get(name) != after.get(name),
        )
        for name in dict.fromkeys([*before, *after])
    )


def _words(info: MediaInfo) -> dict[str, str]:
    match info:
        case ImageInfo():
            frames = {"Frames": str(info.frames)} if info.frames > 1 else {}
            words = {"Format": info.container.upper(), "Picture": f"{info.width}×{info.height}", **frames}
        case VideoInfo():
            colour = {"Range": f"HDR ({info.hdr.upper()})"} if info.hdr else {}
            words = {
                "Format": f"{info.container.upper()}, {info.codec}",
                "Picture": f"{info.width}×{info.height}",
                "Length": amount(info.duration_s, "s"),
                "Rate": amount(info.avg_fps, "fps") + (", variable" if info.vfr else ""),
                "Sound": _sound(info.audio_codec, info.audio_rate_hz, info.audio_channels)
                if info.has_audio
                else "none",
                **colour,
            }
        case AudioInfo():
            words = {
                "Format": info.container.upper(),
                "Length": amount(info.duration_s, "s"),
                "Sound": _sound(info.codec, info.sample_rate_hz, info.channels),
            }
    return words | {"Size": amount(info.bytes, "bytes", 2)}


def _sound(codec: str | None, rate_hz: int | None, channels: int | None) -> str:
    spread = {1: "mono", 2: "stereo"}.get(channels or 0, f"{channels} channels")
    rate = [f"{rate_hz / 1000:g} kHz"] if rate_hz else []
    return ", ".join([codec or "unknown", *rate, *([spread] if channels else [])])
