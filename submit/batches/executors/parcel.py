"""Parcels between machines: what a worker needs to prepare a row, and what it gives back. Knows no cluster.

A worker reads inputs where they are if it sees the same files (one machine, a shared folder), and else gets their
content. It makes files in a folder of its own, so that an attempt that was given up can't disturb another one; the
driver puts them in place.
"""

import json
import os
import pickle
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

from prep import __version__
from prep.errors import PrepError, RefusedError, RemoteError, UsageError
from prep.inputs.jobs import Job
from prep.inputs.references import read_references
from prep.media.io.files import temporary_path
from prep.model.manifest import MANIFEST
from prep.net.bucket import Bucket
from prep.net.object_url import ObjectUrl
from submit.batches.preparation import Preparation, prepare_row
from submit.batches.results.folder import ROW

# One piece of a file's content: a cluster keeps each by itself, and nobody has all of a long film in memory.
PIECE_BYTES = 64_000_000


class Input(NamedTuple):
    """One local file that a row refers to, as the driver sees it."""

    path: str
    size_bytes: int
    mtime_ns: int

    @property
    def visible(self) -> bool:
        """Whether the same file is here."""
        try:
            status = os.stat(self.path)
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (self.size_bytes, self.mtime_ns)


# The pieces of a file, by its path.
Contents = Mapping[str, Iterator[bytes]]


class Order(NamedTuple):
    """What a worker does. *token* is a file that only a worker which sees the driver's folder finds there.

    *references* are those of the job with their paths, for a worker that gets their content: (text without the path
    before and after it, path). *work* is where files go that the worker can't put into the driver's folder; None: they
    come back in the answer.
    """

    task: Preparation
    inputs: tuple[Input, ...]
    references: tuple[tuple[str, str, str], ...]
    token: Path
    work: ObjectUrl | None
    version: str = __version__


class Delivery(NamedTuple):
    """What a worker gives back: names and places, or content, of its files. *lacking*: it needs the inputs' content."""

    lacking: bool = False
    error: Exception | None = None
    manifest: str = ""
    plan_key: str = ""
    seconds: float = 0.0
    files: tuple[tuple[str, Path | ObjectUrl | bytes], ...] = ()
    folder: Path | None = None


def order_for(task: Preparation, token: Path, work: ObjectUrl | None) -> Order:
    """The order for *task*. Raises PrepError when its references can't be read."""
    named = read_references(Job.model_validate_json(task.job).references).references
    local = [reference for reference in named if not reference.is_url]
    inputs = []
    for path in dict.fromkeys(reference.location for reference in local):
        with suppress(OSError):  # preparing says what is wrong with it
            status = os.stat(path)
            inputs.append(Input(path, status.st_size, status.st_mtime_ns))
    texts = []
    for reference in named:
        before, _, after = reference.written("\0", reference.part.text if reference.part else "").partition("\0")
        texts.append((before, reference.location, after))
    return Order(task, tuple(inputs), tuple(texts), token, work)


def carry_out(order: Order, contents: Contents | None) -> Delivery:
    """Prepare on a worker. Without *contents*, and where the inputs are not visible, the delivery is `lacking`.

    Whatever is wrong is in the delivery, in a form that travels.
    """
    if order.version != __version__:
        message = f"the workers run prep-and-submit {__version__}, and this is {order.version}; use the same version"
        return Delivery(error=UsageError(message))
    if contents is None and not all(item.visible for item in order.inputs):
        return Delivery(lacking=True)
    shared = order.token.exists() and contents is None
    originals: dict[str, str] = {}
    try:
        with ExitStack() as stack:
            base = temporary_path(order.task.folder) if shared else Path(tempfile.mkdtemp(prefix="prep-"))
            base.mkdir(mode=0o700, exist_ok=True)
            discard = stack.enter_context(ExitStack())
            discard.callback(shutil.rmtree, base, ignore_errors=True)
            task = order.task._replace(folder=base / order.task.folder.name)
            task.folder.mkdir()
            if contents is not None:
                task = task._replace(job=_unpacked(order, contents, base, originals))
            delivery = _prepared(task, originals)
            files = sorted(task.folder.iterdir())
            files = [path for path in files if path.name not in (MANIFEST, ROW) and not path.name.startswith(".")]
            if shared:
                discard.pop_all()
                return delivery._replace(files=tuple((path.name, path) for path in files), folder=base)
            return delivery._replace(files=tuple((path.name, _sent(path, base, order)) for path in files))
    except Exception as error:  # whatever it is, it is about this row
        return Delivery(error=portable(error, originals))


def _unpacked(order: Order, contents: Contents, base: Path, originals: dict[str, str]) -> str:
    """Write *contents* below *base*, and return the job that refers to them; *originals* gets their paths."""
    places: dict[str, str] = {}
    for number, (path, pieces) in enumerate(contents.items()):
        place = base / f"in{number}" / Path(path).name
        place.parent.mkdir()
        with place.open("xb") as file:
            for piece in pieces:
                file.write(piece)
        places[path], originals[str(place)] = str(place), path
    references = [before + places.get(path, path) + after for before, path, after in order.references]
    return json.dumps(json.loads(order.task.job) | {"references": references})


def _prepared(task: Preparation, originals: Mapping[str, str]) -> Delivery:
    prepared = prepare_row(task, threading.Event())
    return Delivery(
        manifest=_renamed(prepared.manifest.model_dump_json(), originals, _in_json),
        plan_key=prepared.plan_key,
        seconds=prepared.seconds,
    )


def _sent(path: Path, base: Path, order: Order) -> ObjectUrl | bytes:
    if order.work is None:
        return path.read_bytes()
    url = order.work.child(f"{base.name}/{path.name}")
    Bucket(url).put(url.key, path)
    return url


def portable(error: Exception, originals: Mapping[str, str]) -> Exception:
    """*error* with the paths that its reader knows, or one of a simpler kind when it can't travel."""
    error.args = tuple(_renamed(item, originals, str) if isinstance(item, str) else item for item in error.args)
    error.__cause__ = error.__context__ = None
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        kind = next(
            (kind for kind in (UsageError, RefusedError, RemoteError, PrepError) if isinstance(error, kind)), None
        )
        return kind(str(error)) if kind else RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _renamed(text: str, originals: Mapping[str, str], written: Callable[[str], str]) -> str:
    for here, original in originals.items():
        text = text.replace(written(here), written(original))
    return text


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def pieces_of(path: str) -> Iterator[bytes]:
    """The content of a file in pieces."""
    with Path(path).open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece
