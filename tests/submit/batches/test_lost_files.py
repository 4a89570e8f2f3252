"""Files of a batch that are removed, emptied or replaced while it runs: no result is lost, and nothing is a bug."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from prep.errors import Cancelled, PrepError, UnwritableError
from submit.batches.api import batch
from submit.batches.results.status import batch_status
from tests.submit.batches.conftest import Jobs, recorded
from tests.submit.batches.test_pausing import Numbered
from tests.submit.cloud import raising

RESULTS, OWN = "results.jsonl", ("summary.json", "batch.html", "batch.json")


def _run(
    jobs: list[dict[str, Any]],
    out: Path,
    cloud: Numbered,
    after: int = 0,
    action: Callable[[], object] = lambda: None,
    **options: Any,
) -> tuple[Any, PrepError | None]:
    """The batch, one job at a time, and the error that ended it; *action* happens after so many results."""
    made = batch(jobs, out=out, platform=cloud, poll_s=0.01, **{"concurrency": 1, "workers": 1, **options})
    try:
        for number, _ in enumerate(made, start=1):
            if number == after:
                action()
    except PrepError as error:
        return made, error
    return made, None


def _into_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def _other_content(path: Path) -> None:
    path.write_text("x" * 100_000 + "\n")


LOSSES: dict[str, Callable[[Path], None]] = {
    "removed": Path.unlink,
    "emptied": lambda path: os.truncate(path, 0),
    "cut off in a line": lambda path: os.truncate(path, path.stat().st_size - 40),
    "other content": _other_content,
}


@pytest.mark.parametrize("case", LOSSES)
@pytest.mark.parametrize("after", [1, 4], ids=["first row", "last row"])
def test_lost_lines_are_written_again(jobs: Jobs, tmp_path: Path, case: str, after: int) -> None:
    cloud, out = Numbered(), tmp_path / "out"
    made, error = _run(jobs(4), out, cloud, after, lambda: LOSSES[case](out / RESULTS))
    assert (made.summary.states, error, len(cloud.posts)) == ({"done": 4}, None, 4)
    text = (out / RESULTS).read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]
    assert sorted(line["id"] for line in lines) == [f"take{number}" for number in range(4)]
    assert {result.id for result in made.results()} == {line["id"] for line in lines}
    made, _ = _run(jobs(4), out, cloud)
    assert (made.offer.finished, len(cloud.posts)) == (4, 4)


def test_lost_lines_of_an_earlier_run_are_written_again(jobs: Jobs, tmp_path: Path) -> None:
    cloud, out = Numbered(), tmp_path / "out"
    _run(jobs(2), out, cloud)
    made, _ = _run(jobs(3), out, cloud, 1, (out / RESULTS).unlink)
    assert made.summary.states == {"done": 3}
    assert {line["id"] for line in recorded(out)} == {"take0", "take1", "take2"}


def test_results_that_can_not_be_recorded_pause_it(jobs: Jobs, tmp_path: Path) -> None:
    """What was sent is waited for, and the summary knows of it."""
    cloud, out = Numbered(), tmp_path / "out"
    made, error = _run(jobs(6), out, cloud, 1, lambda: _into_folder(out / RESULTS))
    assert isinstance(error, UnwritableError)
    assert str(error).startswith(f"paused: {out / RESULTS}: ")
    assert str(error).endswith("run the same command again to continue")
    sent = len(cloud.posts)
    states = made.summary.states
    assert states["done"] == sent and sum(states.values()) == 6 > sent
    assert json.loads((out / "summary.json").read_text())["states"] == states
    assert sum(result.state == "done" for result in made.results()) == sent
    with pytest.raises(PrepError, match=r"results\.jsonl"):
        batch_status(out)
    (out / RESULTS).rmdir()
    made, error = _run(jobs(6), out, cloud)
    assert (made.summary.states, error, len(cloud.posts)) == ({"done": 6}, None, 6)


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_pipe_in_the_place_of_the_results(jobs: Jobs, tmp_path: Path) -> None:
    cloud, out = Numbered(), tmp_path / "out"

    def pipe() -> None:
        (out / RESULTS).unlink()
        os.mkfifo(out / RESULTS)

    made, error = _run(jobs(6), out, cloud, 1, pipe)
    assert isinstance(error, UnwritableError) and made.summary.states["done"] == len(cloud.posts)


@pytest.mark.parametrize("after", [1, 2, 4])
def test_the_whole_folder_goes(jobs: Jobs, tmp_path: Path, after: int) -> None:
    cloud, out = Numbered(), tmp_path / "out"
    made, error = _run(jobs(4), out, cloud, after, lambda: out.rename(tmp_path / "gone"))
    assert error is None or error.exit_code in (2, 4)
    assert "a bug" not in "".join(result.error for result in made.results())
    assert sum(made.summary.states.values()) == 4
    made, error = _run(jobs(4), out, cloud)
    assert (made.summary.states, error, len(cloud.posts)) == ({"done": 4}, None, 4)


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_a_link_in_the_place_of_the_lock(jobs: Jobs, tmp_path: Path) -> None:
    cloud, out = Numbered(), tmp_path / "out"

    def link() -> None:
        (out / ".results.lock").unlink()
        (out / ".results.lock").symlink_to(tmp_path / "elsewhere")

    made, error = _run(jobs(6), out, cloud, 1, link)
    assert isinstance(error, UnwritableError) and "is not recorded; " in str(error)
    assert made.summary.states["done"] == len(cloud.posts) < 6 and not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", OWN)
def test_the_other_files_of_the_folder(jobs: Jobs, tmp_path: Path, name: str) -> None:
    """Removed, they are made again; where one is a folder, the error names it."""
    cloud, out = Numbered(), tmp_path / "out"
    made, error = _run(jobs(1), out, cloud, 1, lambda: (out / name).unlink(missing_ok=True))
    assert error is None and (out / name).is_file() and made.summary.states == {"done": 1}
    assert json.loads((out / "batch.json").read_text())["id"] == made.summary.batch
    if name != "batch.json":
        made, error = _run(jobs(2), out, cloud, 1, lambda: _into_folder(out / name))
        assert isinstance(error, UnwritableError) and str(out) in str(error)
        assert made.summary.states == {"done": 2} and len(recorded(out)) == 2


def test_a_file_system_without_hard_links(jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.link", raising(PermissionError(errno.EPERM, "Operation not permitted")))
    cloud, out = Numbered(), tmp_path / "out"
    for _ in range(2):
        made, error = _run(jobs(1), out, cloud)
        assert (made.summary.states, error, len(cloud.posts)) == ({"done": 1}, None, 1)
    assert not list(out.glob(".batch*"))


def test_an_interruption_says_more_than_a_summary_that_can_not_be_written(jobs: Jobs, tmp_path: Path) -> None:
    cloud, out, cancel = Numbered(), tmp_path / "out", Event()

    def interrupt() -> None:
        _into_folder(out / "summary.json")
        cancel.set()

    made, error = _run(jobs(6), out, cloud, 1, interrupt, cancel=cancel)
    assert isinstance(error, Cancelled) and made.summary.states["done"] >= 1


@pytest.mark.parametrize("name", ["row.json", "manifest.json", "receipt.json", "card.json"])
def test_a_folder_where_a_file_of_a_row_goes(jobs: Jobs, tmp_path: Path, name: str) -> None:
    cloud, out = Numbered(), tmp_path / "out"
    (out / "take0" / name).mkdir(parents=True)
    made, error = _run(jobs(2), out, cloud)
    assert error is None or isinstance(error, UnwritableError)
    assert "a bug" not in "".join(result.error for result in made.results())
    assert {result.exit_code for result in made.results()} <= {0, 2}
