"""Limits on every program that is run: whatever a file claims, neither memory nor the disk fills up, and a run ends."""

import os
import sys
from contextlib import suppress
from math import ceil
from typing import NamedTuple

# No file that is made is as large; ffmpeg stops there by itself, and the kernel stops what does not.
FILE_BYTES = 1_000_000_000
# Decoding 4K HDR takes about 400 MB on two processors, 8K about 900 MB; each further processor adds frames in flight.
MEMORY_BYTES, PROCESSOR_BYTES, MOST_PROCESSORS = 1_000_000_000, 64_000_000, 16
# The slowest decoding and encoding seen ran at a tenth of real time.
START_S, EACH_SECOND_S, LONGEST_S = 60.0, 40.0, 1800.0
CLOCK = 3.0  # the clock's time for each second: the machine may have other work


class Limits(NamedTuple):
    """The most of each that one program may take; *seconds* are those that each processor works for it."""

    seconds: float
    memory_bytes: int
    file_bytes: int


def limits_for(media_s: float = 0.0) -> Limits:
    """The limits on making, or decoding, *media_s* seconds of media."""
    more = max(0, min(os.cpu_count() or 1, MOST_PROCESSORS) - 2)
    return Limits(
        seconds=min(LONGEST_S, START_S + EACH_SECOND_S * max(0.0, media_s)),
        memory_bytes=MEMORY_BYTES + more * PROCESSOR_BYTES,
        file_bytes=FILE_BYTES,
    )


if sys.platform == "linux":
    import resource

    def apply(pid: int, limits: Limits) -> None:
        """Limit a process that was just started, and what it starts. From outside: a hook in the child isn't safe
        where several threads run. Memory that is only reserved doesn't count."""
        with suppress(OSError):  # it has ended already
            resource.prlimit(pid, resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (2 * limits.file_bytes, 2 * limits.file_bytes))
            processor_s = ceil(limits.seconds * (os.cpu_count() or 1))
            resource.prlimit(pid, resource.RLIMIT_CPU, (processor_s, processor_s + 1))
else:

    def apply(pid: int, limits: Limits) -> None:
        """Other systems limit no process from outside: there only the clock and ffmpeg's own options count."""
