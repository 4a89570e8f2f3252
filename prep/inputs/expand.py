"""Patterns, lists and folders of a command line, expanded to references."""

import glob
import os
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from prep.errors import PrepError, UsageError
from prep.inputs.file_name import as_on_disk, exists, tidy
from prep.inputs.folder import Listing, list_matches, list_tree
from prep.inputs.parse import parse_reference
from prep.inputs.pattern import matches
from prep.inputs.references import is_folder, raise_all, refuse_fragment, skipped_text
from prep.model.redact import shown
from prep.model.reference import Reference

LIST = "-"


class Expansion(NamedTuple):
    """The references of a command line. *skipped* has a line for each pattern or folder with files that are none."""

    references: list[Reference]
    skipped: tuple[str, ...] = ()


def expand(arguments: Iterable[str], *, recursive: bool, read_list: Callable[[], bytes]) -> Expansion:
    """Return the references that *arguments* stand for, in their order; those of one pattern are sorted naturally.

    `-` stands for the references that *read_list* returns, one a line (or with NUL between). A pattern is expanded here
    where the shell has not done so, to what a folder with these files alone would stand for. With *recursive* a folder
    stands for the media in it and in the folders below it, and no file counts twice; otherwise it stays a reference.
    Raises UsageError for a pattern or a folder that stands for nothing, and for a reference that is not understood;
    ManyErrors for several.
    """
    references: list[Reference] = []
    listings: dict[str, Listing] = {}
    problems: list[PrepError] = []
    for argument in arguments:
        for text in _lines(read_list()) if argument == LIST else (argument,):
            try:
                references += _expand(text, recursive, listings)
            except PrepError as error:
                problems.append(error)
    raise_all(problems)
    used = {os.path.realpath(reference.location) for reference in references if not reference.is_url}
    return Expansion(
        list(dict.fromkeys(references)) if recursive else references,
        tuple(line for place, listing in listings.items() for line in _skipped(place, listing, used)),
    )


def _lines(listed: bytes) -> Iterator[str]:
    separator = b"\0" if b"\0" in listed else b"\n"
    for line in listed.split(separator):
        text = os.fsdecode(line if separator == b"\0" else line.rstrip(b"\r"))
        if text.strip():
            yield text


def _expand(text: str, recursive: bool, listings: dict[str, Listing]) -> list[Reference]:
    """The references of *text*; the listing of a pattern or folder among them goes to *listings*, by its name."""
    reference = as_on_disk(parse_reference(text, exists))
    location = reference.location
    if is_folder(reference):
        if not recursive:
            return [reference]
        refuse_fragment(reference)
        listing = list_tree(location)
        if not listing.media:
            raise UsageError(f"{shown(reference.display_path)}: no image, video or sound in it")
    elif not reference.is_url and glob.has_magic(location) and not os.path.exists(location):
        paths = [tidy(path) for path in matches(location) if not os.path.isdir(path)]
        if not paths:
            raise UsageError(f"{shown(location)}: no file matches")
        listing = list_matches(paths)
    else:
        return [reference]
    listings[location] = listing
    return [reference.model_copy(update={"location": path}) for path in listing.media]


def _skipped(place: str, listing: Listing, used: set[str]) -> Iterator[str]:
    """The line about files in *listing* that are not *used*; none when there are none."""
    skipped = {
        reason: tuple(path for path in paths if os.path.realpath(path) not in used)
        for reason, paths in listing.skipped.items()
    }
    if any(skipped.values()):
        yield f"{shown(place)}: {skipped_text(skipped)}"
