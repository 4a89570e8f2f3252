"""Opens and probes the references of a call, several at a time."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from prep.errors import PrepError, RemoteError, UnreadableError, unreadable
from prep.inputs.folder import companion, kind_by_name
from prep.inputs.output import check_output
from prep.inputs.references import Named, References, raise_all, read_references
from prep.inputs.unreadable import Unreadable
from prep.log import get_logger, logged_about
from prep.looks import Unprobed, see
from prep.model.analysis import Look
from prep.model.byte_source import Openable
from prep.model.context import Context
from prep.model.finding import Finding
from prep.model.media import ImageInfo, Kind
from prep.model.progress import Progress
from prep.model.redact import shown
from prep.model.reference import Reference, tags_for
from prep.model.source import Source
from prep.telemetry.media import media_facts
from prep.telemetry.names import PROBE, PROBE_FILE, REFERENCES
from prep.telemetry.spans import annotate, traced
from prep.threads import each

logger = get_logger(__name__)


class Inputs(NamedTuple):
    """The references of a call. *sources* are those that can be read, in order; *notes* are findings about *folders*.

    The tags of *sources* leave room for what is *unreadable*, as far as its kind is known, but not for *left_out*.
    """

    sources: list[Source]
    notes: tuple[Finding, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    folders: tuple[str, ...] = ()
    left_out: tuple[Unreadable, ...] = ()

    def into(self, folder: Path) -> "Inputs":
        """The inputs of a call that makes files in *folder*, with the findings of `check_output`; raises as it does."""
        findings = check_output(folder, [source.reference for source in self.sources], self.folders)
        return self._replace(notes=(*self.notes, *findings))

    def all_readable(self) -> "Inputs":
        """Raise when a reference can't be read: its own error, or ManyErrors for several."""
        raise_all([item.error for item in self.unreadable])
        return self

    def any_readable(self) -> "Inputs":
        """Raise as `all_readable` does when no reference can be read."""
        return self if self.sources else self.all_readable()

    def readable(self, *, skip_unreadable: bool) -> "Inputs":
        """Leave out what can't be read, with a finding for each; without *skip_unreadable* raise as `all_readable`.

        The tags count only what is kept. Raises as well when nothing is left.
        """
        if not self.unreadable or not self.sources:
            return self.all_readable()
        if not skip_unreadable:
            *first, last = (item.error for item in self.unreadable)
            raise_all([*first, type(last)(f"{last}; to continue without it: `skip_unreadable=True`")])
        tags = tags_for(source.info.kind for source in self.sources)
        renumbered = {source.tag: tag for source, tag in zip(self.sources, tags, strict=True)}
        sources = [source.model_copy(update={"tag": renumbered[source.tag]}) for source in self.sources]
        moved = {old.tag: new for old, new in zip(self.sources, sources, strict=True) if old.tag != new.tag}
        skipped = (
            item.skipped(tuple((moved[tag].label, moved[tag].tag) for tag in item.renumbers if tag in moved))
            for item in self.unreadable
        )
        return self._replace(
            sources=sources,
            notes=(*self.notes, *skipped),
            unreadable=(),
            left_out=tuple(item._replace(tag=None, renumbers=()) for item in self.unreadable),
        )


def skipped_names(inputs: Inputs) -> dict[str, str]:
    """The names of skipped references, in lower case, each with the reason why a prompt can't use it."""
    return {
        item.reference.name.lower(): f"which was skipped ({item.path})"
        for item in inputs.left_out
        if item.reference.name
    }


@traced(PROBE)
def resolve(references: References, ctx: Context, *, fingerprints: bool = True) -> Inputs:
    """Open and probe every reference.

    *fingerprints*: a plan recognises its files by them; each takes reading a megabyte. Otherwise only files that may be
    the same, since they are of one size, have them. Raises as `read_references` does, and for a URL that may not be
    read. What is missing, damaged or no media, and a server that fails, is in `unreadable`.
    """
    named = read_references(references)
    annotate({REFERENCES: len(named.references)})

    def attempt(reference: Reference) -> Source | PrepError:
        ctx.stop_if_cancelled()
        with logged_about(reference=reference.label):
            try:
                source = _probe(reference, ctx, fingerprints)
            except OSError as error:  # gone since it was probed
                return unreadable(reference.label, error)
            except PrepError as error:
                logger.info("can't be read: %s", type(error).__name__)
                return _not_meant(reference) or _misspelt(reference) or error
            logger.info("read: %s", source.info.container)
            return source

    outcomes = each(attempt, named.references, ctx.cancel)
    errors = [outcome for outcome in outcomes if isinstance(outcome, PrepError)]
    if not all(isinstance(error, UnreadableError | RemoteError) for error in errors):
        raise_all(errors)
    return _inputs(named, outcomes if fingerprints else _told_apart(outcomes, ctx))


def _told_apart(outcomes: Sequence[Source | PrepError], ctx: Context) -> list[Source | PrepError]:
    """*outcomes* with fingerprints for local files of one kind and size."""
    sizes = Counter(_size(outcome) for outcome in outcomes)
    return [
        _identified(outcome, ctx) if isinstance(outcome, Source) and sizes[_size(outcome)] > 1 else outcome
        for outcome in outcomes
    ]


def _size(outcome: Source | PrepError) -> tuple[object, ...]:
    """The kind and the bytes of a local file; of everything else, something of its own."""
    if isinstance(outcome, PrepError) or outcome.reference.is_url:
        return (id(outcome),)
    return outcome.info.kind, outcome.info.bytes


def _identified(source: Source, ctx: Context) -> Source:
    from prep.media.io.files import fingerprint

    try:
        return source.model_copy(update={"fingerprint": fingerprint(ctx.access.of(source.reference))})
    except OSError:  # gone since it was probed
        return source


def _not_meant(reference: Reference) -> UnreadableError | None:
    """The error about a file that lies beside media, and which a pattern of the shell takes as well."""
    kind = companion(reference.label) if reference.content is None and not reference.is_url else None
    if kind is None or not os.path.exists(reference.location):
        return None
    return UnreadableError(f"{shown(reference.display_path)}: a {kind}, not an image, video or sound; leave it out")


def _misspelt(reference: Reference) -> UnreadableError | None:
    """The error about a file that does not exist while another has nearly its name."""
    from prep.media.io.similar_path import or_similar

    if reference.content is not None or reference.is_url or os.path.lexists(reference.location):
        return None
    similar = or_similar(reference.location, lambda name: kind_by_name(name) is not None)
    return UnreadableError(f"{shown(reference.display_path)}: no such file{similar}") if similar else None


@traced(PROBE_FILE)
def _probe(reference: Reference, ctx: Context, fingerprints: bool) -> Source:
    from prep.media.io.files import fingerprint, stamp
    from prep.media.probe.dispatch import probe_media

    item = ctx.access.of(reference)
    version = stamp(item)
    sampled = _sampled(item) if fingerprints else ""
    info, demuxer = see(ctx, Unprobed(reference.label, sampled, version), probe_media, item, reference.track)
    annotate(media_facts(info))
    source = Source(
        tag="",
        reference=reference,
        info=info,
        demuxer=demuxer,
        fingerprint=sampled or (fingerprint(item) if fingerprints else ""),
        url=ctx.access.url_of(reference, info),
        stamp=version,
    )
    ctx.progress(Progress(stage="probe", label=reference.label, part=1.0))
    return _timed(source, item, ctx)


def _sampled(item: Openable) -> str:
    """The fingerprint of a local file; of one that can't be read nothing, since probing says why."""
    from prep.media.io.files import fingerprint
    from prep.media.io.special import special_kind

    if not isinstance(item, Path):
        return ""
    try:
        return "" if special_kind(item) else fingerprint(item)
    except (OSError, ValueError):
        return ""


def _timed(source: Source, item: Openable, ctx: Context) -> Source:
    """*source* with its frame times, if one moment of an animation is wanted as a picture."""
    info, reference = source.info, source.reference
    if not isinstance(info, ImageInfo) or reference.part is None or info.frames == 1 or info.container == "tiff":
        return source
    from prep.media.image.animation import frame_times

    frames_s = ctx.isolated(frame_times, item, info, label=reference.label)
    return source.model_copy(update={"look": Look(frames_s=frames_s)})


def _inputs(named: Named, outcomes: Sequence[Source | PrepError]) -> Inputs:
    references = named.references
    kinds = [
        outcome.info.kind if isinstance(outcome, Source) else _expected_kind(reference)
        for reference, outcome in zip(references, outcomes, strict=True)
    ]
    tags = iter(tags_for(kind for kind in kinds if kind))
    inputs: list[Source | Unreadable] = []
    for reference, outcome, kind in zip(references, outcomes, kinds, strict=True):
        tag = next(tags) if kind else None
        if isinstance(outcome, Source):
            inputs.append(outcome.model_copy(update={"tag": tag}))
        else:
            inputs.append(Unreadable(reference, outcome, tag))
    return Inputs(
        sources=[source for source in inputs if isinstance(source, Source)],
        notes=named.notes,
        unreadable=tuple(
            item._replace(renumbers=_renumbered(inputs[index + 1 :], kinds[index]))
            for index, item in enumerate(inputs)
            if isinstance(item, Unreadable)
        ),
        folders=named.folders,
    )


def _expected_kind(reference: Reference) -> Kind | None:
    """The kind that a reference would have if it could be read, as far as its name says."""
    return reference.track or kind_by_name(reference.label)


def _renumbered(after: Sequence[Source | Unreadable], kind: Kind | None) -> tuple[str, ...]:
    return tuple(item.tag for item in after if isinstance(item, Source) and kind in (None, item.info.kind))
