"""A disk that fills between the paid POST and its answer: the request id is not lost, and the words are true."""

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from prep.errors import Cancelled, UsageError
from submit import resume
from submit.errors import SubmitUncertain
from submit.journal import Journal
from submit.journal.place import JOURNAL
from tests.submit.cloud import Cloud

Generate = Callable[..., Any]
Limit = Callable[[int], None]
ROOM_FOR_A_NOTE = 1024  # and for no page of the journal


@pytest.fixture
def limit() -> Iterator[Limit]:
    """`limit(4096)` lets no file grow beyond that; the system refuses to write as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def set_limit(size_bytes: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft if size_bytes < 0 else size_bytes, hard))

    yield set_limit
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_no_file_can_be_written(cloud: Cloud, generate: Generate, limit: Limit, tmp_path: Path) -> None:
    events: list[Any] = []
    cloud.on_submit = lambda: limit(0)
    with pytest.raises(UsageError) as caught:
        generate(state=tmp_path / "state", progress=events.append)
    limit(-1)
    message = str(caught.value)
    assert "was submitted as request abc-123" in message and "may be billed" in message
    assert "--request-id abc-123" in message
    assert "nothing was submitted" not in message and "nothing is submitted" not in message
    told = [event.message for event in events if event.stage == "job"][1:]
    assert len(told) == 3 and all("request abc-123" in line for line in told), "before any further attempt"
    assert Path(resume(request_id="abc-123", platform=cloud, state=tmp_path / "state").path).is_file()
    assert len(cloud.posts) == 1


def test_a_disk_that_has_room_again(cloud: Cloud, generate: Generate, limit: Limit, tmp_path: Path) -> None:
    def free(event: Any) -> None:
        if event.stage == "job" and "can't be recorded" in event.message:
            limit(-1)

    cloud.on_submit = lambda: limit(0)
    assert generate(state=tmp_path / "state", progress=free).result is not None
    [job] = Journal(tmp_path / "state").jobs()
    assert job.ticket is not None and job.ticket.request_id == "abc-123"
    assert not list(tmp_path.rglob("request-of-*"))


def test_there_is_room_for_a_note(cloud: Cloud, generate: Generate, limit: Limit, tmp_path: Path) -> None:
    cloud.on_submit = lambda: limit(ROOM_FOR_A_NOTE)
    with pytest.raises(UsageError, match=r"request-of-\w+\.txt has its request id") as caught:
        generate(state=tmp_path / "state")
    limit(-1)
    assert "--request-id" not in str(caught.value)
    [note] = tmp_path.rglob("request-of-*")
    assert (note.read_text(), note.stat().st_mode & 0o777) == ("abc-123", 0o600)
    assert Path(resume(platform=cloud, state=tmp_path / "state").path).is_file()
    assert len(cloud.posts) == 1
    assert not list(tmp_path.rglob("request-of-*"))


def test_a_doubtful_answer_that_named_a_request(cloud: Cloud, generate: Generate, limit: Limit, tmp_path: Path) -> None:
    def doubt() -> None:
        limit(ROOM_FOR_A_NOTE)
        raise SubmitUncertain("the platform answered 502", hint="hinted")

    cloud.on_submit = doubt
    with pytest.raises((SubmitUncertain, UsageError)):
        generate(state=tmp_path / "state")
    limit(-1)
    cloud.on_submit = lambda: None
    resume(platform=cloud, state=tmp_path / "state")
    [job] = Journal(tmp_path / "state").jobs()
    assert job.ticket is not None and job.ticket.request_id == "hinted"
    assert len(cloud.posts) == 1


def test_a_disk_that_fills_while_the_job_runs(cloud: Cloud, generate: Generate, limit: Limit, tmp_path: Path) -> None:
    def fill(event: Any) -> None:
        if event.stage == "queue" and event.message.startswith("submitted as"):
            limit(0)

    with pytest.raises(UsageError, match=r"job \w+ was submitted and may be billed; 'prep-and-submit result \w+'"):
        generate(state=tmp_path / "state", progress=fill)
    limit(-1)
    assert Path(resume(platform=cloud, state=tmp_path / "state").path).is_file()
    assert len(cloud.posts) == 1


def test_the_folder_of_claims_is_gone(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    def remove(event: Any) -> None:
        if event.stage == "prepare" and (tmp_path / "state" / "claims").is_dir():
            (tmp_path / "state" / "claims").rmdir()

    cloud.on_submit = lambda: pytest.fail("nothing may be sent without a claim")
    Journal(tmp_path / "state")
    with pytest.raises(UsageError, match="claims: can't be written to: No such file or directory; name another folder"):
        generate(state=tmp_path / "state", progress=remove)
    assert cloud.posts == []


def test_whoever_stops_waiting_for_room_is_told_the_id(
    cloud: Cloud, generate: Generate, limit: Limit, tmp_path: Path
) -> None:
    def stop(event: Any) -> None:
        if event.stage == "job" and "can't be recorded" in event.message:
            raise KeyboardInterrupt

    cloud.on_submit = lambda: limit(0)
    with pytest.raises(Cancelled, match=r"request abc-123.*may be billed"):
        generate(state=tmp_path / "state", progress=stop)


def test_a_note_of_somebody_else_is_only_a_hint(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    """Whatever a note says, the platform has to know the request."""
    cloud.on_submit = lambda: (_ for _ in ()).throw(SubmitUncertain("the connection broke"))
    with pytest.raises(SubmitUncertain):
        generate(state=tmp_path / "state")
    [job] = Journal(tmp_path / "state").jobs()
    for text in ("../../etc/passwd", "a b", "x" * 999, "\xff"):
        (job.folder / f"request-of-{job.id}.txt").write_text(text, "latin-1")
        with pytest.raises(SubmitUncertain):
            resume(platform=cloud, state=tmp_path / "state")


def test_the_journal_of_a_failed_write_is_whole(cloud: Cloud, generate: Generate, limit: Limit, tmp_path: Path) -> None:
    cloud.on_submit = lambda: limit(0)
    with pytest.raises(UsageError):
        generate(state=tmp_path / "state")
    limit(-1)
    with closing(sqlite3.connect(tmp_path / "state" / JOURNAL)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert [state for (state,) in connection.execute("SELECT state FROM jobs")] == ["submitting"]
