"""Files that are no media though they have a name: devices, pipes, sockets, and what the kernel shows as files.

Opening one may wait for ever (a pipe without a writer, /proc/kmsg), so they are known before they are opened.
"""

import os
import stat
from pathlib import Path

from prep.errors import UnreadableError

KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
# Their files are made by the kernel when they are read; most say that they have no bytes.
KERNEL = ("/proc", "/sys")


def special_kind(path: Path) -> str | None:
    """What *path* is, in words, where it is neither a regular file nor a folder; None: it is one, or is not there.

    Raises OSError when that can't be found out.
    """
    try:
        status = path.stat()
    except (FileNotFoundError, ValueError):
        return None
    kind = KINDS.get(stat.S_IFMT(status.st_mode))
    if kind is None and stat.S_ISREG(status.st_mode) and status.st_dev in _kernel_devices():
        return "a file of the system's kernel"
    return kind


def refuse_special(path: Path, label: str) -> None:
    """Raise UnreadableError where *path*, which messages call *label*, is `special_kind`; OSError as that does."""
    if kind := special_kind(path):
        raise UnreadableError(f"{label}: {kind}, not a file with an image, a video or a sound")


def _kernel_devices() -> set[int]:
    return {os.stat(folder).st_dev for folder in KERNEL if os.path.ismount(folder)}
