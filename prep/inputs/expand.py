"""From what a command line names to references: patterns, folders, lists."""

import glob
import os
from collections.abc import Callable, Iterable, Iterator

from prep.errors import UnreadableError, UsageError
from prep.inputs.parse import parse_reference
from prep.model.redact import shown
from prep.model.reference import Reference

LIST = "-"
# Folders hold all sorts of things: what is looked at there goes by its name, and is then judged by its content. Not in
# the list: .ts and .mts, which are more often programs than MPEG streams.
IMAGES = (
    "jpg",
    "jpeg",
    "jpe",
    "mpo",
    "png",
    "apng",
    "webp",
    "gif",
    "bmp",
    "tif",
    "tiff",
    "heic",
    "heif",
    "avif",
    "jxl",
)
VIDEOS = ("mp4", "m4v", "mov", "qt", "mkv", "webm", "avi", "flv", "wmv", "asf", "m2ts", "mpg", "mpeg", "3gp", "3g2")
SOUNDS = ("mp3", "wav", "wave", "m4a", "aac", "flac", "ogg", "oga", "opus", "aif", "aiff", "amr", "caf", "wma")
MEDIA = frozenset(f".{extension}" for extension in (*IMAGES, *VIDEOS, *SOUNDS))


def gather(named: Iterable[str], *, recursive: bool, listed: Callable[[], bytes]) -> list[Reference]:
    """The references that *named* stands for, in its order; those of one pattern or folder are sorted by path.

    `-` stands for the references in *listed*, one a line (or with NUL between). A pattern is read here where the shell
    has not done so; with *recursive* a folder stands for the media in it. Raises UsageError for a pattern or a folder
    that stands for nothing, and for a reference that is not understood.
    """
    found: list[Reference] = []
    for text in named:
        for one in _lines(listed()) if text == LIST else (text,):
            found += _stands_for(one, recursive)
    return list(dict.fromkeys(found)) if recursive else found


def _lines(listed: bytes) -> Iterator[str]:
    separator = b"\0" if b"\0" in listed else b"\n"
    for line in listed.split(separator):
        text = os.fsdecode(line if separator == b"\0" else line.rstrip(b"\r"))
        if text.strip():
            yield text


def _stands_for(text: str, recursive: bool) -> list[Reference]:
    reference = parse_reference(text, os.path.exists)
    location = reference.location
    if reference.is_url:
        return [reference]
    if os.path.isdir(location):
        if not recursive:
            raise UnreadableError(
                f"{shown(location)}: a folder; name the files in it, or let 'prep-and-submit check --recursive' "
                "judge each of them by itself"
            )
        return [reference.model_copy(update={"location": path}) for path in _media_in(location)]
    if glob.has_magic(location) and not os.path.exists(location):
        matches = sorted(path for path in glob.glob(location, recursive=True) if not os.path.isdir(path))
        if not matches:
            raise UsageError(f"{shown(location)}: no file matches")
        return [reference.model_copy(update={"location": path}) for path in matches]
    return [reference]


def _media_in(folder: str) -> list[str]:
    found: list[str] = []
    _walk(folder, found)
    if not found:
        raise UsageError(f"{shown(folder)}: no image, video or sound in it")
    return found


def _walk(folder: str, found: list[str]) -> None:
    """Sorted by name; what is hidden is left out, and linked folders are not followed: they may lead in a ring."""
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise UnreadableError(f"{shown(folder)}: can't be read: {error.strerror or error}") from error
    for entry in inside:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            _walk(entry.path, found)
        elif os.path.splitext(entry.name)[1].lower() in MEDIA and not entry.is_dir():
            found.append(entry.path)
