"""References of one call: parsed, with each folder replaced by the media in it. Reports all problems at once."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol, cast

from prep.errors import ManyErrors, PrepError, UsageError
from prep.inputs.file_name import as_on_disk, exists
from prep.inputs.folder import Listing, Reason, list_folder
from prep.inputs.parse import parse_reference
from prep.model.finding import Finding
from prep.model.redact import shown
from prep.model.reference import Reference
from prep.model.value import Value
from prep.rules.findings import advice
from prep.validation import short

NO_NUL = "a file name can't contain a NUL character"
# No endpoint takes a tenth of it. A folder with more is an archive: nobody wants all of it probed for one request.
MOST_IN_FOLDER = 1000
NAMES_SHOWN = 3
PLURALS = {"file of this program": "files of this program", "result of a job": "results of jobs"}
# Media all the same, so that it helps to name them.
USABLE: tuple[Reason, ...] = ("Live Photo video", "result of a job", "earlier prepared file")


class FileObject(Protocol):
    """A file object opened for bytes; of the rest of one, `tell` and `seek` are used where it has them."""

    def read(self, length: int, /) -> bytes: ...


Bytes = bytes | bytearray | memoryview
AnyReference = Reference | str | os.PathLike[str] | Bytes | FileObject
References = AnyReference | Iterable[AnyReference]


class Named(NamedTuple):
    """The references that a call names. *notes* are findings about what its *folders* hold beside media."""

    references: list[Reference]
    notes: tuple[Finding, ...] = ()
    folders: tuple[str, ...] = ()


def read_references(references: References) -> Named:
    """Read one reference or many, in order.

    A folder stands for the media directly in it, sorted naturally, without those that the call names by themselves.
    Raises UsageError, UnreadableError for a folder, or ManyErrors: for a reference that is not understood, a folder
    without media, a name used twice, and a call without references.
    """
    named: list[Reference] = []
    problems: list[PrepError] = []
    for number, reference in enumerate(_listed(references), start=1):
        try:
            named.append(_read(reference, number))
        except PrepError as error:
            problems.append(error)
    if not named and not problems:
        problems.append(UsageError("no references; name at least one file"))
    names = [reference.name.lower() for reference in named if reference.name]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems += [UsageError(f"two references are called {name!r}; names must differ") for name in twice]
    expanded = _expand(named, problems)
    raise_all(problems)
    return expanded


def raise_all(problems: Sequence[PrepError]) -> None:
    """Raise the only problem, or ManyErrors for several; return when there is none."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ManyErrors(tuple(problems))


def is_folder(reference: Reference) -> bool:
    """Whether *reference* names a folder on this machine."""
    return reference.content is None and not reference.is_url and os.path.isdir(reference.location)


def refuse_fragment(reference: Reference) -> None:
    """Raise UsageError when *reference*, a folder, has a name, a part, a crop or a track."""
    place = shown(reference.display_path)
    if reference.part or reference.crop or reference.track:
        raise UsageError(f"{place}: a folder has no part, crop or track; name the file you mean")
    if reference.name:
        raise UsageError(f"{place}: a folder has no name of its own (@{reference.name}); name the file you mean")


def _listed(references: References) -> Iterable[AnyReference]:
    if isinstance(references, str | os.PathLike | Reference | Bytes) or hasattr(references, "read"):
        return [cast("AnyReference", references)]
    if not isinstance(references, Iterable) or isinstance(references, Value):
        raise UsageError(f"{short(references)}: references are given as a list")
    return references


def _read(reference: AnyReference, number: int) -> Reference:
    if isinstance(reference, os.PathLike):
        reference = Reference(location=os.fsdecode(reference))
    elif isinstance(reference, str):
        reference = parse_reference(reference, exists)
    elif not isinstance(reference, Reference):
        reference = Reference(location=_content_name(reference, number), content=reference)
    if "\0" in reference.location:
        raise UsageError(f"{shown(reference.location)}: {NO_NUL}; rename the file")
    return as_on_disk(reference)


def _content_name(content: object, number: int) -> str:
    """The name of bytes or a file object in findings: the file's own name, or its place in the list."""
    if not isinstance(content, Bytes) and not callable(getattr(content, "read", None)):
        raise UsageError(f"{short(content)}: a reference is a path, a string, a Reference, bytes or a file object")
    name = getattr(content, "name", None)
    return os.path.basename(name) if isinstance(name, str) and name else f"reference-{number}"


def _expand(named: Sequence[Reference], problems: list[PrepError]) -> Named:
    """Put the media of each folder in its place; what is wrong with a folder goes to *problems*."""
    seen = {os.path.realpath(reference.location) for reference in named if not reference.is_url}
    expanded: list[Reference] = []
    notes: list[Finding] = []
    for reference in named:
        if not is_folder(reference):
            expanded.append(reference)
            continue
        try:
            listing = _list_media(reference)
        except PrepError as error:
            problems.append(error)
            continue
        new = [path for path in listing.media if os.path.realpath(path) not in seen]
        seen.update(map(os.path.realpath, new))
        expanded += [Reference(location=path) for path in new]
        skipped = {reason: _unnamed(reference, names, seen) for reason, names in listing.skipped.items()}
        notes += folder_notes(shown(reference.display_path), skipped)
    return Named(expanded, tuple(notes), tuple(reference.location for reference in named if is_folder(reference)))


def _list_media(reference: Reference) -> Listing:
    refuse_fragment(reference)
    return usable_listing(shown(reference.display_path), list_folder(reference.location))


def usable_listing(place: str, listing: Listing) -> Listing:
    """Return *listing*, of the folder that messages call *place*. Raises UsageError for too many media or none."""
    if len(listing.media) > MOST_IN_FOLDER:
        raise UsageError(
            f"{place}: {len(listing.media):,} images, videos and sounds, where a folder may stand for "
            f"{MOST_IN_FOLDER:,} at most; name the files that are meant"
        )
    if not listing.media:
        folders = listing.skipped.get("folder", ())
        move = f"; it holds folders: name one of them ({_first(folders)})" if folders else ""
        raise UsageError(f"{place}: no image, video or sound in this folder{move}")
    return listing


def _unnamed(folder: Reference, names: Sequence[str], seen: set[str]) -> tuple[str, ...]:
    """Those of *names* that the call does not name by themselves."""
    return tuple(name for name in names if os.path.realpath(os.path.join(folder.location, name)) not in seen)


def folder_notes(place: str, skipped: Mapping[Reason, tuple[str, ...]]) -> tuple[Finding, ...]:
    """The finding about everything in a folder that is no reference; empty when there is nothing."""
    count = sum(map(len, skipped.values()))
    return advice("input-folder-extras", count, 0, f"{place}: {skipped_text(skipped)}") if count else ()


def skipped_text(skipped: Mapping[Reason, tuple[str, ...]]) -> str:
    """The numbers and kinds of *skipped* files, and how to use those that are media; not for none."""
    groups = [
        f"{len(names)} {reason if len(names) == 1 else PLURALS.get(reason, f'{reason}s')} ({_first(names)})"
        for reason, names in skipped.items()
        if names
    ]
    usable = [name for reason in USABLE for name in skipped.get(reason, ())]
    named = f"; to use {_first(usable)}, name {'it' if len(usable) == 1 else 'them'}" if usable else ""
    return f"skipped {', '.join(groups)}{named}"


def _first(names: Sequence[str]) -> str:
    listed = ", ".join(map(shown, names[:NAMES_SHOWN]))
    return f"{listed}, …" if len(names) > NAMES_SHOWN else listed
