"""Receiving of what a worker has made: verified, then put into the folder of the row, the manifest last."""

import os
import shutil
import threading
from pathlib import Path

from prep.errors import PrepError, RemoteError
from prep.execution.folder import earlier_files, note_names, own_names, placing, refuse_foreign, refuse_to_replace
from prep.inputs.jobs import Job
from prep.inputs.references import read_references
from prep.media.io.files import leftovers, sha256, temporary_path, write_whole, writing
from prep.model.manifest import MANIFEST, Manifest
from prep.net.bucket import Bucket
from prep.net.object_url import ObjectUrl
from submit.batches.executors.parcel import Delivery
from submit.batches.preparation import Preparation, Prepared, clear_record, note_row


def receive(delivery: Delivery, task: Preparation, cancel: threading.Event) -> Prepared:
    """Put the files of *delivery* in place. The caller holds the folder of *task*.

    Raises RemoteError when a file is not the one that was made, UsageError when one would replace a file of the user's,
    and UnwritableError when the folder can't be written to.
    """
    folder, manifest = task.folder, Manifest.model_validate_json(delivery.manifest)
    hashes = {entry.output.path: entry.output.sha256 for entry in manifest.entries if entry.output.path}
    names = sorted(hashes)
    staging = temporary_path(folder)
    try:
        own = own_names(folder)
        refuse_foreign(names, own, folder)
        references = _local_references(task)  # which the worker, in another folder, could not see
        for name in names:
            refuse_to_replace(folder / name, references)
        with writing(folder):
            staging.mkdir(mode=0o700)
            for name, content in delivery.files:
                if name in hashes:
                    _fetch(content, staging / name, cancel)
            for name in names:
                if not (staging / name).exists() or sha256(staging / name) != hashes[name]:
                    raise RemoteError(f"{name}: not the file that the worker made; run again")
            note_names(staging, own.union(names))
            clear_record(folder)
            with placing(names, staging, folder):
                findings = (*manifest.findings, *earlier_files(names, own, folder))
                manifest = manifest.model_copy(update={"findings": findings, "folder": folder.absolute()})
                write_whole(folder / MANIFEST, manifest.model_dump_json(indent=2) + "\n")
            note_row(task, delivery.plan_key)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        _discard(delivery)
    return Prepared(manifest, delivery.plan_key, delivery.seconds)


def _local_references(task: Preparation) -> list[Path]:
    references = read_references(Job.model_validate_json(task.job).references).references
    return [Path(reference.location) for reference in references if not reference.is_url]


def _discard(delivery: Delivery) -> None:
    """Remove what lies between the machines."""
    if delivery.folder is not None:
        shutil.rmtree(delivery.folder, ignore_errors=True)
    for _, content in delivery.files:
        if isinstance(content, ObjectUrl):
            try:
                Bucket(content).delete(content.key)
            except PrepError:  # it takes room, and nothing else
                continue


def remove_leftovers(folder: Path) -> None:
    """Remove what workers that are gone were making in *folder*, which the caller holds."""
    for path in leftovers(folder) if folder.is_dir() else ():
        shutil.rmtree(path, ignore_errors=True)


def _fetch(content: Path | ObjectUrl | bytes, target: Path, cancel: threading.Event) -> None:
    if isinstance(content, ObjectUrl):
        Bucket(content).save(content.key, target, cancel)
    elif isinstance(content, bytes):
        target.write_bytes(content)
    else:
        os.replace(content, target)
