"""Files that claim much: each command ends within its time and memory, and names the number and the limit."""

import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

from fixtures.hostile.files import HOSTILE
from tests.types import Media

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux does, and needs files with holes"),
]
ROOT = Path(__file__).parents[2]
MEMORY_BYTES, SECONDS = 1_000_000_000, 60
START = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stderr.write(f"\\n\\0{usage.ru_maxrss} {usage.ru_utime + usage.ru_stime}")
sys.exit(code)
"""


class Ended(NamedTuple):
    """*peak_bytes* is the memory of the largest process."""

    code: int
    stdout: str
    stderr: str
    peak_bytes: int
    processor_s: float


def _run(folder: Path, *words: str) -> Ended:
    """Run the command in a process that can't take the machine down."""
    # from a process between: on Linux a child's peak memory begins with that of its parent, and a test process grows
    command = [sys.executable, "-c", START, sys.executable, "-m", "submit.command", *words]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=out, stderr=err
        )
        resource.prlimit(process.pid, resource.RLIMIT_AS, (6_000_000_000, 6_000_000_000))
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (2 * SECONDS, 2 * SECONDS))
        process.wait()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    complaints, _, usage = texts[1].rpartition("\n\0")
    kilobytes, seconds = usage.split()
    return Ended(process.returncode, texts[0], complaints, int(kilobytes) * 1024, float(seconds))


@pytest.mark.parametrize("name", HOSTILE)
def test_it_ends(media: Media, tmp_path: Path, name: str) -> None:
    maker, refusal = HOSTILE[name]
    path = tmp_path / name
    maker(path)
    words = [str(path)]
    if path.suffix in (".wav", ".mp3"):
        words.append(str(media("at_limit_300.png")))
    checked = _run(tmp_path, "check", *words)
    made = _run(tmp_path, "prep", *words, "--out", "out")
    for ended in (checked, made):
        assert ended.code in (0, 1, 2), ended
        assert "Traceback" not in ended.stderr and "bug" not in ended.stderr
        assert ended.peak_bytes <= MEMORY_BYTES
        assert ended.processor_s <= SECONDS
    if refusal is None:
        assert made.code == 0, made.stderr
        assert not re.search("to fix yourself", checked.stdout)  # check has promised what prep does
        return
    assert made.code == 2
    for ended in (checked, made):
        assert re.search(rf"{re.escape(name)}: .*{refusal}", ended.stdout + ended.stderr), ended
