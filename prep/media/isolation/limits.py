"""Limits of a worker process, what it leaves behind of its caller and of the network, and its end with its parent."""

import os
import signal
import struct
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

# A picture of 108 megapixels takes about 1 GB. Memory that is only reserved, and files that are mapped, do not count.
MEMORY_BYTES = 2 * 1024**3
# No file of a worker may be larger: the sound of 15 s, or a picture.
FILE_BYTES = 2 * 1024**3
PARENT_CHECK_S = 0.5
MOST_DESCRIPTORS = 65_536
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
PR_SET_PDEATHSIG = 1  # linux/prctl.h
CAPABILITY_VERSION_3 = 0x20080522  # linux/capability.h
FILE_RIGHTS = 0b1111  # CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER


def limit_process() -> None:
    """Bound memory and the size of files, and leave no core dump. Does nothing on Windows, which has no such limits."""
    if sys.platform == "win32":
        return
    import resource

    with suppress(OSError, ValueError):  # macOS takes no limit of memory; a hard limit may be lower already
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_processor(seconds: float | None) -> None:
    """Let this process use *seconds* of processor time from now on; then the system ends it with SIGXCPU. None: any."""
    if sys.platform == "win32":
        return
    import resource

    with suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        most = hard if seconds is None else int(time.process_time() + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def drop_inheritance(kept: int, names: Sequence[str]) -> None:
    """Have no open file of the caller but the descriptor *kept*, and no environment variable but *names*."""
    with open(os.devnull, "r+b") as nothing:
        for descriptor in _open_descriptors():
            # not closed: an object of the caller may close the number later, when it is another file's
            if descriptor not in (kept, nothing.fileno()):
                with suppress(OSError):
                    os.dup2(nothing.fileno(), descriptor)
    for name in [name for name in os.environ if name not in names]:
        _erase_variable(name)
        del os.environ[name]


def _open_descriptors() -> list[int]:
    """Those of this process. On other systems than Linux a worker is no copy of its caller, and has none."""
    if sys.platform != "linux":
        return [0, 1, 2]
    try:
        return [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:  # /proc is not mounted
        return [number for number in range(min(os.sysconf("SC_OPEN_MAX"), MOST_DESCRIPTORS)) if _is_open(number)]


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _erase_variable(name: str) -> None:
    """Overwrite the text of a variable, which would stay in memory, and in /proc/PID/environ."""
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.getenv.restype = ctypes.c_void_p
        if address := library.getenv(os.fsencode(name)):
            ctypes.memset(address, 0, len(os.fsencode(os.environ[name])))


def leave_network() -> bool:
    """Move this process and its children to a network of their own, which leads nowhere; whether that was allowed.

    It must have one thread only. Linux allows it to root, and to other users where they may have namespaces.
    """
    if sys.platform != "linux":
        return False
    import ctypes  # Python has it from 3.12

    as_user = 0 if os.geteuid() == 0 else CLONE_NEWUSER  # root would lose its rights to files of others
    with suppress(OSError, AttributeError):
        return int(ctypes.CDLL(None).unshare(as_user | CLONE_NEWNET)) == 0
    return False


def drop_capabilities() -> None:
    """Give up what root may do, but reading and writing files of others: among the rest is reading the environment of
    the caller, which Landlock does not stop root from. Other users have nothing to give up outside their namespaces.
    """
    if sys.platform != "linux":
        return
    import ctypes  # Python has it from 3.12

    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
        sets = ctypes.create_string_buffer(24)  # twice effective, permitted, inheritable: the low and the high 32 bits
        if library.capget(header, sets) == 0:
            effective, permitted, *_ = struct.unpack("=6I", sets.raw)
            library.capset(header, struct.pack("=6I", effective & FILE_RIGHTS, permitted & FILE_RIGHTS, 0, 0, 0, 0))


def has_network() -> bool:
    """Whether this process sees a network interface besides the loopback."""
    import socket

    return any(name != "lo" for _, name in socket.if_nameindex())


def end_with(parent: int) -> None:
    """End this process when *parent* ends, however that ends: on Linux at once, also while this one is stopped.

    There it ends with the thread that started it, so that has to last. Afterwards the process must not change its user.
    """
    if not (sys.platform == "linux" and _killed_with_parent()):
        threading.Thread(target=_watch, args=(parent,), daemon=True, name="parent-watch").start()
    elif os.getppid() != parent:  # it has ended before
        os._exit(1)


def _killed_with_parent() -> bool:
    import ctypes

    with suppress(OSError, AttributeError):
        return int(ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)) == 0
    return False


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_S)
    os._exit(1)
