"""Text files that a call names or finds: jobs, plans, specs, manifests, receipts. Read whole, but never without end."""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from prep.errors import UsageError
from prep.media.io.similar_path import or_similar
from prep.media.io.special import special_kind
from prep.model.redact import shown

# Where a shell puts a pipe: `--from-job <(make-job)` and /dev/stdin.
PIPES = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
DEEP = "nested too deep"
# A manifest of a thousand files has half as many. Each may take a hundred bytes of memory, and a wrong one a thousand.
MOST_VALUES, BETWEEN_VALUES = 400_000, (b",", b"[", b"{")


def read_text(path: Path, most_bytes: int) -> str:
    """Return the text in *path*. Raises UsageError when it can't be read, is too long, or is not UTF-8."""
    return decode(read_bytes(path, most_bytes), shown(path))


def read_bytes(path: Path, most_bytes: int) -> bytes:
    """As `read_text`, for a reader that decodes by itself."""
    with open_text(path) as file:
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise UsageError(f"{shown(path)}: larger than the {most_bytes:,} bytes that such a file may have")
    if sum(map(data.count, BETWEEN_VALUES)) > MOST_VALUES:
        raise UsageError(f"{shown(path)}: more than the {MOST_VALUES:,} values that such a file may have")
    return data


def decode(data: bytes, place: str) -> str:
    """Return *data* as text without a byte order mark. Raises UsageError, which begins with *place*."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{place}: not UTF-8 text (byte {error.start + 1}); save it as UTF-8") from None


@contextmanager
def open_text(path: Path) -> Iterator[BinaryIO]:
    """Open *path* to read bytes of text. Raises UsageError for what can't be read, also while it is read."""
    try:
        kind = None if str(path).startswith(PIPES) else special_kind(path)
        if kind is not None:
            raise UsageError(f"{shown(path)}: {kind}, where a text file is wanted")
        with path.open("rb") as file:
            yield file
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        reason = f"no such file{or_similar(str(path))}" if missing else error.strerror or error
        raise UsageError(f"{shown(path)}: {reason}") from error


def folder_of(path: Path) -> Path:
    """The folder that paths in the file *path* are relative to: its own; the working directory for a pipe."""
    try:
        regular = stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        regular = True
    return path.parent if regular else Path()


def read_json(text: str, place: str) -> Any:
    """Read one JSON document. Raises UsageError that names *place*, and the line in it where it has several."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = f", line {error.lineno}" if "\n" in text.strip() else ""
        raise UsageError(f"{place}: not JSON: {error.msg} at column {error.colno}{line}") from None
    except RecursionError:
        raise UsageError(f"{place}: not JSON that can be read: {DEEP}") from None
    except ValueError as error:  # a number of thousands of digits
        raise UsageError(f"{place}: not JSON that can be read: {one_line(error)}") from None


def one_line(error: Exception) -> str:
    """The message of an error of a library, which may have several lines."""
    return " ".join(str(error).split())
