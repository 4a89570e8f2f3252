"""Folder of a batch: batch.json, which gives it its identity, and a folder for each row."""

import json
import os
import secrets
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, ValidationError

from prep.errors import UsageError
from prep.execution.lock import make_folder
from prep.inputs.folder import RECEIPT
from prep.media.io.files import write_whole
from prep.media.io.text_file import read_bytes
from prep.model.manifest import MANIFEST
from prep.model.redact import shown
from prep.model.value import Value
from submit.journal import Journal
from submit.platform import SANDBOX_ACCOUNT

NOTE, MOST_BYTES = "batch.json", 1_000_000
# The batch's own files lie beside the folders of its rows.
OWN = frozenset((NOTE, "batch.html", "results.jsonl", "summary.json"))
PARTS = "results"  # in object storage, where a line can't be appended: an object for each row
# In the folder of a row, beside the manifest: the job and the key of the row, and what the page shows of it.
ROW, CARD = "row.json", "card.json"
KEYS = {ROW: {"key", "plan_key", "job"}, CARD: {"prompt", "frame", "references"}}
MOST_RECORD_BYTES = 2_000_000
FOREIGN = "not that of a batch, and it would be replaced"


class BatchNote(Value):
    """What batch.json says. *id* is that of the budget in the journal, which is in *state*; *command* runs it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: Literal[1] = 1
    id: str
    account: str
    state: str = ""
    rows: int
    command: str = ""
    created_at: datetime

    @property
    def sandbox(self) -> bool:
        return self.account == SANDBOX_ACCOUNT


def read_note(folder: Path) -> BatchNote | None:
    """Read batch.json in *folder*; None when there is none. Raises UsageError when it is something else."""
    path = folder / NOTE
    if not os.path.lexists(path):
        return None
    try:
        return BatchNote.model_validate_json(read_bytes(path, MOST_BYTES))
    except (UsageError, ValidationError) as error:
        raise UsageError(f"{path}: {FOREIGN}; choose another folder") from error


def own_files(folder: Path) -> frozenset[str]:
    """The names of our records in *folder*; where no batch or preparation was, other files may have these names."""
    names = set(OWN) if _is_batch(folder) else set()
    if (folder / MANIFEST).is_file():
        names |= {MANIFEST, ROW, CARD, *(path.name for path in folder.iterdir() if RECEIPT.fullmatch(path.name))}
    return frozenset(names)


def refuse_results(folder: Path) -> None:
    """Raise UsageError, which says what to type, for the folder of a batch, of a row of one, or of prepared files."""
    batch = folder.parent if (folder / ROW).is_file() else folder
    name = shown(batch)
    if _is_batch(batch):
        raise UsageError(
            f"{name} is a batch folder, not a list of jobs; use 'prep-and-submit batch status {name}', or "
            f"'prep-and-submit batch JOBS --out {name}' to continue it"
        )
    if (folder / MANIFEST).is_file():
        name = shown(folder)
        raise UsageError(
            f"{name} is a folder of prepared files, not a list of jobs; use 'prep-and-submit submit {name}'"
        )


def _is_batch(folder: Path) -> bool:
    try:
        return read_note(folder) is not None
    except UsageError:  # somebody else's batch.json
        return False


def refuse_foreign(folder: Path) -> None:
    """Raise UsageError when *folder* is no folder, or holds files with the names of a batch's that are not of one."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: a file, not a folder; choose another folder")
    there = [name for name in sorted(OWN) if os.path.lexists(folder / name)]  # a batch writes its note first
    if read_note(folder) is None and there:
        raise UsageError(f"{folder / there[0]}: {FOREIGN}; move it, or choose another folder")


def refuse_foreign_row(folder: Path) -> None:
    """Raise UsageError when *folder*, that of a row, holds files with the names of ours that are not ours."""
    for name, keys in KEYS.items():
        path = folder / name
        if os.path.lexists(path) and not _is_empty(path) and not keys <= _keys_of(path):
            raise UsageError(f"{path}: {FOREIGN}; move it, or choose another folder")


def _is_empty(path: Path) -> bool:
    """Whether *path* is a file without content: what a power cut leaves of ours, and nothing of the user's."""
    status = path.lstat()
    return stat.S_ISREG(status.st_mode) and status.st_size == 0


def _keys_of(path: Path) -> set[str]:
    try:
        content = json.loads(read_bytes(path, MOST_RECORD_BYTES))
    except (UsageError, ValueError, RecursionError):
        return set()
    return set(content) if isinstance(content, dict) else set()


def find_note(folder: Path, account: str | None) -> BatchNote | None:
    """As `read_note`; raises UsageError as well when the batch is one of another *account*.

    None: of an account that is not known yet, which is not that of a sandbox.
    """
    note = read_note(folder)
    if note is not None and (note.sandbox if account is None else note.account != account):
        raise UsageError(f"{folder}: {_whose(note)}; choose another folder")
    return note


def refuse_without_payments(folder: Path, note: BatchNote, journal: Journal | None, name: str) -> None:
    """Raise UsageError unless *journal*, which is called *name*, knows what the batch of *note* has paid.

    None: there is no such journal. In a sandbox, whose journal ends with it, nothing was paid.
    """
    if note.sandbox or (journal is not None and journal.knows_batch(note.id)):
        return
    if note.state == name:
        raise UsageError(
            f"{folder}: its journal, {shown(name)}, was replaced or lost, and only that knew what was paid; "
            "restore it, or choose another folder"
        )
    raise UsageError(
        f"{folder}: a batch with another journal, {shown(note.state)}, which knows what was paid; "
        "name that with `state`, or choose another folder"
    )


def open_folder(folder: Path, account: str, journal: Journal, rows: int, command: str) -> BatchNote:
    """Make *folder* the folder of a batch, or return to the one that is there. Raises UsageError.

    Of several processes that open it at once, one chooses the id and the others find it.
    """
    make_folder(folder)
    own = BatchNote(
        id=secrets.token_hex(8),
        account=account,
        state=journal.name,
        rows=rows,
        command=command,
        created_at=datetime.now(UTC),
    )
    try:
        if not os.path.lexists(folder / NOTE):
            journal.begin_batch(own.id)  # before others can read the id
            write_first(folder, own)
        note = find_note(folder, account) or own
        refuse_without_payments(folder, note, journal, journal.name)
        note = note.model_copy(update={"state": own.state, "rows": rows, "command": command or note.command})
        write_whole(folder / NOTE, note.model_dump_json(indent=2) + "\n")
    except OSError as error:
        raise UsageError(f"{folder}: can't be written to: {error.strerror}; choose another folder") from error
    return note


def write_first(folder: Path, note: BatchNote) -> None:
    """Write *note* unless batch.json is there; it appears whole, and only one of several processes succeeds."""
    path, text = folder / NOTE, note.model_dump_json(indent=2) + "\n"
    if os.path.lexists(path):
        return
    draft = path.with_name(f".{path.name}-{note.id}")
    write_whole(draft, text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links: for a moment it is not whole
        with suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
            file.write(text)
    finally:
        draft.unlink()


def _whose(note: BatchNote) -> str:
    return "a batch that ran in a sandbox" if note.sandbox else "a batch of another account (another FAL_KEY)"
