"""File names that are not UTF-8, found by the escapes that messages and JSON show for them."""

import os

from prep.model.redact import restore_bytes
from prep.model.reference import Reference


def exists(path: str) -> bool:
    """Whether *path* exists, as it is or with its escapes (`caf\\xe9.jpg`) read as bytes."""
    return os.path.exists(path) or os.path.exists(restore_bytes(path))


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
