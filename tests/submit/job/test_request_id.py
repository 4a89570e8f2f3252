"""A request id is what a paid result is found by: it is not lost, not given to two jobs, and asked for first."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from prep.errors import Cancelled, RemoteError, UsageError
from submit import resume
from submit.errors import NotSent, SubmitUncertain, UnknownRequest
from submit.journal import Journal
from submit.journal.place import JOURNAL
from tests.submit.cloud import Cloud, raising

Generate = Callable[..., Any]


def _doubtful(cloud: Cloud, generate: Generate, hint: str | None = None, **options: Any) -> str:
    """A job that may have arrived, and that the platform can't be asked for."""
    cloud.on_submit = raising(SubmitUncertain("the connection broke", hint=hint))
    cloud.on_state = raising(RemoteError("the network is down"))
    with pytest.raises(RemoteError):
        generate(**options)
    cloud.on_submit = cloud.on_state = lambda: None
    return Journal().jobs()[0].id


def test_a_journal_that_fails_after_the_post(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    journal = tmp_path / "state"

    def becomes(version: int) -> None:
        with closing(sqlite3.connect(journal / JOURNAL)) as connection:
            connection.execute(f"PRAGMA user_version = {version}")

    Journal(journal)
    with closing(sqlite3.connect(journal / JOURNAL)) as connection:
        present = connection.execute("PRAGMA user_version").fetchone()[0]
    cloud.on_submit = lambda: becomes(99)
    with pytest.raises(UsageError, match="was submitted as request abc-123"):
        generate(state=journal)
    becomes(present)
    assert Path(resume(request_id="abc-123", platform=cloud, state=journal).path).is_file()
    assert len(cloud.posts) == 1


@pytest.mark.parametrize("death", [KeyboardInterrupt(), SystemExit(1)])
def test_what_ends_before_the_post_leaves_no_doubt(
    cloud: Cloud, generate: Generate, monkeypatch: pytest.MonkeyPatch, death: BaseException
) -> None:
    """A Ctrl-C while the receipt of a job that is about to be sent is being written."""
    synced = os.fsync

    def interrupted(descriptor: int) -> None:
        synced(descriptor)
        if [job.state for job in Journal().jobs()] == ["submitting"]:
            raise death

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises((Cancelled, SystemExit)):
        generate()
    monkeypatch.setattr("os.fsync", synced)
    assert ([job.state for job in Journal().jobs()], cloud.posts) == (["uploaded"], [])
    assert generate().result is not None
    assert len(cloud.posts) == 1


def test_the_request_of_another_job_is_not_taken(cloud: Cloud, generate: Generate) -> None:
    job = _doubtful(cloud, generate)
    other = generate(again=True)
    with pytest.raises(UsageError, match=f"is the request of job {other.job}"):
        resume(job, request_id=other.request_id, platform=cloud)
    assert Journal().get(job).state == "uncertain"


def test_what_was_named_and_can_not_be_asked_for_is_not_sent_again(cloud: Cloud, generate: Generate) -> None:
    job = _doubtful(cloud, generate, hint="hinted")
    for failure in (RemoteError("the network is down"), RemoteError("status 503")):
        cloud.on_state = raising(failure)
        with pytest.raises(RemoteError, match=r"may have arrived as request hinted.*could pay twice"):
            resume(job, resubmit=True, platform=cloud)
    assert (len(cloud.posts), Journal().get(job).state) == (1, "uncertain")
    cloud.on_state = lambda: None
    resume(job, resubmit=True, platform=cloud)
    assert len(cloud.posts) == 1


def test_what_was_named_and_is_not_there_may_be_sent_again(cloud: Cloud, generate: Generate) -> None:
    job = _doubtful(cloud, generate, hint="hinted")
    cloud.on_state = raising(UnknownRequest("Request not found"))
    cloud.on_submit = lambda: setattr(cloud, "on_state", lambda: None)
    resume(job, resubmit=True, platform=cloud)
    assert len(cloud.posts) == 2


def test_a_job_that_counts_as_never_sent_is_only_looked_for(cloud: Cloud, generate: Generate) -> None:
    """As in a journal that was restored from before its request: naming that sends nothing, and asks for no money."""
    cloud.on_submit = raising(NotSent("the network is down"))
    with pytest.raises(NotSent):
        generate()
    cloud.on_submit = lambda: None
    job = Journal().jobs()[0]
    assert job.state == "uploaded"
    cloud.on_state = raising(UnknownRequest("Request not found"))
    with pytest.raises(UnknownRequest):
        resume(job.id, request_id="mistyped", platform=cloud)
    cloud.on_state = lambda: None
    assert Journal().get(job.id) == job
    assert Path(
        resume(job.id, request_id="it-arrived", platform=cloud, confirm=raising(AssertionError())).path
    ).is_file()
    found = Journal().get(job.id)
    assert found.ticket is not None and found.ticket.request_id == "it-arrived"
    assert len(cloud.posts) == 1


def test_a_job_that_is_another_request_says_so(cloud: Cloud, generate: Generate) -> None:
    job = generate(wait=False).job
    with pytest.raises(UsageError, match=f"job {job} is request abc-123, not another"):
        resume(job, request_id="another", platform=cloud)
    assert len(cloud.posts) == 1


@pytest.mark.skipif(os.name == "nt", reason="owners of POSIX")
def test_a_note_of_somebody_else_is_not_believed(
    cloud: Cloud, generate: Generate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may write to the folder for temporary files."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    job = _doubtful(cloud, generate)
    (tmp_path / f"request-of-{job}.txt").write_text("foreign")
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with pytest.raises(SubmitUncertain):
        resume(job, platform=cloud)


def test_the_latest_of_two_requests_is_asked_for_first(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    """That of the first answer is not on the platform; the answer to the second can't be recorded."""
    journal = tmp_path / "state"
    cloud.on_submit = raising(SubmitUncertain("the platform answered 502", hint="first"))
    cloud.on_state = raising(UnknownRequest("no such request"))
    with pytest.raises(SubmitUncertain):
        generate(state=journal)
    [job] = Journal(journal).jobs()
    with closing(sqlite3.connect(journal / JOURNAL)) as connection:
        present = connection.execute("PRAGMA user_version").fetchone()[0]

    def becomes(version: int) -> None:
        with closing(sqlite3.connect(journal / JOURNAL)) as connection:
            connection.execute(f"PRAGMA user_version = {version}")

    cloud.on_submit = lambda: becomes(99)
    with pytest.raises(UsageError, match="was submitted as request abc-123"):
        resume(job.id, resubmit=True, platform=cloud, state=journal)
    becomes(present)
    cloud.on_state = lambda: None
    resume(job.id, platform=cloud, state=journal)
    found = Journal(journal).get(job.id)
    assert found.ticket is not None and found.ticket.request_id == "abc-123"
    assert len(cloud.posts) == 2
