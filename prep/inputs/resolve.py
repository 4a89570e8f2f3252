"""Turns what the caller passed into opened, probed sources. Reports all problems at once."""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, cast

from prep.errors import ManyErrors, PrepError, UsageError
from prep.inputs.parse import parse_reference
from prep.model.context import Context
from prep.model.limits import Value
from prep.model.progress import Progress
from prep.model.redact import shown
from prep.model.reference import Reference, tags_for
from prep.model.source import Source
from prep.validation import short

NO_NUL = "no name of a file holds a NUL"


class Readable(Protocol):
    """A file object opened for bytes; of the rest of one, `tell` and `seek` are used where it has them."""

    def read(self, length: int, /) -> bytes: ...


Bytes = bytes | bytearray | memoryview
AnyReference = Reference | str | os.PathLike[str] | Bytes | Readable
References = AnyReference | Iterable[AnyReference]


def read_references(references: References) -> list[Reference]:
    """One or many, in order. Raises UsageError, or ManyErrors, for what is none and for a name given twice."""
    if isinstance(references, str | os.PathLike | Reference | Bytes) or hasattr(references, "read"):
        references = [cast("AnyReference", references)]
    if not isinstance(references, Iterable) or isinstance(references, Value):
        raise UsageError(f"{short(references)}: references are given as a list")
    read: list[Reference] = []
    problems: list[PrepError] = []
    for number, reference in enumerate(references, start=1):
        try:
            read.append(_one(reference, number))
        except PrepError as error:
            problems.append(error)
    names = [reference.name.lower() for reference in read if reference.name]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not read and not problems:
        problems.append(UsageError("no references; name at least one file"))
    problems += [UsageError(f"two references are called {name!r}; names must differ") for name in twice]
    raise_all(problems)
    return read


def _one(reference: AnyReference, number: int) -> Reference:
    if isinstance(reference, os.PathLike):
        reference = Reference.model_construct(location=os.fspath(reference))
    elif isinstance(reference, str):
        reference = parse_reference(reference, os.path.exists)
    elif not isinstance(reference, Reference):
        reference = Reference(location=_name_of(reference, number), content=reference)
    try:
        reference.location.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{reference.location!a}: the name is not valid UTF-8; rename the file") from None
    if "\0" in reference.location:
        raise UsageError(f"{shown(reference.location)}: {NO_NUL}; rename the file")
    return reference


def _name_of(content: object, number: int) -> str:
    """What bytes or a file object are called in findings: the file's own name, or the place in the list."""
    if not isinstance(content, Bytes) and not callable(getattr(content, "read", None)):
        raise UsageError(f"{short(content)}: a reference is a path, a string, a Reference, bytes or a file object")
    name = getattr(content, "name", None)
    return os.path.basename(name) if isinstance(name, str) and name else f"reference-{number}"


def resolve(references: References, ctx: Context, *, fingerprints: bool = True) -> list[Source]:
    """Open and probe every reference, several at a time.

    *fingerprints*: a plan recognises its files by them; each takes reading a megabyte. Raises UsageError for a
    reference that is not understood and UnreadableError for a file that can't be read; ManyErrors for several.
    """
    from prep.media.image.animation import timed
    from prep.media.io.files import fingerprint, stamp
    from prep.media.probe.dispatch import probe_media

    def attempt(reference: Reference) -> Source | PrepError:
        ctx.stop_if_cancelled()
        try:
            item = ctx.access.of(reference)
            version = stamp(item)
            info, demuxer = probe_media(item, reference.track)
            source = Source(
                tag="",
                reference=reference,
                info=info,
                demuxer=demuxer,
                fingerprint=fingerprint(item) if fingerprints else "",
                url=ctx.access.url_of(reference, info),
                stamp=version,
            )
            ctx.progress(Progress(stage="probe", label=reference.label, part=1.0))
            return timed(source, item)
        except PrepError as error:
            return error

    parsed = read_references(references)
    if len(parsed) == 1:
        outcomes = [attempt(parsed[0])]  # `check_many` runs many single files: a thread for each would cost memory
    else:
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            outcomes = list(pool.map(attempt, parsed))
    raise_all([outcome for outcome in outcomes if isinstance(outcome, PrepError)])
    sources = [outcome for outcome in outcomes if isinstance(outcome, Source)]
    tags = tags_for(source.info.kind for source in sources)
    return [source.model_copy(update={"tag": tag}) for tag, source in zip(tags, sources, strict=True)]


def raise_all(problems: Sequence[PrepError]) -> None:
    """Raise the only problem, or ManyErrors for several; return when there is none."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ManyErrors(tuple(problems))
