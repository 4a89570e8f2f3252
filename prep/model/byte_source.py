"""Readable bytes that are not a local file: at a URL, in memory, in a file object."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol


class Readable(Protocol):
    """Bytes with a size, read in parts by several threads. str() is what messages call it."""

    @property
    def size_bytes(self) -> int: ...

    @property
    def far(self) -> bool:
        """Whether each part that is read has to be fetched from somewhere else."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """*length* bytes from *offset* on, less only at the end. Raises PrepError."""
        ...

    def raise_failure(self) -> None:
        """Raise what `read_at` raised before: a decoder may take a failed read for the end of the file."""
        ...


class Content(Readable, Protocol):
    """What a call has opened, and closes at its end."""

    @property
    def fingerprint(self) -> str:
        """Another for another content."""
        ...

    def save(self, target: Path, progress: Callable[[float], None], cancel: threading.Event) -> None:
        """Write all of it to *target*, which must not be there yet; after an error it is gone. *progress* gets 0..1."""
        ...

    def close(self) -> None: ...


Opened = Path | Content
# All that decoders need; a worker process reads what its caller has opened.
Openable = Path | Readable
