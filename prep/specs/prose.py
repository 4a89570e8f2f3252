"""Limits that a description states in words: "At most 3 clips, 2-15 seconds in all, below 50 MB".

As of 2026-11 fal documents the references of most endpoints this way; `x-fal` came later.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

# Names of containers, and the names that a spec uses.
SPEC_NAMES = {"jpg": "jpeg", "tif": "tiff", "heic": "heif", "quicktime": "mov", "mkv": "matroska"}
CONTAINERS = (
    *("jpeg", "png", "webp", "gif", "bmp", "tiff", "heif", "avif", "mp4", "mov", "webm", "matroska", "avi"),
    *("mp3", "wav", "m4a", "aac", "flac", "ogg"),
)
# 2.5 and 2,500, but no part of 1.2.3; it begins in one place only, however many digits follow.
NUMBER = r"(?<!\d)(?<!\d[.,])(\d+(?:,\d{3})*(?:\.\d+)?)"
RANGE = rf"{NUMBER}(?:\s*(?:-|–|to|and)\s*{NUMBER})?"


class Quantity(NamedTuple):
    """*words* of a description, the *values* that they may mean, and the names of limits that they may be about."""

    words: str
    values: tuple[float, ...]
    limits: tuple[str, ...]


class _Kind(NamedTuple):
    """Numbers that *pattern* finds beside a unit (its group `unit`); *values* gives what each may mean."""

    pattern: re.Pattern[str]
    values: Callable[[float, str], tuple[float, ...]]
    limits: tuple[str, ...]


def _bytes(number: float, unit: str) -> tuple[float, ...]:
    """Decimal and binary: pages say MB where they mean MiB."""
    power = " kmg".index(unit[0].lower())
    return number * 1000**power, number * 1024**power


def _same(number: float, unit: str) -> tuple[float, ...]:  # noqa: ARG001
    return (number,)


KINDS = (
    _Kind(re.compile(rf"{RANGE}\s*(?P<unit>[kmg])i?b\b", re.I), _bytes, ("max_bytes", "max_total_bytes")),
    _Kind(
        re.compile(rf"{RANGE}\s*(?:s|sec|secs|seconds?)\b", re.I),
        _same,
        ("min_duration_s", "max_duration_s", "min_total_duration_s", "max_total_duration_s"),
    ),
    _Kind(re.compile(rf"{RANGE}\s*(?:fps|frames per second)\b", re.I), _same, ("min_fps", "max_fps")),
    _Kind(
        re.compile(rf"{RANGE}\s+(?:\w+\s+)?(?:images?|videos?|clips?|audios?|sounds?)\b", re.I), _same, ("max_count",)
    ),
    _Kind(re.compile(rf"{RANGE}\s+(?:\w+\s+)?files?\b", re.I), _same, ("max_count", "max_files")),
)
SIZE = re.compile(r"(\d{2,5})\s*[x×]\s*(\d{2,5})", re.I)


def quantities(text: str) -> Iterator[Quantity]:
    """Every number in *text* that has a unit; sizes of pictures as areas."""
    for kind in KINDS:
        for match in kind.pattern.finditer(text):
            unit = match.groupdict().get("unit") or ""
            for number in filter(None, match.groups()[:2]):
                values = kind.values(float(number.replace(",", "")), unit)
                yield Quantity(match[0], values, kind.limits)
    for match in SIZE.finditer(text):
        yield Quantity(match[0], (float(int(match[1]) * int(match[2])),), ("min_area_px", "max_area_px"))


def containers(text: str) -> tuple[str, ...]:
    """The formats in *text*, by the names that a spec uses."""
    words = (SPEC_NAMES.get(word, word) for word in re.findall(r"[a-z0-9]+", text.lower()))
    return tuple(dict.fromkeys(word for word in words if word in CONTAINERS))
