"""Reasons to pause a batch, and what stops nobody: a platform in memory says when it takes no more."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep.errors import RemoteError, UnwritableError
from submit.batches.api import batch
from submit.errors import BatchPaused, NotSent, Refusal, SubmitUncertain, Unreachable
from submit.platform import Ticket
from tests.submit.batches.conftest import Jobs
from tests.submit.cloud import Cloud, raising


class Numbered(Cloud):
    """A platform whose requests have ids of their own."""

    def submit(self, *arguments: Any) -> Ticket:
        ticket = super().submit(*arguments)
        return self.ticket("", f"{ticket.request_id}-{len(self.posts)}")


def _run(jobs: list[dict[str, Any]], out: Path, cloud: Cloud, **options: Any) -> tuple[Any, list[Any], str]:
    """The batch, its results, and the message of what paused it."""
    made, results = batch(jobs, out=out, platform=cloud, poll_s=0.01, concurrency=1, **options), []
    try:
        for result in made:
            results.append(result)  # noqa: PERF402  those before an error count
    except (BatchPaused, UnwritableError) as error:
        return made, results, str(error)
    return made, results, ""


def _refused(status: int, *, taken: bool = False) -> Refusal:
    return Refusal(f"status {status}", status, "User is locked. Reason: Exhausted balance.", taken=taken)


PAUSES = {
    "no such key": (_refused(401), "paused: status 401; not billed"),
    "no money": (_refused(402), "paused: status 402"),
    "a locked account": (_refused(403), "paused: status 403"),
    "a quota": (_refused(429), "paused: status 429"),
    "no connection": (NotSent("the platform can't be reached, nothing was submitted"), "paused: the platform can't be"),
}


@pytest.mark.parametrize("case", PAUSES)
def test_it_pauses_and_goes_on(jobs: Jobs, tmp_path: Path, case: str) -> None:
    error, message = PAUSES[case]
    cloud = Numbered()
    cloud.on_submit = lambda: raising(error)() if len(cloud.posts) > 1 else None
    made, results, paused = _run(jobs(5), tmp_path / "out", cloud)
    assert paused.startswith(message) and paused.endswith("; run the same command again to continue")
    assert (made.summary.states["done"], len(cloud.posts)) == (1, 2), "one row found out, and nobody after it"
    assert made.summary.paused and sum(made.summary.states.values()) == 5
    cloud.on_submit = lambda: None
    made, results, paused = _run(jobs(5), tmp_path / "out", cloud)
    assert (made.summary.states, paused, len(results)) == ({"done": 5}, "", 4)
    assert len(cloud.posts) == 2 + 4


GOES_ON = {
    "a refusal": _refused(422, taken=True),
    "arguments that are not accepted": _refused(422),
    "one failure": RemoteError("the platform answered 500"),
}


@pytest.mark.parametrize("case", GOES_ON)
def test_one_row_that_fails_stops_nobody(jobs: Jobs, tmp_path: Path, case: str) -> None:
    cloud = Numbered()
    error = GOES_ON[case]
    if case == "a refusal":
        cloud.on_result = lambda: raising(error)() if cloud.posts[-1][1]["seed"] == 1 else None
    else:
        cloud.on_submit = lambda: raising(error)() if cloud.posts[-1][1]["seed"] == 1 else None
    made, results, paused = _run(jobs(4), tmp_path / "out", cloud)
    assert (made.summary.states["done"], paused, len(results)) == (3, "", 4)


def test_an_outage_pauses_whatever_it_answers(jobs: Jobs, tmp_path: Path) -> None:
    """Each row would be left uncertain, one after the other."""
    cloud = Numbered()
    cloud.on_submit = raising(SubmitUncertain("the platform answered 503"))
    made, _, paused = _run(jobs(8), tmp_path / "out", cloud)
    assert paused.startswith("paused: 3 rows were left uncertain one after the other, the last one so: job ")
    assert (made.summary.states["uncertain"], len(cloud.posts)) == (3, 3)
    cloud.on_submit = lambda: None
    made, _, paused = _run(jobs(8), tmp_path / "out", cloud)
    assert len(made.summary.ids["uncertain"]) == 3, "they are never sent again unasked"
    assert (paused, made.summary.states["done"]) == ("", 5), "and are no reason to pause once more"


def test_uploads_without_a_network(jobs: Jobs, tmp_path: Path) -> None:
    cloud = Numbered()
    cloud.on_upload = raising(Unreachable("the platform can't be reached; check your network"))
    _, _, paused = _run(jobs(3), tmp_path / "out", cloud)
    assert paused.startswith("paused: the platform can't be reached") and cloud.posts == []


def test_fail_fast(jobs: Jobs, tmp_path: Path) -> None:
    cloud = Numbered()
    cloud.on_result = raising(_refused(422, taken=True))
    made, results, paused = _run(jobs(6), tmp_path / "out", cloud, fail_fast=True)
    assert (len(results), len(cloud.posts), paused) == (1, 1, "")
    assert made.summary.states == {"refused": 1, "unsent": 5}
    assert made.summary.paused.startswith("row take")


def test_a_full_disk_pauses(
    jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media: Callable[[str], Path]
) -> None:
    from prep.media.io import files

    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    monkeypatch.setattr(files, "copy", full)
    cloud = Numbered()
    made, _, paused = _run(jobs(6), tmp_path / "out", cloud)
    assert paused.startswith("paused: ") and "No space left on device" in paused and cloud.posts == []
    assert sum(made.summary.states.values()) == 6


def test_a_row_that_has_waited_for_long_is_uploaded_again(
    jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had uploaded before may have expired by then."""
    monkeypatch.setattr("submit.job.next_step.STALE_S", -1.0)
    cloud = Numbered()
    _run(jobs(1), tmp_path / "takes", cloud)
    assert (len(cloud.uploads), len(cloud.posts)) == (1, 1), "its URL still works"
    cloud.urls_work, cloud.cdn = False, "https://cdn/again"
    _run(jobs(2), tmp_path / "takes", cloud)
    assert (len(cloud.uploads), len(cloud.posts)) == (3, 2)
    assert cloud.posts[1][1]["image_urls"][0].startswith("https://cdn/again")
