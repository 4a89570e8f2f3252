"""Manifests in the folders that `prepare` filled."""

import os
from pathlib import Path
from shlex import quote

from pydantic import ValidationError

from prep.errors import UsageError
from prep.media.io.text_file import read_bytes
from prep.model.manifest import MANIFEST, Manifest
from prep.validation import lines

# That of a thousand files has a tenth of it.
MOST_BYTES = 64_000_000


def read_manifest(folder: str | os.PathLike[str]) -> Manifest:
    """Read the manifest in *folder*, whether or not its files have changed since. Raises UsageError."""
    path = Path(folder) / MANIFEST
    try:
        manifest = Manifest.model_validate_json(read_bytes(path, MOST_BYTES))
    except UsageError as error:
        raise UsageError(_without_manifest(Path(folder)) or str(error)) from error
    except ValidationError as error:
        raise UsageError(f"{path}: not a manifest: {'; '.join(lines(error, Manifest))}") from error
    return manifest.model_copy(update={"folder": Path(folder).absolute()})


def _without_manifest(folder: Path) -> str:
    """Why *folder* has no manifest and what to do: never to prepare into a folder of originals. Empty: it has one."""
    if folder.is_file() and folder.name == MANIFEST:
        return f"{folder}: a file; name the folder that it is in: {folder.parent}"
    if folder.is_file():
        return (
            f"{folder}: a file, not a folder that prep made; 'prep-and-submit run {_in_command(folder)}' prepares and "
            f"submits it, 'prep-and-submit prep {_in_command(folder)} --out ready' only prepares it"
        )
    if not folder.exists():
        return f"{folder}: no such folder; make it with 'prep-and-submit prep REF... --out {folder}'"
    if not folder.is_dir() or (folder / MANIFEST).exists():
        return ""
    ready = "ready" if folder.absolute() != Path("ready").absolute() else "prepared"
    name = _in_command(folder)
    return (
        f"{folder} was not made by prep: it has no {MANIFEST}; "
        f"'prep-and-submit prep {name} --out {ready}' prepares its files in a folder of their own: "
        f"then submit {ready}"
    )


def _in_command(path: Path) -> str:
    """*path* as one word of a command that a message has in single quotes."""
    return f'"{path}"' if quote(str(path)) != str(path) else str(path)
