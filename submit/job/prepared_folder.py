"""Prepared folder: the files that prep made, read back and verified before anything is uploaded."""

from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from prep.errors import UsageError
from prep.media.io import files
from prep.model.manifest import MANIFEST, Manifest
from prep.validation import lines


class PreparedFolder(NamedTuple):
    path: Path
    manifest: Manifest


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest in *folder*, whether or not its files have changed. Raises UsageError."""
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}; make it with 'prep-and-submit prep REF... --out {folder}'"
        ) from error
    except ValidationError as error:
        raise UsageError(f"{path}: not a manifest: {'; '.join(lines(error, Manifest))}") from error


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
