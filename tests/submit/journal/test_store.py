"""The journal, in SQLite and in PostgreSQL."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from prep.errors import Busy, UsageError
from submit.errors import TakenRequest
from submit.journal import JobState, Journal, Moment
from submit.journal.states import NEXT, OVER, OWED, STATES, UNSENT
from submit.journal.store import ALPHABET
from submit.platform import Ticket
from tests.submit.journal.records import record

TICKET = Ticket(request_id="abc", response_url="r", status_url="s", cancel_url="c")


@pytest.fixture
def journal(state: Path | str) -> Journal:
    return Journal(state)


def test_what_is_written_is_read_by_the_next(journal: Journal) -> None:
    job, new = journal.begin(record())
    assert new and len(job.id) == 8 and set(job.id) <= set(ALPHABET)
    moved = journal.move(journal.move(job, "uploaded"), "submitting", "why")
    again = Journal(journal.state).get(job.id)
    assert again == moved
    assert [(moment.state, moment.note) for moment in again.history] == [
        ("prepared", ""),
        ("uploaded", ""),
        ("submitting", "why"),
    ]


def test_the_same_job_is_found_and_not_entered_twice(journal: Journal) -> None:
    job, _ = journal.begin(record())
    assert journal.begin(record(folder=Path("/elsewhere"))) == (job, False)
    assert journal.begin(record(key="another"))[1]
    assert journal.begin(record(account="another"))[1]
    later, new = journal.begin(record(), again=True)
    assert new and later.id != job.id
    assert journal.begin(record()) == (later, False), "the latest one counts"


def test_the_latest_is_the_one_entered_last(journal: Journal) -> None:
    """Whatever the clock said: it may have been put back."""
    tomorrow = Moment(state="prepared", at=datetime.now(UTC) + timedelta(days=1))
    early = journal.adopt(record(id="22222222", history=(tomorrow,)))
    late, _ = journal.begin(record(key="another"))
    assert journal.jobs() == journal.jobs(("prepared",)) == (late, early)


@pytest.mark.parametrize("state", OVER)
@pytest.mark.parametrize("accepted", [True, False])
def test_a_job_that_is_over_is_found_when_it_was_accepted(journal: Journal, state: JobState, accepted: bool) -> None:
    ticket = TICKET if accepted else None
    over = journal.adopt(record(id="22222222", state=state, history=record_history(state), ticket=ticket))
    job, new = journal.begin(record())
    assert (new, job == over) == (not accepted, accepted)
    assert journal.begin(record(), again=True)[1]


@pytest.mark.parametrize("state", OVER)
@pytest.mark.parametrize("to", ["submitting", "submitted", "downloaded"])
def test_a_job_that_goes_on_is_found_whatever_a_clock_said(journal: Journal, state: JobState, to: JobState) -> None:
    """The clock was ahead when the job that is over was entered: it would be paid for once more."""
    journal.adopt(record(id="22222222", state=state, history=record_history(state, "2999-01-01"), ticket=TICKET))
    job, _ = journal.begin(record(), again=True)
    steps: tuple[JobState, ...] = ("uploaded", "submitting", "submitted", "completed", "downloaded")
    for step in steps:
        job = journal.move(job, step, ticket=TICKET if step == "submitted" else job.ticket)
        if step == to:
            break
    assert journal.begin(record()) == (job, False)
    assert journal.sent_job("account", key="key") == job


def test_a_job_that_is_done_is_found_before_one_that_was_refused_later(journal: Journal) -> None:
    done = journal.adopt(record(id="22222222", state="downloaded", history=record_history("downloaded"), ticket=TICKET))
    journal.adopt(record(id="33333333", state="failed", history=record_history("failed", "2026-11-23"), ticket=TICKET))
    assert journal.begin(record()) == (done, False)
    assert journal.sent_job("account", key="key") == done


@pytest.mark.parametrize("sent", ["submitting", "uncertain", "submitted", "completed", "downloaded", *OVER])
@pytest.mark.parametrize("later", UNSENT)
def test_a_job_that_was_sent_is_found_before_a_later_one_that_was_not(
    journal: Journal, sent: JobState, later: JobState
) -> None:
    first = journal.adopt(record(id="22222222", state=sent, history=record_history(sent), ticket=TICKET))
    unsent, _ = journal.begin(record(), again=True)
    journal.move(unsent, later)
    assert journal.begin(record()) == (first, False)
    assert journal.sent_job("account", key="key") == first


def record_history(state: JobState, day: str = "2026-11-22") -> tuple[object, ...]:
    return ({"state": state, "at": f"{day}T12:00:00Z"},)


def test_of_many_that_begin_the_same_at_once_one_enters_it(state: Path | str) -> None:
    """Each with a connection of its own, as processes have."""
    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(lambda _: Journal(state).begin(record()), range(24)))
    assert sum(new for _, new in begun) == 1
    assert len({job.id for job, _ in begun}) == 1


@pytest.mark.parametrize("start", STATES)
@pytest.mark.parametrize("to", STATES)
def test_only_what_the_table_says_may_follow(journal: Journal, start: JobState, to: JobState) -> None:
    job = journal.adopt(record(id="22222222", state=start, history=record_history(start)))
    if to in NEXT[start]:
        assert journal.move(job, to).state == journal.get(job.id).state == to
    else:
        with pytest.raises(ValueError, match=f"{start} can't become {to}"):
            journal.move(job, to)
        assert journal.get(job.id).state == start


def test_the_way_to_pay_is_narrow() -> None:
    """A request leaves only after "submitting" is on disk, and nothing that may have arrived goes back to unsent."""
    assert [state for state in STATES if "submitting" in NEXT[state]] == ["uploaded", "uncertain"]
    assert [state for state in (*OWED, *OVER) if set(NEXT[state]) & set(UNSENT)] == ["submitting"]
    assert {*UNSENT, *OWED, *OVER, "downloaded"} == set(STATES)


def test_who_has_an_old_picture_changes_nothing(journal: Journal) -> None:
    """Two processes that both read "uploaded" must not both write "submitting"."""
    job = journal.move(journal.begin(record())[0], "uploaded")
    journal.move(job, "submitting")
    with pytest.raises(Busy):
        journal.move(job, "submitting")
    with pytest.raises(Busy):
        journal.move(job, "uploaded")
    assert len(journal.get(job.id).history) == 3


def test_a_beginning_of_the_id_is_enough(journal: Journal) -> None:
    for job_id in ("abcd2222", "abce3333", "xyzw4444"):
        journal.adopt(record(id=job_id, history=record_history("prepared")))
    assert journal.get("x").id == journal.get("XYZW4444").id == "xyzw4444"
    assert journal.get("abcd").id == "abcd2222"
    journal.adopt(record(id="abcd2222x", history=record_history("prepared")))
    assert journal.get("abcd2222").id == "abcd2222", "whatever begins with a whole id"
    for wrong in ("abc", "", "q", "xyzw44445", "%", "_bcd2222"):
        with pytest.raises(UsageError):
            journal.get(wrong)


@pytest.mark.parametrize("name", ["a\0b", "\udcff", "é", "%", "?"])
def test_an_id_that_can_not_be_one(journal: Journal, name: str) -> None:
    with pytest.raises(UsageError, match="no such job"):
        journal.get(name)


def test_listing_and_forgetting(journal: Journal) -> None:
    first = journal.begin(record(key="1"))[0]
    second = journal.move(journal.begin(record(key="2"))[0], "uploaded")
    assert [job.id for job in journal.jobs()] == [second.id, first.id]
    assert [job.id for job in journal.jobs(("prepared", "failed"))] == [first.id]
    journal.forget(first.id)
    assert [job.id for job in journal.jobs()] == [second.id]


def test_the_job_of_a_request(journal: Journal) -> None:
    job = journal.begin(record())[0]
    assert journal.job_of_request("abc") is None
    for state in ("uploaded", "submitting"):
        job = journal.move(job, state)
    journal.move(job, "submitted", ticket=TICKET)
    assert journal.job_of_request("abc") == job.id


def test_a_request_that_must_be_untaken_is_that_of_one_job(journal: Journal) -> None:
    first, second = (
        journal.adopt(record(id=name, state="uncertain", history=record_history("uncertain")))
        for name in ("22222222", "33333333")
    )
    journal.move(first, "submitted", ticket=TICKET, untaken=True)
    with pytest.raises(TakenRequest, match="abc is the request of job 22222222"):
        journal.move(second, "submitted", ticket=TICKET, untaken=True)
    assert journal.get(second.id) == second
    assert journal.move(second, "submitted", ticket=TICKET).ticket, "what the platform has answered is a fact"


def test_one_claim_at_a_time(journal: Journal) -> None:
    with journal.claim("abcd2222"), journal.claim("abcd3333"), pytest.raises(Busy), journal.claim("abcd2222"):
        pass
    with journal.claim("abcd2222"):
        pass


HOLDER = """
import sys, time
from submit.journal import Journal
with Journal(sys.argv[1]).claim("abcd2222"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_claim_ends_with_its_process_and_not_before(journal: Journal) -> None:
    command = [sys.executable, "-c", HOLDER, str(journal.state)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(Busy), journal.claim("abcd2222"):
            pass
        holder.kill()
        holder.wait()
        with journal.claim("abcd2222"):
            pass
