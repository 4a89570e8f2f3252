"""Runs a command and measures its time, processor seconds and memory."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple


class Run(NamedTuple):
    """Seconds by the clock, seconds of all processors together, and the peak memory of the largest process."""

    taken_s: float
    cpu_s: float
    peak_bytes: int


def run(argv: list[str], environment: Mapping[str, str]) -> Run:
    """Run *argv* to its end; its children count for memory. Raises CalledProcessError when it fails."""
    # an empty cache for each run: a hit would measure nothing
    with tempfile.TemporaryFile() as output, tempfile.TemporaryDirectory() as cache:
        started = time.perf_counter()
        process = subprocess.Popen(
            argv, env={**os.environ, "XDG_CACHE_HOME": cache, **environment}, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        taken_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise subprocess.CalledProcessError(process.returncode, argv, output.read())
    # kilobytes on Linux, bytes on macOS
    peak_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Run(taken_s, usage.ru_utime + usage.ru_stime, peak_bytes)


def first_line_s(argv: list[str], environment: Mapping[str, str]) -> float:
    """The seconds until *argv* has written its first line, by the clock."""
    started = time.perf_counter()
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        taken_s = time.perf_counter() - started
        process.stdout.read()
    return taken_s


def resident_bytes() -> int:
    """The memory of this process that is in use now, not its peak. Linux only."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def middle(name: str, runs: Sequence[Run]) -> Run:
    """Print and return the medians."""
    taken_s, cpu_s, peak_bytes = (median(column) for column in zip(*runs, strict=True))
    spread = f"{min(run.taken_s for run in runs):.2f}–{max(run.taken_s for run in runs):.2f}"
    print(
        f"{name:<24} {taken_s:7.2f} s (of {len(runs)}: {spread})  processor {cpu_s:6.2f} s  "
        f"largest process {peak_bytes / 1e6:4.0f} MB"
    )
    return Run(taken_s, cpu_s, round(peak_bytes))


def ratio(name: str, value: float, most: float | None) -> bool:
    """Print *value* beside its target; True if it is met."""
    met = most is None or value <= most
    target = "" if most is None else f"  target ≤ {most:g}{'' if met else '  MISSED'}"
    print(f"{name:<34} {value:5.2f}{target}")
    return met
