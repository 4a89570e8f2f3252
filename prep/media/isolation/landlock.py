"""Landlock: a worker can't reach other processes, or connect by TCP, whatever its user may do.

Files are left out: decision 0010 says why. Python has no functions for it, so the system calls are made by number: the
same on all machines (linux/landlock.h; man 7 landlock).
"""

import os
import struct
import sys
from contextlib import suppress

CREATE_RULESET, RESTRICT_SELF = 444, 446
VERSION = 1
PR_SET_NO_NEW_PRIVS = 38
BIND_TCP, CONNECT_TCP = 1, 2
ABSTRACT_UNIX_SOCKET, SIGNAL = 1, 2
# The first version of the interface that knows scopes; networks it knows from the fourth.
WITH_SCOPES = 6


def leave_others() -> bool:
    """Keep this process and its children from signals to others, from their memory, from TCP and abstract sockets.

    Returns whether that worked; on older kernels, which know less of this, nothing is done. The process must have one
    thread only.
    """
    if sys.platform != "linux":
        return False
    import ctypes  # Python has it from 3.12

    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        if library.syscall(CREATE_RULESET, None, 0, VERSION) < WITH_SCOPES:
            return False
        handled = struct.pack("=QQQ", 0, BIND_TCP | CONNECT_TCP, ABSTRACT_UNIX_SOCKET | SIGNAL)
        rules = library.syscall(CREATE_RULESET, handled, len(handled), 0)
        if rules < 0:
            return False
        try:
            library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            return int(library.syscall(RESTRICT_SELF, rules, 0)) == 0
        finally:
            os.close(rules)
    return False


def reaches(pid: int) -> bool:
    """Whether this process may send signals to the process *pid*, which is its user's."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return False
    return True
