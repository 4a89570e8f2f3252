"""A prepared folder, as it is read back before anything of it is uploaded."""

from pathlib import Path

from pydantic import ValidationError

from prep.errors import UsageError
from prep.media.io import files
from prep.model.manifest import MANIFEST, Manifest
from prep.validation import lines


def manifest_in(folder: Path) -> Manifest:
    """What stands in *folder*, whether or not its files are still the same. Raises as `load_prepared` does."""
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}; make it with 'prep-and-submit prep REF... --out {folder}'"
        ) from error
    except ValidationError as error:
        raise UsageError(f"{path}: not a manifest: {'; '.join(lines(error, Manifest))}") from error


def load_prepared(folder: Path) -> Manifest:
    """The manifest in *folder*, whose files are exactly those that were verified when it was written.

    Raises UsageError naming what is missing or changed.
    """
    manifest = manifest_in(folder)
    outputs = [entry.output for entry in manifest.entries if entry.output.url is None]
    wrong = [problem for file in outputs if (problem := _problem(folder, file.path or "", file.sha256))]
    if wrong:
        raise UsageError("\n".join([*wrong, "prepare the references again"]))
    return manifest


def _problem(folder: Path, name: str, sha256: str | None) -> str | None:
    path = folder / name
    if Path(name).name != name:
        return f"{name!r} in {MANIFEST} is not a plain file name"
    try:
        actual = files.sha256(path)
    except OSError as error:
        return f"{path}: {error.strerror}"
    return None if actual == sha256 else f"{path}: it has changed since it was prepared"
