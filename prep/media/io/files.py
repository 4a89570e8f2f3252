"""Files: hashing, copying, and safe names for outputs."""

import errno
import hashlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from prep.errors import UnwritableError
from prep.media.io.special import special_kind
from prep.model.byte_source import Opened
from prep.model.media import EXTENSIONS

if sys.platform != "win32":  # there no open file can be removed
    import fcntl

UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
OUR_PREFIX = re.compile(r"^(image|video|audio)\d+-")
LONGEST_STEM = 60
FINGERPRINT_PARTS, FINGERPRINT_BYTES = 16, 65_536
TEMPORARY = re.compile(r"\.making-[0-9a-f]{32}")


def sha256(path: Path) -> str:
    """The hash of a regular file. Raises OSError, for a device or a pipe as well, which may have no end."""
    if kind := special_kind(path):
        raise OSError(errno.EINVAL, kind, str(path))
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(item: Opened) -> str:
    """A hash of the size and of parts spread over the file: quick at any size, and different for different media."""
    if not isinstance(item, Path):
        return item.fingerprint
    # what is a pipe by now is not waited for
    descriptor = os.open(item, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        with open(descriptor, "rb", closefd=False) as file:

            def read_at(offset: int, length: int) -> bytes:
                file.seek(offset)
                return file.read(length)

            return fingerprint_of(item.stat().st_size, read_at)
    finally:
        os.close(descriptor)


def fingerprint_of(size: int, read_at: Callable[[int, int], bytes]) -> str:
    digest = hashlib.sha256(str(size).encode())
    for part in range(FINGERPRINT_PARTS):
        digest.update(read_at(max(0, size - FINGERPRINT_BYTES) * part // (FINGERPRINT_PARTS - 1), FINGERPRINT_BYTES))
    return digest.hexdigest()


def stamp(item: Opened) -> tuple[int, ...]:
    """Device, inode, size and times of a local file, which differ after any change to it.

    Empty for content that is not a local file, and for a file that can't be read: probing says why.
    """
    if not isinstance(item, Path):
        return ()
    try:
        stat = item.stat()
    except (OSError, ValueError):
        return ()
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def copy(source: Path, target: Path) -> None:
    """Copy the bytes; the new file has times and permissions of its own."""
    shutil.copyfile(source, target)


def temporary_path(folder: Path) -> Path:
    """A name in *folder* for what is still being made; nobody can guess it, and put a file or a link there first."""
    return folder / f".making-{secrets.token_hex(16)}"


@contextmanager
def replacing(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A new file that takes the place of *path* at the end of the block; after an error it is gone.

    It follows no link and touches no other file. Its permissions are *mode* without the umask.
    """
    temporary = temporary_path(path.parent)
    binary: int = getattr(os, "O_BINARY", 0)
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, mode), "wb") as file:
        try:
            _hold(file)
            yield file
            file.close()  # before its name changes: Windows renames no open file
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):  # it writes again what the full disk did not take
                file.close()
            temporary.unlink(missing_ok=True)
            raise


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Raise UnwritableError about *folder* for an OSError of the block."""
    try:
        yield
    except OSError as error:
        raise UnwritableError(f"{folder}: can't be written to: {error.strerror or error}") from error


def write_whole(path: Path, text: str) -> None:
    """Write all of *text* to *path*, or nothing: no file of that name ever holds half of it, even after a power cut."""
    with replacing(path) as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def leftovers(folder: Path) -> list[Path]:
    """What a killed process was making in *folder*. The caller holds the folder, so that nobody makes media there now;
    a file that another process is `replacing`, such as a video that it downloads, is not among them.
    """
    return [path for path in folder.iterdir() if TEMPORARY.fullmatch(path.name) and not _is_held(path)]


def is_own(path: Path) -> bool:
    """Whether *path*, itself and not what it may link to, is this user's. True on Windows. Raises OSError."""
    return sys.platform == "win32" or path.lstat().st_uid == os.geteuid()


def _hold(file: BinaryIO) -> None:
    """Hold *file* until it is closed or the process ends, however that ends."""
    if sys.platform != "win32":
        with suppress(OSError):  # some file systems have no locks
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_held(path: Path) -> bool:
    if sys.platform == "win32":
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def output_name(tag: str, label: str, container: str) -> str:
    """The name of an output: the tag, the name of the source, and the extension for *container*.

    The extension decides the media type it is uploaded as. Only letters, digits, dots, dashes and underscores remain.
    """
    stem = label.rsplit(".", 1)[0] if "." in label.strip(".") else label
    plain = UNSAFE.sub("-", OUR_PREFIX.sub("", stem)).strip("-._")[:LONGEST_STEM] or "file"
    return f"{tag.removeprefix('@').lower()}-{plain}{EXTENSIONS.get(container, '')}"
