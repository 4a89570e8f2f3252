"""`batch` on the command line: the table on a terminal, the end, JSON, signals and exit codes."""

import json
import os
import signal
import subprocess
import sys
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from submit.batches.progress import BatchProgress
from submit.cli.batch_display import table_of
from submit.sandbox import running
from tests.screen import run_on_terminal, screen
from tests.types import Say

ROOT = str(Path(__file__).parents[2])
COMMAND = ("-m", "submit.command", "batch", "jobs.csv", "--out", "takes", "--poll", "0.05")
HEADER = "id,prompt,ref1,duration,resolution,aspect_ratio,seed\n"
SNAPSHOT = BatchProgress(
    rows=1200,
    finished=300,
    stages={"preparing": 2, "prepared": 1, "uploading": 4, "uploaded": 12, "running": 40},
    states={"done": 310, "refused": 3, "uncertain": 1},
    spent_usd=Decimal("412.5"),
    budget_usd=Decimal(900),
    elapsed_s=3725.0,
    left_s=7000.0,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.new("RGB", (320, 320), (120, 90, 160)).save(tmp_path / "hero.png")
    rows = "".join(f"take{number},@Image1 waves {number},hero.png,4,480p,1:1,{number}\n" for number in range(4))
    (tmp_path / "jobs.csv").write_text(HEADER + rows, "utf-8")
    return tmp_path


def _drawn(width: int, snapshot: BatchProgress = SNAPSHOT) -> list[str]:
    console = Console(file=StringIO(), width=width)
    console.print(table_of(snapshot, width))
    assert isinstance(console.file, StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines() if line.strip()]


def test_the_table() -> None:
    names, _, values = _drawn(130)
    assert names.split() == [
        *("waiting", "preparing", "prepared", "uploading", "uploaded", "running", "done", "failed"),
        *("spent", "at", "most", "time", "left"),
    ]
    assert " ".join(values.split()) == "527 2 1 4 12 40 610 of 1200 4 $412.50 of $900.00 1 h about 2 h"


@pytest.mark.parametrize("width", [66, 72, 80, 90, 100, 110, 130])
def test_the_rows_of_the_table_add_up(width: int) -> None:
    names, _, values = _drawn(width)
    stages = names.partition("done")[0].split()
    counts = [int(word) for word in values.partition(" of ")[0].split()]
    failed = int(values.partition("of 1200")[2].split()[0])
    assert stages[0] == "waiting" and len(counts) == len(stages) + 1
    assert sum(counts) + failed == 1200


@pytest.mark.parametrize("budget", [None, Decimal("8.88")])
def test_the_table_of_a_sandbox_says_that_nothing_is_spent(budget: Decimal | None) -> None:
    of_all = "" if budget is None else " of $8.88"
    update = {"rows": 5, "finished": 0, "stages": {"running": 2}, "states": {}, "spent_usd": Decimal("2.76")}
    snapshot = SNAPSHOT.model_copy(update={**update, "budget_usd": budget, "sandbox": True, "left_s": None})
    names, _, values = _drawn(80, snapshot)
    assert "spent at most" in names and f"sandbox, $0.00 (would be $2.76{of_all})" in values
    assert " ".join(values.split()).startswith("3 2 0 of 5 0 sandbox")


@pytest.mark.parametrize("width", [24, 40, 60, 80])
def test_the_table_in_little_room(width: int) -> None:
    """The columns that matter most stay whole."""
    lines = _drawn(width)
    assert len(lines) == 3 and max(map(len, lines)) <= width
    assert "610 of 1200" in lines[2] and "…" not in "".join(lines)


@pytest.mark.parametrize("columns", [40, 100])
def test_on_a_terminal(folder: Path, columns: int) -> None:
    code, text = run_on_terminal([*COMMAND, "--sandbox"], folder, columns)
    assert code == 0
    assert "failed" in text and "4 of 4" in text, "the table was there"
    assert columns < 100 or " of $2.17)" in text, "nothing was spent in the sandbox"
    lines = screen(text)
    assert not any("preparing" in line for line in lines), "and went away"
    words = " ".join(" ".join(lines).split())
    assert "4 rows; 4 to send" in words and "rows 4: 4 done" in words and "takes/results.jsonl" in words


def test_json_holds_one_document(folder: Path, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    code, out, err = say(*COMMAND[2:], "--sandbox", "--json", "--max-cost", "1.2")
    document = json.loads(out)
    assert (code, document["ok"], document["data"]["states"]) == (5, False, {"done": 2, "over-budget": 2})
    assert err == "" and document["data"] == json.loads((folder / "takes" / "summary.json").read_text())
    code, out, _ = say("batch", "status", "takes", "--json")
    assert (code, json.loads(out)["data"]["states"]) == (0, {"done": 2, "unsent": 2})


def test_an_unfinished_batch_says_how_to_continue(folder: Path, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    code, out, _ = say(*COMMAND[2:], "--sandbox", "--yes", "--max-cost", "1.2")
    command = "prep-and-submit batch jobs.csv --out takes --poll 0.05 --sandbox --max-cost 1.2"
    assert code == 5 and "The budget left doesn't cover the remaining rows" in out
    assert json.loads((folder / "takes" / "batch.json").read_text())["command"] == command
    assert f"to continue: <code>{command}</code>" in (folder / "takes" / "batch.html").read_text()


@pytest.mark.parametrize("subcommand", ["status", "result", "resume"])
def test_a_batch_is_no_job(folder: Path, say: Say, monkeypatch: pytest.MonkeyPatch, subcommand: str) -> None:
    monkeypatch.chdir(folder)
    assert say(*COMMAND[2:], "--sandbox")[0] == 0
    code, _, err = say(subcommand, "takes")
    assert (code, err) == (
        2,
        "prep-and-submit: takes is a batch folder; use 'prep-and-submit batch status takes'\n",
    )


def test_each_row_is_a_line_of_the_log(folder: Path, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    code, _, err = say(*COMMAND[2:], "--sandbox", "--log-format", "json")
    messages = [json.loads(line)["message"] for line in err.splitlines()]
    assert code == 0 and sorted(text for text in messages if text.startswith("row ")) == [
        f"row take{number}: done" for number in range(4)
    ]


def test_spending_needs_consent(folder: Path, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("FAL_KEY", "a:b")
    monkeypatch.setattr("sys.stdin", StringIO())
    code, out, err = say(*COMMAND[2:])
    assert code == 5 and "needs your agreement, and nobody can be asked here; pass --yes or --max-cost USD" in err
    assert "Price: $2.17" in out and not (folder / "takes").exists()


ENDINGS = {"ctrl-c": (signal.SIGINT, 130, "interrupted"), "kill": (signal.SIGTERM, 143, "terminated")}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_signal_leaves_jobs_running_and_says_so(folder: Path, ending: str) -> None:
    number, exit_code, word = ENDINGS[ending]
    with running(folder / "sandbox", faults="queue:2:600s") as box:
        environment = {**os.environ, **box.env, "PYTHONPATH": ROOT}
        command = [sys.executable, *COMMAND, "--yes", "--state", "state"]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with process:
            while len(box.requests()) < 2:
                assert process.poll() is None
            process.send_signal(number)
            _, err = process.communicate(timeout=60)
        assert process.returncode == exit_code, err.decode()
        assert f"{word}; " in err.decode() and "run the same command again to continue where it stopped" in err.decode()
        assert b"Traceback" not in err and len(box.requests()) == 2
        states = json.loads((folder / "takes" / "summary.json").read_text())["states"]
        assert states["unsent"] == 2 and sum(states.values()) == 4


def test_a_pause_is_one_sentence_and_a_document(
    folder: Path, say: Say, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from submit.errors import Refusal
    from submit.fal.platform import Fal

    def locked(*_: object) -> None:
        raise Refusal("the platform did not accept the request: User is locked", 403, "User is locked", taken=False)

    monkeypatch.chdir(folder)
    monkeypatch.setattr(Fal, "submit", locked)
    code, out, err = say(*COMMAND[2:], "--sandbox", "--json")
    assert code == 4 and err.count("\n") == 1
    assert err.startswith(
        "prep-and-submit: paused: the platform did not accept the request: User is locked; not billed"
    )
    data = json.loads(out)["data"]
    assert data["error"]["exit_code"] == 4 and sum(data["batch"]["states"].values()) == 4
    code, out, err = say(*COMMAND[2:4], "--out", "others", "--sandbox")
    assert code == 4 and "rows         4: " in out and "not sent" in out
