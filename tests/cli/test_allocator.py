"""Memory that is free goes back to the system while many files are looked at."""

import subprocess
import sys

# What decoders do: the first large block that is freed is taken as a reason to keep others; the last keeps all below.
SCRIPT = """
import pathlib, resource, sys
from prep.cli.check.allocator import give_back_large_blocks
if sys.argv[1] == "asked":
    give_back_large_blocks()
def held():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
del (large := [bytearray(4_000_000)])[:]
blocks = [bytearray(200_000) for _ in range(500)]
full = held()
del blocks[:-1]
print(full - held())
"""


def _given_back(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", SCRIPT, how], check=True, capture_output=True, text=True)
    return int(done.stdout)


def test_large_blocks_are_given_back() -> None:
    assert _given_back("asked") > 90_000_000
    assert _given_back("left alone") < 10_000_000
