"""Manifests in the folders that `prepare` filled."""

import os
from pathlib import Path

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
        raise UsageError(f"{error}; make it with 'prep-and-submit prep REF... --out {folder}'") from error
    except ValidationError as error:
        raise UsageError(f"{path}: not a manifest: {'; '.join(lines(error, Manifest))}") from error
    return manifest.model_copy(update={"folder": Path(folder).absolute()})
