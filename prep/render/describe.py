"""Facts and limits in a few words."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from prep.model.limits import EndpointSpec, Limit, Parameter
from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import PlanEntry
from prep.rules.amounts import amount
from prep.rules.format_names import format_name
from prep.rules.private import in_words

# What an encoder makes of a picture, or LAME of a sound, is known only when it is done.
UNPREDICTABLE = frozenset({"encode-image", "encode-video"})
CHANNELS = {1: "mono", 2: "stereo"}


def describe(info: MediaInfo) -> str:
    """One line of facts: "MP4 H.264 1280×720, 30 fps, 5 s, AAC sound, 2 MB"."""
    return f"{_without_size(info)}, {amount(info.bytes, 'bytes')}"


def describe_predicted(entry: PlanEntry) -> str:
    """One line of facts about the file to come; its size only where it can be estimated."""
    size = f", about {amount(entry.predicted.bytes, 'bytes')}" if size_known(entry) else ""
    return f"{_without_size(entry.predicted)}{size}{left_out(entry.source, entry.predicted)}"


def left_out(before: MediaInfo, after: MediaInfo) -> str:
    """The metadata of *before* that *after* lacks: "; your GPS position and other metadata removed"; else empty."""
    gone = [name for name in before.private_metadata if name not in after.private_metadata]
    words = in_words(gone)
    if getattr(before, "metadata", ()) and not getattr(after, "metadata", ()):
        words = f"{words} and other metadata" if gone else "its metadata"
    return f"; {words} removed" if words else ""


def size_known(entry: PlanEntry) -> bool:
    """Whether the predicted bytes are an estimate; otherwise they are only the most that is allowed."""
    mp3 = any(step.kind == "encode-audio" and step.container == "mp3" for step in entry.steps)
    return not mp3 and UNPREDICTABLE.isdisjoint(step.kind for step in entry.steps)


def describe_sound(codec: str | None, rate_hz: int | None, channels: int | None) -> str:
    """The coding of a sound: "AAC, 48 kHz, stereo"; what is unknown is left out."""
    return ", ".join(
        filter(None, [format_name(codec) if codec else "unknown codec", describe_channels(rate_hz, channels)])
    )


def describe_channels(rate_hz: int | None, channels: int | None) -> str:
    """The samples of a sound: "48 kHz, stereo"; what is unknown is left out."""
    rate = [f"{rate_hz / 1000:g} kHz"] if rate_hz else []
    return ", ".join([*rate, *([CHANNELS.get(channels, f"{channels} channels")] if channels else [])])


def describe_audio_format(info: AudioInfo) -> str:
    """The container and the codec of a sound file: "WAV 16-bit PCM"; "MP3" where both have one name."""
    container, codec = format_name(info.container), format_name(info.codec)
    return codec if codec.startswith(container) else f"{container} {codec}"


def _without_size(info: MediaInfo) -> str:
    container = format_name(info.container)
    if isinstance(info, ImageInfo):
        frames = [f"{info.frames} frames"] if info.frames > 1 else []
        return ", ".join([f"{container} {info.width}×{info.height}", *frames])
    if isinstance(info, AudioInfo):
        rate = f"{info.sample_rate_hz / 1000:g} kHz {CHANNELS.get(info.channels, f'{info.channels} channels')}"
        return f"{describe_audio_format(info)}, {amount(info.duration_s, 's')}, {rate}"
    return _video(info, container)


def _video(info: VideoInfo, container: str) -> str:
    sound = f"{format_name(info.audio_codec or 'unknown')} sound" if info.has_audio else "no sound"
    notes = [note for note, there in (("HDR", info.hdr), ("variable rate", info.vfr)) if there]
    names = " ".join(dict.fromkeys((container, format_name(info.codec))))  # "GIF" where both have one name
    picture = f"{names} {info.width}×{info.height}"
    return ", ".join([picture, amount(info.avg_fps, "fps"), amount(info.duration_s, "s"), *notes, sound])


UNITS = (
    ("bytes", " bytes"),
    ("_px", " px"),
    ("_s", " s"),
    ("fps", " fps"),
    ("prompt_words", " words (English and most languages)"),
    ("prompt_characters", " characters (Chinese, Japanese, Korean)"),
)


def describe_limits(spec: EndpointSpec) -> list[tuple[str, str, str, str]]:
    """Every limit as (name, value, accepted or "", basis), in the order of the spec."""
    rows: list[tuple[str, str, str, str]] = []
    for group in ("image", "video", "audio", "set", "request"):
        for name, limit in getattr(spec, group):
            if isinstance(limit, Limit):
                accepted = describe_value(name, limit.accepted) if limit.accepted is not None else ""
                rows.append((f"{group}.{name}", describe_value(name, limit.value), accepted, limit.basis))
            elif isinstance(limit, Parameter):
                rows.append((f"{group}.{name}", describe_parameter(limit), "", limit.basis))
    return rows


def describe_parameter(parameter: Parameter) -> str:
    """The values that a parameter takes, its default marked."""
    values = {"boolean": ("true", "false"), "integer": ("a whole number",), "string": ("text",)}[parameter.type]
    default = str(parameter.default).lower() if parameter.type == "boolean" else str(parameter.default)
    marked = (f"{value} (default)" if value == default else value for value in parameter.choices or values)
    return ", ".join(_with_ranges(marked)) + (
        "" if parameter.listed else "; on the endpoint's page, but not in its schema"
    )


def _with_ranges(values: Iterable[str]) -> Iterator[str]:
    """Whole numbers that follow each other as one: 4, 5, 6 as 4–6."""
    for _, group in groupby(enumerate(values), lambda item: int(item[1]) - item[0] if item[1].isdigit() else item[1]):
        run = [value for _, value in group]
        yield f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(run)


def describe_value(name: str, value: object) -> str:
    """The value of the limit of that name, with its unit."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        unit = next((unit for ending, unit in UNITS if name.endswith(ending)), "")
        return f"{value:,}{unit}" if isinstance(value, int) else f"{value:g}{unit}"
    return str(value)
