"""Programs without OpenTelemetry, or that don't use it, and processes that are not to be instrumented."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.types import Media

ROOT = Path(__file__).parents[2]
BLOCKED = """
import importlib.abc, sys
class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
"""
WORK = """
import logging, os, sys
from pathlib import Path
from prep import check, prepare
logging.basicConfig(level=logging.INFO, stream=sys.stderr)
check(sys.argv[1])
prepare(sys.argv[1], out="ready")
from submit import run, batch
from submit.sandbox import running
with running(Path("box"), queue_s=0.02) as box:
    os.environ.update(box.env)
    run(sys.argv[1], "@Image1", out="out", poll_s=0.02)
    job = {"references": [sys.argv[1]], "prompt": "@Image1 runs"}
    print(*(result.state for result in batch([job], out="takes", max_cost=9, poll_s=0.02)))
print(*sorted(name for name in sys.modules if name.partition(".")[0] == "opentelemetry"))
"""
CHECK = """
import sys
from submit.command import main
sys.argv[1:] = ["check", sys.argv[1]]
main()
print("imported:", *sorted(name for name in sys.modules if name.partition(".")[0] == "opentelemetry"))
"""
# As opentelemetry-instrument arranges it: each Python with this folder in its path says that it was instrumented.
SITE = "import os, pathlib\npathlib.Path(os.environ.get('HOME', '.'), f'instrumented-{os.getpid()}').touch()\n"


def python(code: str, *arguments: str, folder: Path, **environment: str) -> str:
    """What *code* prints in an interpreter of its own."""
    command = [sys.executable, "-c", code, *arguments]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("blocked", ["", BLOCKED], ids=["installed", "missing"])
def test_all_works_without_it(media: Media, tmp_path: Path, blocked: str) -> None:
    out = python(blocked + WORK, str(media("photo_orient6.jpg")), folder=tmp_path)
    assert out.splitlines() == ["done", ""], "the rows that are done, and what was imported"


def test_a_check_imports_nothing_of_it(media: Media, tmp_path: Path) -> None:
    assert python(CHECK, str(media("photo.jpg")), folder=tmp_path).splitlines()[-1] == "imported:"


def test_workers_are_not_instrumented(media: Media, tmp_path: Path) -> None:
    """They have no network, and only a bit of the environment: exporters there would fail on defaults."""
    folder = tmp_path / "opentelemetry" / "instrumentation" / "auto_instrumentation"
    folder.mkdir(parents=True)
    (folder / "sitecustomize.py").write_text(SITE, "utf-8")
    code = (
        "import json, sys\nfrom prep import check\n"
        "print(json.dumps([check(path).ok for path in sys.argv[1:]]))\n"
        "from prep.media.isolation.pool import _shared\nassert _shared._idle\n"
    )
    files = [str(media(name)) for name in ("photo.jpg", "at_limit_300.png")]
    path = f"{folder}{os.pathsep}{ROOT}"
    assert json.loads(python(code, *files, folder=tmp_path, PYTHONPATH=path, HOME=str(tmp_path))) == [True, True]
    assert len(list(tmp_path.glob("instrumented-*"))) == 1, "the program alone"
