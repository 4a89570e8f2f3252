"""File names that are not UTF-8, found by the escapes that messages and JSON show for them."""

import os
from pathlib import Path

from prep.errors import UsageError
from prep.model.redact import escape_bytes, restore_bytes, shown
from prep.model.reference import Reference


def exists(path: str) -> bool:
    """Whether *path* exists, as it is or with its escapes (`caf\\xe9.jpg`) read as bytes."""
    return os.path.exists(path) or os.path.exists(restore_bytes(path))


def refuse_bytes(folder: Path) -> None:
    """Raise UsageError when the name of *folder* is not UTF-8: a journal in JSON can't hold it."""
    if escape_bytes(path := str(folder.absolute())) != path:
        raise UsageError(f"{shown(folder)}: the name is not UTF-8, which the journal of jobs needs; rename the folder")


def as_on_disk(reference: Reference) -> Reference:
    """Return *reference* with the name that the file has.

    A plan, a job file and a shell can't hold the bytes of a name that is not UTF-8, so they hold its escapes. A file
    that has these characters in its name goes first.
    """
    if reference.content is not None or reference.is_url:
        return reference
    path = restore_bytes(reference.location)
    if path == reference.location or os.path.exists(reference.location) or not os.path.exists(path):
        return reference
    return reference.model_copy(update={"location": path})
