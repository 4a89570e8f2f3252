"""Rehearsing failures from the command line."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "submit.command"]
ROOT = str(Path(__file__).parents[2])


def _run(folder: Path, photo: Path, faults: str, *more: str) -> subprocess.CompletedProcess[str]:
    asked = ["--prompt", "@Image1 waves", "--duration", "4", "--resolution", "480p", "--sandbox", "--faults", faults]
    return subprocess.run(
        [*COMMAND, "run", str(photo), *asked, *more],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_refusal_is_rehearsed(media: Callable[[str], Path], tmp_path: Path) -> None:
    done = _run(tmp_path, media("photo.jpg"), "policy-refusal", "--json")
    assert done.returncode == 4
    said = json.loads(done.stdout)
    [finding] = said["findings"]
    assert finding["rule"] == "refused-content-policy-violation"
    assert "; not billed; another attempt would be refused too" in said["data"]["error"]["message"]
    assert [line for line in done.stderr.splitlines() if not line.startswith("job ")][:3] == [
        "sandbox: faults policy-refusal:1",
        "sandbox: 1 job accepted, 0 billed, 1 refused",
        "sandbox: faults simulated: policy-refusal (1 time)",
    ]


def test_what_the_client_logs_is_not_shown(media: Callable[[str], Path], tmp_path: Path) -> None:
    done = _run(tmp_path, media("photo.jpg"), "5xx-upload:3")
    assert done.returncode == 0
    assert "simulated: 5xx-upload (3 times)" in done.stderr
    assert not any(text in done.stdout + done.stderr for text in ("Upload failed", "503", "<"))


def test_the_same_list_does_the_same_again(media: Callable[[str], Path], tmp_path: Path) -> None:
    said = []
    for out in ("a", "b"):
        done = _run(tmp_path, media("photo.jpg"), "429:50%,5xx-upload:10%,seed:4", "--out", out)
        assert done.returncode == 0
        said.append(re.sub(r"job \w{8}\n", "", done.stderr))
    assert said[0] == said[1]
    assert "sandbox: faults 429:50%,5xx-upload:10%,seed:4\n" in said[0]
    assert "simulated: 429 (" in said[0]


@pytest.mark.parametrize("as_json", [False, True])
def test_the_sandbox_command_tells_its_faults(tmp_path: Path, as_json: bool) -> None:
    process = subprocess.Popen(
        [*COMMAND, "sandbox", "--dir", "box", "--faults", "429:50%", *(["--json"] if as_json else [])],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ROOT, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        plan = process.stderr.readline().removeprefix("sandbox: faults ").removesuffix("\n")
        process.stderr.readline()  # "running": all is set up before it
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert plan.startswith("429:50%,seed:")
    assert err.split("\n")[-2] == "sandbox: 0 jobs accepted, 0 billed"
    if as_json:
        data = json.loads(out)["data"]
        assert data["faults"] == plan
        assert Path(data["ledger"]) == (tmp_path / "box" / "ledger.jsonl").resolve()
