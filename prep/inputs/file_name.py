"""Names of files in their one spelling; those that are not UTF-8 are found by the escapes that messages show."""

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
    """Return *reference* with the one spelling that messages and comparisons have for its file.

    A plan, a job file and a shell can't hold the bytes of a name that is not UTF-8, so they hold its escapes. A file
    that has these characters in its name goes first.
    """
    if reference.content is not None or reference.is_url:
        return reference
    location, path = reference.location, restore_bytes(reference.location)
    if path != location and not os.path.exists(location) and os.path.exists(path):
        location = path
    return reference.model_copy(update={"location": tidy(location)})


def tidy(path: str) -> str:
    """*path* without what it holds for nothing: "./", doubled slashes, a slash at the end."""
    return str(Path(path))
