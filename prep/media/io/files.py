"""Files: hashing, copying, and safe names for outputs."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from prep.model.byte_source import Openable
from prep.model.media import EXTENSIONS

UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
OUR_PREFIX = re.compile(r"^(image|video|audio)\d+-")
LONGEST_STEM = 60
FINGERPRINT_PARTS, FINGERPRINT_BYTES = 16, 65_536


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(item: Openable) -> str:
    """A hash of the size and of parts spread over the file: quick at any size, and different for different media."""
    if not isinstance(item, Path):
        return item.fingerprint
    with item.open("rb") as file:

        def read_at(offset: int, length: int) -> bytes:
            file.seek(offset)
            return file.read(length)

        return fingerprint_of(item.stat().st_size, read_at)


def fingerprint_of(size: int, read_at: Callable[[int, int], bytes]) -> str:
    digest = hashlib.sha256(str(size).encode())
    for part in range(FINGERPRINT_PARTS):
        digest.update(read_at(max(0, size - FINGERPRINT_BYTES) * part // (FINGERPRINT_PARTS - 1), FINGERPRINT_BYTES))
    return digest.hexdigest()


def stamp(item: Openable) -> tuple[int, ...]:
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


def write_whole(path: Path, text: str) -> None:
    """Write all of *text* to *path*, or nothing: no file of that name ever holds half of it."""
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_text(text, "utf-8")
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def output_name(tag: str, label: str, container: str) -> str:
    """The name of an output: the tag, the name of the source, and the extension for *container*.

    The extension decides the media type it is uploaded as. Only letters, digits, dots, dashes and underscores remain.
    """
    stem = label.rsplit(".", 1)[0] if "." in label.strip(".") else label
    plain = UNSAFE.sub("-", OUR_PREFIX.sub("", stem)).strip("-._")[:LONGEST_STEM] or "file"
    return f"{tag.removeprefix('@').lower()}-{plain}{EXTENSIONS.get(container, '')}"
