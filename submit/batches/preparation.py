"""Preparation of one row: pure work that may be repeated, on this machine or another."""

import json
import os
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

from prep.analyse import unseen_until_encoded
from prep.errors import UsageError
from prep.inputs.access import Access
from prep.inputs.jobs import Job
from prep.media.io.files import sha256, write_whole, writing
from prep.media.io.text_file import read_bytes
from prep.model.context import Where
from prep.model.limits import EndpointSpec
from prep.model.manifest import MANIFEST, Manifest
from prep.model.redact import without_secrets
from prep.net.network import Network
from prep.specs.parameters import for_generation, with_defaults
from prep.stages import cache_in, make_files, open_context, workplace
from submit.batches.results.folder import ROW, refuse_foreign_row
from submit.job.prepared_folder import load_prepared
from submit.job.proposal import open_references, propose
from submit.request.offer import Order

MOST_BYTES = 2_000_000


class Preparation(NamedTuple):
    """One row to prepare into *folder*; *job* is its JSON, *key* identifies row and files."""

    job: str
    key: str
    spec: EndpointSpec
    folder: Path
    cache: Path
    network: Network | None = None
    isolation: Where = "process"


class Prepared(NamedTuple):
    """*plan_key* identifies the request about the same sources and steps; *seconds* is the time it took."""

    manifest: Manifest
    plan_key: str
    seconds: float


def order_of(job: Job, spec: EndpointSpec, webhook: str | None = None) -> Order:
    """The order that *job* is. Raises UsageError for a parameter that the endpoint does not have or take."""
    return Order(job.prompt or "", spec, with_defaults(job.generation, spec), job.max_cost, webhook=webhook)


def prepare_row(task: Preparation, cancel: threading.Event) -> Prepared:
    """Make the files of a row and their manifest, unless an earlier run has made them. The caller holds the folder.

    Raises as `prep.prepare` does, and TooExpensive over the row's own cap.
    """
    started = time.monotonic()
    job = Job.model_validate_json(task.job)
    order = order_of(job, task.spec)
    if (earlier := made_before(task)) is not None:
        return earlier
    clear_record(task.folder)
    access = Access(task.network, task.isolation, cache_in(task.cache))
    options = for_generation(job.options, order.generation, task.spec)
    with open_context(task.spec, access, options, cancel=cancel) as ctx:
        proposal = propose(open_references(job.references, ctx, out=task.folder), order, ctx, watch=True)
        watched = unseen_until_encoded(proposal.plan, proposal.sources)
        place = workplace(task.folder, ctx, watched=watched)
        manifest = make_files(proposal.plan, proposal.sources, place, ctx)
    note_row(task, proposal.key)
    return Prepared(manifest, proposal.key, time.monotonic() - started)


def clear_record(folder: Path) -> None:
    """Remove what says which row the files in *folder* are for. Raises UsageError when it, or the card, is not ours."""
    refuse_foreign_row(folder)
    with writing(folder):
        (folder / ROW).unlink(missing_ok=True)


def note_row(task: Preparation, plan_key: str) -> None:
    """Note that the files in the folder of *task* are whole, and which row they are for.

    As in the manifest, URLs are without what lets their bearer read them.
    """
    job = json.loads(task.job)
    job["references"] = [without_secrets(text) for text in job.get("references", ())]
    with writing(task.folder):
        note = {"key": task.key, "plan_key": plan_key, "manifest": sha256(task.folder / MANIFEST), "job": job}
        write_whole(task.folder / ROW, json.dumps(note, indent=2, ensure_ascii=False) + "\n")


def made_before(task: Preparation) -> Prepared | None:
    """The files that are there for the same row, verified by their hashes; None: there are none.

    Another command may have put its own files, and their manifest, in their place.
    """
    if not os.path.lexists(task.folder / ROW):
        return None
    try:
        note: Any = json.loads(read_bytes(task.folder / ROW, MOST_BYTES))
        if note["key"] != task.key or note["manifest"] != sha256(task.folder / MANIFEST):
            return None
        return Prepared(load_prepared(task.folder).manifest, str(note["plan_key"]), 0.0)
    except (UsageError, OSError, ValueError, TypeError, KeyError):
        return None
