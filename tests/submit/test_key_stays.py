"""The key travels in one header and appears nowhere else: outputs, errors, receipts, logs."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from submit.sandbox import Sandbox, running

KEY = "5e7711e1-5e71:5e711ne15e711ne1"
ROOT = str(Path(__file__).parents[2])
# The command as it is, with every logger of every library wide open on stderr.
LOUD = (
    "import logging, sys; logging.basicConfig(level=0, stream=sys.stderr); logging.captureWarnings(True)\n"
    "from submit.command import main\nsys.exit(main())"
)
FAULTS = ("", "drop-after-accept", "5xx-after-accept", "policy-refusal", "5xx-result", "partial-download")


@pytest.fixture(scope="module", params=FAULTS, ids=lambda faults: faults or "none")
def box(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("box"), queue_s=0, faults=request.param) as sandbox:
        yield sandbox


def _call(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LOUD, *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": ROOT,
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, 2, 4, 5), done.stderr[-500:]
    return done.stdout + done.stderr


def _written(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_it_is_in_no_output_and_no_file(box: Sandbox, media: Callable[[str], Path], tmp_path: Path) -> None:
    environment = {**box.env, "FAL_KEY": KEY}
    asked = ["--prompt", "@Image1 waves", "--duration", "4", "--resolution", "480p", "--yes"]
    said = _call(tmp_path, environment, "run", str(media("photo.jpg")), *asked, "--out", "out", "--json")
    said += _call(tmp_path, environment, "resume", "out")
    assert '"schema"' in said
    kept = f"{box.requests()}{box.objects()}{box.ledger}{[item.headers for item in box.requests()]}"
    for place in (said, kept, _written(tmp_path).decode("latin-1"), (box.directory / "ledger.jsonl").read_text()):
        for part in (KEY, *KEY.split(":")):
            assert part not in place


@pytest.mark.parametrize("key", ["5e7711\n5e71", "5e7711 5e71", "5e7711\x7f", "5e7711é", "5e7711\t5e71"], ids=ascii)
def test_a_key_that_can_not_be_one_is_not_repeated(key: str, media: Callable[[str], Path], tmp_path: Path) -> None:
    said = _call(tmp_path, {"FAL_KEY": key}, "run", str(media("photo.jpg")), "--prompt", "@Image1 waves")
    assert "5e7711" not in said
    assert "FAL_KEY" in said
