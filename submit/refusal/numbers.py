"""Numbers and lists in a refusal: the actual value and the allowed one."""

import math
from typing import Any, NamedTuple

from prep.model.finding import Unit
from prep.model.manifest import ManifestEntry
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.model.redact import shown
from prep.rules.amounts import amount, amounts

Amount = float | int | str
LONGEST_LIST = 20
LONGEST_WORD = 60
# For each error type: the key of the bound in the context, the words before it, and its unit.
BOUNDS: dict[str, tuple[str, str, Unit]] = {
    "file_too_large": ("max_size", "at most", "bytes"),
    "audio_duration_too_long": ("max_duration", "at most", "s"),
    "video_duration_too_long": ("max_duration", "at most", "s"),
    "audio_duration_too_short": ("min_duration", "at least", "s"),
    "video_duration_too_short": ("min_duration", "at least", "s"),
    "sequence_too_short": ("min_length", "at least", ""),
    "sequence_too_long": ("max_length", "at most", ""),
    "greater_than": ("gt", "more than", ""),
    "greater_than_equal": ("ge", "at least", ""),
    "less_than": ("lt", "less than", ""),
    "less_than_equal": ("le", "at most", ""),
    "multiple_of": ("multiple_of", "a multiple of", ""),
}
SIZES = {"image_too_small": ("min", "at least"), "image_too_large": ("max", "at most")}
LISTS = {
    "one_of": "expected",
    "unsupported_audio_format": "supported_formats",
    "unsupported_image_format": "supported_formats",
    "unsupported_video_format": "supported_formats",
}


class Numbers(NamedTuple):
    """*actual* is None when it is not known; *text* holds both."""

    actual: Amount | None
    allowed: Amount
    unit: Unit
    text: str


def read_numbers(error_type: str, context: Any, entry: ManifestEntry | None) -> Numbers | None:
    """Read the context of a problem; None when it is not as documented. *entry* is the file that it is about."""
    context = context if isinstance(context, dict) else {}
    if error_type in BOUNDS:
        key, words, unit = BOUNDS[error_type]
        bound = _number(context.get(key))
        if bound is None:
            return None
        actual = _actual(unit, context, entry)
        if actual is None:
            return Numbers(None, bound, unit, f"allowed: {words} {amount(bound, unit)}")
        actual_text, limit = amounts(actual, bound, unit)
        return Numbers(actual, bound, unit, f"it is {actual_text}, allowed: {words} {limit}")
    if error_type in SIZES:
        side, words = SIZES[error_type]
        width, height = _number(context.get(f"{side}_width")), _number(context.get(f"{side}_height"))
        if width is None or height is None:
            return None
        allowed = f"{words} {width:g}×{height:g}"
        info = entry.output.info if entry else None
        size = f"{info.width}×{info.height}" if isinstance(info, ImageInfo | VideoInfo) else None
        return Numbers(size, allowed, "", _text(size, allowed))
    if error_type in LISTS:
        allowed = _words(context.get(LISTS[error_type]))
        container = entry.output.info.container if entry else None
        return Numbers(container, allowed, "", _text(container, allowed)) if allowed else None
    return None


def _text(actual: str | None, allowed: str) -> str:
    return f"allowed: {allowed}" if actual is None else f"it is {actual}, allowed: {allowed}"


def _actual(unit: Unit, context: dict[str, Any], entry: ManifestEntry | None) -> float | int | None:
    info = entry.output.info if entry else None
    if unit == "bytes":
        return info.bytes if info else None
    if unit == "s":
        provided = _number(context.get("provided_duration"))
        measured = info.duration_s if isinstance(info, VideoInfo | AudioInfo) else None
        return measured if provided is None else provided
    return _number(context.get("actual_length"))


def _number(value: Any) -> float | int | None:
    fine = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if fine and abs(value) < 1e15 else None


def _words(value: Any) -> str:
    words = [shown(word)[:LONGEST_WORD] for word in value if isinstance(word, str)] if isinstance(value, list) else []
    return ", ".join([*words[:LONGEST_LIST], *(["..."] if len(words) > LONGEST_LIST else [])])
