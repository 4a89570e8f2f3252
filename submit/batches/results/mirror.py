"""Mirror of a batch in object storage, for `--out s3://bucket/prefix`.

The batch itself lies in a folder beside the journal, where rows can be locked and lines appended. An object can't be
appended to, so each row that has ended becomes an object of its own, `results/ID-HASH.json`, written once and after the
files that it names; results.jsonl, the summary and the page are written whole when a run ends.
"""

import hashlib
import re
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from mimetypes import guess_type
from os import PathLike, fspath
from pathlib import Path
from threading import Event

from pydantic import ValidationError

from prep.errors import Cancelled, RemoteError, UsageError
from prep.inputs.file_name import refuse_bytes
from prep.media.io.files import writing
from prep.net.bucket import Bucket
from prep.net.object_url import is_object_url, read_prefix
from submit.batches.results.folder import FOREIGN, NOTE, OWN, PARTS, BatchNote, refuse_foreign
from submit.batches.results.page import PAGE
from submit.batches.results.result import RowResult
from submit.batches.results.results_file import RESULTS, alone
from submit.batches.results.summary import SUMMARY
from submit.journal.place import State, folder_of

LOCK = ".mirror.lock"
AT_ONCE = 4
MOST_NOTE_BYTES = 100_000
UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")
# In the bucket the note says nothing about this machine.
PRIVATE = {"state", "command"}


def folder_for(out: str | PathLike[str], state: State | None) -> Path:
    """The folder that a batch works in: *out*, or for an address in object storage one beside the journal.

    Raises UsageError when it can't be that, or is something else.
    """
    text = fspath(out)
    folder = _beside_journal(str(read_prefix(text)), state) if is_object_url(text) else Path(text).absolute()
    refuse_bytes(folder)
    refuse_foreign(folder)
    return folder


def _beside_journal(url: str, state: State | None) -> Path:
    digest = hashlib.sha256(url.encode()).hexdigest()[:12]
    return (folder_of(state) / "batches" / f"{UNSAFE.sub('-', url.partition('://')[2])[-40:]}-{digest}").absolute()


class Mirror:
    """The objects below *out* for the batch in *folder*. Rows are written beside the run, a few at a time."""

    def __init__(self, out: str, folder: Path, cancel: Event) -> None:
        self.url = read_prefix(out)
        self._bucket, self._folder, self._cancel = Bucket(self.url), folder, cancel
        self._stopped = Event()
        self._pool: ThreadPoolExecutor | None = None
        self._begun: dict[str, Future[None]] = {}

    def claim(self, note: BatchNote) -> None:
        """Make the prefix that of the batch of *note*. Of two machines that begin at once one succeeds.

        Raises UsageError when objects that are not those of a batch are there, or another batch: its journal, which
        knows what was paid, is elsewhere.
        """
        key = self._key(NOTE)
        there = [name for name in sorted(OWN - {NOTE}) if self._bucket.size_of(self._key(name)) is not None]
        if there and self._bucket.size_of(key) is None:  # a batch writes its note first
            raise UsageError(f"{self.url}/{there[0]}: {FOREIGN}; choose another prefix")
        text = note.model_dump_json(indent=2, exclude=PRIVATE).encode() + b"\n"
        # asked first, since some stores replace an object that they should only create
        if self._bucket.size_of(key) is None:
            self._bucket.create(key, text, "application/json")
        try:  # what was just written as well: another machine may have replaced it
            found = BatchNote.model_validate_json(self._bucket.fetch(key, MOST_NOTE_BYTES))
        except ValidationError:
            raise UsageError(f"{self.url}/{NOTE}: not that of a batch; choose another prefix") from None
        if found.id != note.id:
            raise UsageError(
                f"{self.url}: a batch of another machine, user or `state` folder, whose journal knows what was paid; "
                "run it there, or choose another prefix"
            )

    def put(self, result: RowResult) -> None:
        """Begin to write the files of a row that has ended, and then its result."""
        part = _part_name(result)
        if self._pool is None:
            self._stopped.clear()
            self._pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="mirror")
        if part not in self._begun:
            self._begun[part] = self._pool.submit(self._put_row, result, part)

    def finish(self, results: Iterable[RowResult]) -> None:
        """Write whatever is missing: rows of *results*, results.jsonl, the summary and the page. Raises PrepError."""
        try:
            there = {key.rpartition("/")[2] for key in self._bucket.keys(self._key(PARTS))}
            for result in results:
                if _part_name(result) not in there:
                    self.put(result)
            failed = [error for future in self._begun.values() if (error := future.exception()) is not None]
        finally:
            self.stop()
        # of two runs that end at once the later one writes more
        with writing(self._folder), alone(self._folder / LOCK):
            for name in (RESULTS, SUMMARY, PAGE):
                if (path := self._folder / name).exists():
                    self._put_file(path, self._key(name))
        if failed:
            rows = "1 row is" if len(failed) == 1 else f"{len(failed)} rows are"
            where = f"{rows} not in {self.url} yet, only in {self._folder}"
            raise RemoteError(f"{where}: {failed[0]}\nrun the same command again to continue") from failed[0]

    def stop(self) -> None:
        """Begin no further file; the next run writes what is missing."""
        self._stopped.set()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None
        self._begun.clear()

    def _put_row(self, result: RowResult, part: str) -> None:
        folder = self._folder / result.paths.folder
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.is_file() and not path.name.startswith("."):
                if self._cancel.is_set() or self._stopped.is_set():
                    raise Cancelled("cancelled")
                self._put_file(path, self._key(f"{result.id}/{path.name}"))
        line = result.model_dump_json().encode() + b"\n"
        self._bucket.create(self._key(f"{PARTS}/{part}"), line, "application/json")

    def _put_file(self, path: Path, key: str) -> None:
        try:
            self._bucket.put(key, path, guess_type(path.name)[0] or "application/octet-stream")
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from error

    def _key(self, name: str) -> str:
        return self.url.child(name).key


def _part_name(result: RowResult) -> str:
    """Another name for another result of the same row, so that none is ever replaced."""
    return f"{result.id}-{hashlib.sha256(result.model_dump_json().encode()).hexdigest()[:12]}.json"
