"""Patterns, lists and folders of a command line, expanded to references."""

import glob
import os
from collections.abc import Callable, Iterable, Iterator

from prep.errors import UsageError
from prep.inputs.file_name import as_on_disk, exists, tidy
from prep.inputs.folder import natural_path, walk
from prep.inputs.parse import parse_reference
from prep.inputs.references import is_folder, refuse_fragment
from prep.model.redact import shown
from prep.model.reference import Reference

LIST = "-"


def expand(arguments: Iterable[str], *, recursive: bool, read_list: Callable[[], bytes]) -> list[Reference]:
    """Return the references that *arguments* stand for, in their order; those of one pattern are sorted naturally.

    `-` stands for the references that *read_list* returns, one a line (or with NUL between). A pattern is expanded here
    where the shell has not done so. With *recursive* a folder stands for the media in it and in the folders below it,
    and no file counts twice; otherwise it stays a reference. Raises UsageError for a pattern or a folder that stands
    for nothing, and for a reference that is not understood.
    """
    references: list[Reference] = []
    for argument in arguments:
        for text in _lines(read_list()) if argument == LIST else (argument,):
            references += _expand(text, recursive)
    return list(dict.fromkeys(references)) if recursive else references


def _lines(listed: bytes) -> Iterator[str]:
    separator = b"\0" if b"\0" in listed else b"\n"
    for line in listed.split(separator):
        text = os.fsdecode(line if separator == b"\0" else line.rstrip(b"\r"))
        if text.strip():
            yield text


def _expand(text: str, recursive: bool) -> list[Reference]:
    reference = as_on_disk(parse_reference(text, exists))
    location = reference.location
    if is_folder(reference):
        return _media_below(reference) if recursive else [reference]
    if not reference.is_url and glob.has_magic(location) and not os.path.exists(location):
        matches = [path for path in glob.glob(location, recursive=True) if not os.path.isdir(path)]
        if not matches:
            raise UsageError(f"{shown(location)}: no file matches")
        return [reference.model_copy(update={"location": tidy(path)}) for path in sorted(matches, key=natural_path)]
    return [reference]


def _media_below(folder: Reference) -> list[Reference]:
    refuse_fragment(folder)
    media = [Reference(location=path) for path in walk(folder.location)]
    if not media:
        raise UsageError(f"{shown(folder.display_path)}: no image, video or sound in it")
    return media
