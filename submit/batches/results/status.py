"""Status of a batch: what its folder and the journal know, without asking the platform."""

import os
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path

from prep.errors import UsageError
from prep.model.redact import shown
from prep.net.object_url import is_object_url
from submit.batches.results.folder import NOTE, BatchNote, read_note, refuse_without_payments
from submit.batches.results.mirror import folder_for
from submit.batches.results.result import BatchSummary, RowState
from submit.batches.results.results_file import ResultsFile
from submit.batches.results.summary import summarize, with_open_rows
from submit.job.defaults import sandbox_folder
from submit.journal import Journal
from submit.journal.place import State, exists, is_address, name_of, place_of


def batch_status(folder: str | os.PathLike[str], state: State | None = None) -> BatchSummary:
    """The state of the batch in *folder*, also while it runs. *state* is the place of its journal; None: as it says.

    Jobs that were sent are "running", or "uncertain", until a run has recorded how they ended. Raises UsageError when
    there is no batch.
    """
    path = folder_for(folder, state) if is_object_url(str(folder)) else Path(folder)
    note = read_note(path)
    if note is None:
        raise UsageError(f"{path / NOTE}: no such file; 'prep-and-submit batch JOBS --out {folder}' begins a batch")
    results = ResultsFile(path)
    results.refresh()
    summary = summarize(path, note, results.all())
    place = state or _place_of(note)
    if not exists(place):  # that of a sandbox which has ended
        return with_open_rows(summary, note.rows, {})
    journal = Journal(place, writable=False)
    sent = [name for name in _inside(path, journal.sent_of_batch(note.id)) if results.state_of(name) is None]
    owed = _inside(path, journal.sent_of_batch(note.id, owed=True))
    sent += [name for name in owed if results.state_of(name) == "failed"]  # and was sent since
    running: dict[str, RowState] = dict.fromkeys(sent, "running")
    summary = with_open_rows(summary, note.rows, running)
    return summary.model_copy(update={"spent_usd": journal.spent_usd(note.id)})


def spent_before(folder: Path, note: BatchNote, state: State | None) -> Decimal:
    """What the jobs of the batch of *note* cost so far. Raises UsageError where a run with *state* does."""
    place = sandbox_folder(None) if state is None and note.sandbox else place_of(state)
    journal = Journal(place, writable=False) if exists(place) else None
    refuse_without_payments(folder, note, journal, name_of(place))
    return journal.spent_usd(note.id) if journal else Decimal(0)


def _place_of(note: BatchNote) -> State:
    """The place that batch.json names. Raises UsageError for a server that is not the default one: anybody may have
    written that file, and the password of the environment is not for theirs.
    """
    if not is_address(note.state):
        return note.state
    default = place_of(None)
    if name_of(default) != note.state:
        raise UsageError(f"{shown(note.state)} has the journal of this batch; name it with `state`")
    return default


def _inside(folder: Path, rows: Iterable[Path]) -> list[str]:
    """The names of those of *rows* that lie in *folder*, whatever path leads there."""
    place = cache(os.path.realpath)
    return [row.name for row in rows if place(row.parent) == place(folder)]
