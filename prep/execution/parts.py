"""Parts of large files: of such a source not every byte is read, so that it has no hash."""

from prep.model.plan import PlanEntry, Trim, find

# Hashing less takes no time beside what is made of it.
LARGE_BYTES = 100_000_000


def is_read_in_part(entry: PlanEntry) -> bool:
    """Whether only a part of a large local file is used; what comes from elsewhere is fetched, and read, as a whole."""
    is_local = not entry.reference.is_url and entry.reference.content is None
    return is_local and entry.source.bytes > LARGE_BYTES and find(entry.steps, Trim) is not None
