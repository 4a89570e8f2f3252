"""Two processes on one job after its claim was lost, and a journal that went back in time: nothing is sent twice.

A claim is lost with its session in PostgreSQL, or with its lock file; a standby that takes over may lack what was
committed last.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep.errors import Busy
from submit.job.context import JobContext
from submit.job.remote.post import post
from submit.journal import JobRecord, Journal
from submit.journal.states import JobState
from tests.submit.cloud import Cloud
from tests.submit.journal.records import record

Generate = Callable[..., Any]


def _uploaded(journal: Journal, folder: Path) -> JobRecord:
    job, _ = journal.begin(record(folder=folder))
    return journal.move(job, "uploaded")


def test_a_request_that_another_process_sends_stays_sent(state: Path | str, cloud: Cloud, tmp_path: Path) -> None:
    journal = Journal(state)
    job = _uploaded(journal, tmp_path)
    journal.move(job, "submitting")
    with pytest.raises(Busy):
        post(job, JobContext(cloud, journal))
    assert not cloud.posts
    assert journal.get(job.id).state == "submitting"


@pytest.mark.parametrize("known", ["prepared", "uploaded", None])
def test_a_journal_that_has_lost_what_was_sent(
    both_journals: None, known: JobState | None, cloud: Cloud, generate: Generate
) -> None:
    journal = Journal()

    def fail_over() -> None:
        [job] = journal.jobs()
        journal.forget(job.id)
        if known is not None:
            steps = len(job.history) - 1 if known == "uploaded" else 1
            journal.adopt(job.model_copy(update={"state": known, "history": job.history[:steps]}))

    cloud.on_submit = fail_over
    assert generate().result is not None
    [job] = journal.jobs()
    assert job.state == "downloaded" and job.ticket is not None and job.ticket.request_id == "abc-123"
    assert job.request.image_urls[0].startswith("https://"), "the request as it was sent"
    assert generate().found
    assert len(cloud.posts) == 1
