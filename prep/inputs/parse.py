"""Parses `[NAME=]PATH-or-URL[#t=START,END|best:SECONDS][&xywh=...][&track=...]`.

The part after `#` follows the W3C Media Fragments recommendation (temporal and spatial dimensions); `best:` is our own.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote

from pydantic import ValidationError

from prep.errors import UsageError
from prep.model.redact import HALF_CHARACTER, shown
from prep.model.reference import BEST, NAME, Crop, Part, Reference
from prep.model.value import Given
from prep.validation import complaints

SECONDS = re.compile(r"\d+(\.\d*)?|\.\d+")
CLOCK = re.compile(r"(?:(\d+):)?([0-5]?\d):([0-5]?\d(?:\.\d*)?)")
LONGEST_NUMBER = 20
XYWH = re.compile(r"(?:(pixel|percent):)?(\d+(?:\.\d+)?),(\d+(?:\.\d+)?),(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)")
# Two letters at least: one is a drive. `data:` holds the file itself and may be megabytes long.
SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://|(data|blob):", re.IGNORECASE)
LONGEST_SHOWN = 80
INSTEAD = {
    "file": "name the path itself",
    "data": "write it to a file, or pass its bytes to the library",
    "abfs": "name it as az://CONTAINER/KEY",
    "gcs": "name it as gs://BUCKET/KEY",
}

G = TypeVar("G", bound=Given)


def parse_reference(text: str, exists: Callable[[str], bool]) -> Reference:
    """Parse one REF. *exists* says whether a path exists: an existing path is a path, whatever characters it holds.

    Raises UsageError that shows the form expected.
    """
    if not text:
        raise UsageError("an empty reference; expected a path or URL")
    if HALF_CHARACTER.search(text):
        raise UsageError(f"{shown(text)}: half of a character, which no file has in its name")
    if exists(text):
        return Reference(location=f"./{text}" if Reference(location=text).is_url else text)
    name, rest = _split_name(text)
    if name and exists(rest):
        return _build(Reference, text, location=rest, name=name)
    path, _, fragment = text.rpartition("#")
    if path and exists(path):
        return _with_fragment(path, None, fragment, text)
    if name is None:
        _refuse_bad_name(text, exists)
    location, mark, fragment = rest.rpartition("#")
    if not mark:
        location, fragment = rest, ""
    if not location:
        raise UsageError(f"{shown(text)}: no path; expected [NAME=]PATH-or-URL[#t=START,END]")
    _refuse_scheme(location)
    return _with_fragment(location, name, fragment, text)


def parse_part(value: str, text: str) -> Part:
    """Parse `START,END` (seconds or [hh:]mm:ss, either may be missing) or `best:SECONDS`; *text* is for the message."""
    if value.startswith(BEST):
        return _build(Part, text, best_s=_seconds(value.removeprefix(BEST), text))
    start, comma, end = value.removeprefix("npt:").partition(",")
    if not start and not end:
        raise _bad_fragment(text, "t= needs a start or an end")
    if comma and not end:
        raise _bad_fragment(text, "t= has a comma but no end")
    start_s = _seconds(start, text) if start else 0.0
    end_s = _seconds(end, text) if end else None
    return _build(Part, text, start_s=start_s, end_s=end_s)


def is_time(text: str) -> bool:
    """Whether *text* is a time as a part has it: seconds, or [hh:]mm:ss."""
    return len(text) <= LONGEST_NUMBER and bool(SECONDS.fullmatch(text) or CLOCK.fullmatch(text))


def _refuse_scheme(location: str) -> None:
    """Raise UsageError for a URL that can't be read: as a path it would only be reported as missing."""
    match = SCHEME.match(location)
    scheme = (match[1] or match[2]).lower() if match else "https"
    if match and scheme not in ("http", "https", "s3", "gs", "az"):
        place = shown(location[:LONGEST_SHOWN]) + ("…" if len(location) > LONGEST_SHOWN else "")
        move = INSTEAD.get(scheme, "download it, and name the file")
        raise UsageError(f"{place}: {match[0]} can't be read, only files, https://, s3://, gs:// and az:// can; {move}")


def _split_name(text: str) -> tuple[str | None, str]:
    name, equals, rest = text.partition("=")
    if equals and rest and NAME.fullmatch(name):
        return name, rest
    return None, text


def _refuse_bad_name(text: str, exists: Callable[[str], bool]) -> None:
    """Raise UsageError for a REF that was meant to have a name: `@hero=photo.heic`, `hero:photo.heic`."""
    name, equals, rest = text.partition("=")
    if equals and rest and name.startswith("@") and NAME.fullmatch(name[1:]):
        raise UsageError(f"{shown(text)}: write {shown(text[1:])}, without @; the prompt has the @")
    if equals and name and _leads_somewhere(rest, exists):
        raise UsageError(
            f"{shown(text)}: {shown(name)!r} is not a name: only letters, digits, _ and -, beginning with a letter or _"
        )
    name, colon, rest = text.partition(":")
    if colon and not SCHEME.match(text) and NAME.fullmatch(name.removeprefix("@")) and _leads_somewhere(rest, exists):
        raise UsageError(f"{shown(text)}: write {shown(name.removeprefix('@'))}={shown(rest)}")


def _leads_somewhere(rest: str, exists: Callable[[str], bool]) -> bool:
    """Whether *rest* is an existing path, also with a fragment, or a URL."""
    path = rest.rpartition("#")[0]
    return bool(rest) and (exists(rest) or bool(path and exists(path)) or Reference(location=rest).is_url)


def _with_fragment(location: str, name: str | None, fragment: str, text: str) -> Reference:
    if not fragment:
        return _build(Reference, text, location=location, name=name)
    fields: dict[str, object] = {}
    for item in fragment.split("&"):
        key, _, value = item.partition("=")
        if key in fields:
            raise _bad_fragment(text, f"{key}= appears twice")
        match key:
            case "t":
                fields["t"] = parse_part(unquote(value), text)
            case "xywh":
                fields["xywh"] = _parse_crop(unquote(value), text)
            case "track" if value in ("audio", "video"):
                fields["track"] = value
            case _:
                raise _bad_fragment(text, f"{item!r} is not understood")
    return _build(
        Reference,
        text,
        location=location,
        name=name,
        part=fields.get("t"),
        crop=fields.get("xywh"),
        track=fields.get("track"),
    )


def _seconds(value: str, text: str) -> float:
    if len(value) > LONGEST_NUMBER:
        raise _bad_fragment(text, f"{value[:LONGEST_NUMBER]}... is not a time")
    if SECONDS.fullmatch(value):
        return float(value)
    if clock := CLOCK.fullmatch(value):
        hours, minutes, seconds = clock.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)
    raise _bad_fragment(text, f"{value!r} is not a time")


def _parse_crop(value: str, text: str) -> Crop:
    match = XYWH.fullmatch(value)
    if not match or any(len(number) > LONGEST_NUMBER for number in match.groups()[1:]):
        raise _bad_fragment(text, f"xywh={value} is not four numbers")
    unit = "percent" if match[1] == "percent" else "pixel"
    x, y, width, height = (float(match[i]) for i in range(2, 6))
    return _build(Crop, text, unit=unit, x=x, y=y, width=width, height=height)


def _build(kind: type[G], text: str, **fields: Any) -> G:
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        why = "; ".join(why for _, why in complaints(error, kind))
        raise (UsageError(f"{shown(text)}: {why}") if kind is Reference else _bad_fragment(text, why)) from None


def _bad_fragment(text: str, why: str) -> UsageError:
    return UsageError(
        f"{shown(text)}: bad fragment: {why}; expected #t=START,END, #t=best:SECONDS, #xywh=X,Y,W,H or "
        "#track=audio|video"
    )
