"""Facts and steps in a few words."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from prep.model.color import BLACK
from prep.model.limits import EndpointSpec, Limit, Parameter
from prep.model.media import AudioInfo, ImageInfo, MediaInfo
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
from prep.rules.findings import amount


def describe(info: MediaInfo, *, at_most: bool = False) -> str:
    """One line of facts. *at_most*: the bytes are only a bound."""
    size = ("at most " if at_most else "") + amount(info.bytes, "bytes")
    if isinstance(info, ImageInfo):
        extra = [f"{info.frames} frames"] if info.frames > 1 else []
        return ", ".join([f"{info.container.upper()} {info.width}×{info.height}", *extra, size])
    if isinstance(info, AudioInfo):
        channels = {1: "mono", 2: "stereo"}.get(info.channels, f"{info.channels} channels")
        rate = f"{info.sample_rate_hz / 1000:g} kHz {channels}"
        return f"{info.container.upper()} {info.codec}, {amount(info.duration_s, 's')}, {rate}, {size}"
    sound = f"{info.audio_codec} sound" if info.has_audio else "no sound"
    notes = [note for note, there in (("HDR", info.hdr), ("variable rate", info.vfr)) if there]
    picture = f"{info.container.upper()} {info.codec} {info.width}×{info.height}"
    return ", ".join([picture, amount(info.avg_fps, "fps"), amount(info.duration_s, "s"), *notes, sound, size])


def describe_step(step: Step) -> str:
    """What one step does, without why."""
    match step:
        case TakeFrame():
            return f"take frame {step.index + 1}"
        case Orient():
            return "bake the rotation into the pixels"
        case Trim():
            return f"keep {step.start_s:g} to {step.start_s + step.duration_s:.6g} s"
        case CropTo():
            return f"crop to {step.width}×{step.height} at {step.x},{step.y}"
        case Scale():
            return f"scale to {step.width}×{step.height}"
        case Pad():
            bars = f" with {' and '.join(dict.fromkeys(step.colors))}" if step.colors else ""
            return f"pad to {step.width}×{step.height}{bars}"
        case SetRate():
            numerator, _, denominator = step.fps.partition("/")
            return f"{amount(int(numerator) / int(denominator or 1), 'fps')}, constant"
        case Extend():
            how = {"hold": "holding the last frame", "loop": "repeating it", "silence": "adding silence"}[step.how]
            return f"lengthen to {amount(step.duration_s, 's')}, {how}"
        case Deinterlace():
            return f"deinterlace, a frame for every {step.every}"
        case Flatten():
            return f"put it on {'black' if step.color == BLACK else step.color}"
        case Mute():
            return "leave the soundtrack out"
        case ToneMap():
            return "tone-map HDR to SDR"
        case EncodeImage():
            quality = f", quality {step.quality}" if step.quality else ", lossless" if step.container == "webp" else ""
            return f"write as {step.container.upper()}{quality}{f', {step.chroma}' if step.chroma else ''}"
        case StripMetadata():
            return "leave the metadata out, and what is coded as it is"
        case EncodeVideo():
            return "write as H.264 in MP4"
        case Remux():
            return "copy the picture into MP4" + (", soundtrack as AAC" if step.audio == "encode" else "")
        case SetLoudness():
            return f"bring it to {step.lufs:g} LUFS".replace("-", "−")
        case EncodeAudio():
            return f"write as {step.container.upper()}"


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
    values = {"boolean": ("true", "false"), "integer": ("a whole number",), "string": ("a text",)}[parameter.type]
    default = str(parameter.default).lower() if parameter.type == "boolean" else str(parameter.default)
    marked = (f"{value} (default)" if value == default else value for value in parameter.choices or values)
    return ", ".join(_with_ranges(marked)) + ("" if parameter.listed else "; not in the published schema")


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
        units = (("bytes", " bytes"), ("_px", " px"), ("_s", " s"), ("fps", " fps"))
        unit = next((unit for ending, unit in units if name.endswith(ending)), "")
        return f"{value:,}{unit}" if isinstance(value, int) else f"{value:g}{unit}"
    return str(value)
