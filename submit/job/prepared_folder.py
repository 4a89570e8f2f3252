"""Prepared folder: the files that prep made, read back and verified before anything is uploaded."""

from pathlib import Path
from typing import NamedTuple

from prep.errors import UsageError
from prep.inputs.manifests import read_manifest
from prep.media.io import files
from prep.model.manifest import MANIFEST, Manifest


class PreparedFolder(NamedTuple):
    path: Path
    manifest: Manifest


def load_prepared(folder: Path) -> PreparedFolder:
    """Load *folder*; its files are exactly those that were verified when its manifest was written.

    Raises UsageError, naming every file that is missing or has changed.
    """
    manifest = read_manifest(folder)
    outputs = [entry.output for entry in manifest.entries if entry.output.url is None]
    problems = [problem for file in outputs if (problem := _problem(folder, file.path or "", file.sha256))]
    if problems:
        raise UsageError("\n".join([*problems, "prepare the references again"]))
    return PreparedFolder(folder, manifest)


def _problem(folder: Path, name: str, sha256: str | None) -> str | None:
    path = folder / name
    if Path(name).name != name:
        return f"{name!r} in {MANIFEST} is not a plain file name"
    try:
        actual = files.sha256(path)
    except OSError as error:
        return f"{path}: {error.strerror}"
    return None if actual == sha256 else f"{path}: changed since it was prepared"
