"""--json of the commands about jobs, compared with docs/json.schema.json; the others have golden cases."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.docs.contract import contract

CONTRACT = Draft202012Validator(contract(closed=True))
ROOT = Path(__file__).parents[2]


def _told(folder: Path, *arguments: str) -> Any:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FAL_")}
    done = subprocess.run(
        [sys.executable, "-m", "submit.command", *arguments, "--state", "journal", "--json"],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    CONTRACT.validate(document)
    assert document["command"] == arguments[0]
    return document["data"]


@pytest.mark.parametrize("waited", [True, False])
def test_a_job_from_beginning_to_end(media: Callable[[str], Path], tmp_path: Path, waited: bool) -> None:
    photo = str(media("photo.jpg"))
    wait = () if waited else ("--no-wait",)
    run = _told(tmp_path, "run", photo, "--prompt", "@Image1 waves", "--sandbox", "--out", "take", *wait)
    assert (run["result"] is not None) == waited
    assert _told(tmp_path, "cache")["prepared"]["files"] >= 0
    (listed,) = _told(tmp_path, "jobs")["sandbox"]
    assert listed["id"] == run["job"] == _told(tmp_path, "status", "take")["job"]["id"]
    if waited:
        result = _told(tmp_path, "result", "take")["result"]
        assert result == _told(tmp_path, "resume", "take")["result"] == run["result"] | {"video": result["video"]}
        assert _told(tmp_path, "resume", "--all") == {"jobs": []}
        assert _told(tmp_path, "forget", "take") == {"forgotten": run["job"]}
