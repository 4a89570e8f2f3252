"""Parts of large files: of such a source not every byte is read, so that it has no hash."""

from prep.model.plan import PlanEntry, Trim, find

# Hashing less takes no time beside what is made of it.
LARGE_BYTES = 100_000_000
# Hashing more takes longer than making most videos; a sparse file may claim any number of bytes.
MOST_HASHED_BYTES = 4_000_000_000


def is_read_in_part(entry: PlanEntry) -> bool:
    """Whether something is made of a large local file that is not read whole: only a part of it is used, or it is huge.

    What comes from elsewhere is fetched, and read, as a whole.
    """
    is_local = not entry.reference.is_url and entry.reference.content is None
    most = LARGE_BYTES if find(entry.steps, Trim) is not None else MOST_HASHED_BYTES
    return is_local and bool(entry.steps) and entry.source.bytes > most
