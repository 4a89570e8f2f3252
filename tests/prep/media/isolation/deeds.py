"""Harm that media may do to the process that opens them, as functions for a worker."""

import os
import signal
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from prep.errors import NonCompliantError, ToolError, UnreadableError
from prep.model.byte_source import Content
from prep.model.finding import Finding


def process_of(text: str) -> tuple[int, str]:
    return os.getpid(), text


def crash(number: int) -> None:
    os.kill(os.getpid(), number)


def leave() -> None:
    os._exit(0)


def spin() -> None:
    while True:
        pass


def sleep() -> None:
    time.sleep(3600)


def hoard(size_bytes: int) -> int:
    return len(bytearray(size_bytes))


def grow_file(path: str, size_bytes: int) -> None:
    with open(path, "wb") as file:
        file.truncate(size_bytes)


def read(content: Content, offset: int, length: int) -> str:
    return f"{content}: {content.read_at(offset, length)!r} of {content.size_bytes}"


def report_thrice(progress: Callable[[float], None], cancel: threading.Event) -> bool:
    for part in (0.25, 0.5, 1.0):
        progress(part)
    return cancel.is_set()


def say(message: bytes, progress: Callable[[float], None]) -> str:
    """Send *message* on the way to the caller, as a process that was taken over may."""
    _write(struct.pack("!i", len(message)) + message)
    return "said"


def say_half() -> None:
    """Send the length of a message and half of it."""
    _write(struct.pack("!i", 100) + b"R")
    time.sleep(3600)


def _write(data: bytes) -> None:
    for descriptor in range(3, 64):
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                os.write(descriptor, data)


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def connect(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=5).close()


def ask_for(pid: int) -> None:
    """Send no signal, but ask whether one may be sent."""
    os.kill(pid, 0)


def where() -> str:
    return os.getcwd()


def belongings() -> tuple[str, str]:
    """What of the environment the system shows of this process, and its open files."""
    files = []
    for name in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # that of the list itself
            files.append(os.readlink(f"/proc/self/fd/{name}"))
    return Path("/proc/self/environ").read_bytes().decode(errors="replace"), " ".join(files)


def secret() -> str:
    return os.environ.get("FAL_KEY", "nothing")


def lie() -> int:
    return "not a number"  # type: ignore[return-value]


def fail(name: str) -> None:
    finding = Finding(
        rule="image-too-large", severity="error", basis="documented", actual=2, allowed=1, message="too large"
    )
    errors = {
        "unreadable": UnreadableError("a.png: cut"),
        "tool": ToolError("a.mp4: failed", log="line"),
        "findings": NonCompliantError("nothing was made", (finding,)),
        "system": OSError(28, "No space left on device", "a.wav"),
        "other": ValueError("bad box"),
    }
    raise errors[name]


def wait_for_orphan(path: str) -> None:
    """Write this process's number to *path* and work on."""
    with open(path, "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    signal.pause()


def read_often(content: Content) -> int:
    return sum(len(content.read_at(0, 1)) for _ in range(100_000))
