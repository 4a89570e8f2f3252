"""Cache of the parts of a remote file, as blocks in a temporary file without a name that is gone with its owner."""

import shutil
import tempfile

from prep.errors import UnreadableError

BLOCK_BYTES = 16_384


class Blocks:
    """Blocks by number; each is stored once, in the order of arrival."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._slots: dict[int, int] = {}

    def __contains__(self, number: int) -> bool:
        return number in self._slots

    def put(self, number: int, data: bytes) -> None:
        slot = self._slots.setdefault(number, len(self._slots))
        self._file.seek(slot * BLOCK_BYTES)
        self._file.write(data)

    def get(self, number: int) -> bytes:
        """The block; behind the last one, which is shorter, anything may follow."""
        self._file.seek(self._slots[number] * BLOCK_BYTES)
        return self._file.read(BLOCK_BYTES)

    def close(self) -> None:
        self._file.close()


def refuse_full_disk(folder: str | None, wanted: int, spare: int, label: str) -> None:
    """Raise UnreadableError when *wanted* more bytes would leave less than *spare* on the disk of *folder*.

    None is the folder of temporary files.
    """
    folder = folder or tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    if free - wanted < spare:
        raise UnreadableError(
            f"{label}: needs {wanted:,} bytes to be fetched, but {folder} has only {max(0, free):,} left"
        )
