"""A sandbox job never looks real: it says so, and stays out of the journal of paid jobs."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prep.errors import RemoteError, UsageError
from submit import resume, run, status
from submit.job.messages import owed, result_unavailable, still_running, uncertain
from submit.journal import JobRecord, Journal
from submit.journal.place import default_folder
from submit.journal.stand_in import sandbox_ended
from submit.platform import SANDBOX_ACCOUNT
from submit.sandbox import Sandbox, running
from tests.submit.journal.records import record
from tests.types import Media, Say

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")  # fal_client closes no connection


@pytest.fixture
def ended(media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Say) -> Iterator[Path]:
    """The folder of a job whose sandbox has ended; FAL_KEY is that of a real account, which nobody may ask."""
    out = tmp_path / "out"
    code, text, _ = say("run", str(media("at_limit_300.png")), "--prompt", "@Image1", "--sandbox", "--out", str(out))
    assert code == 0
    assert "sandbox, $0.00 (would be $" in text
    monkeypatch.setenv("FAL_KEY", "a:real-key")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # the discard port: whoever asks fails
    yield out
    assert Journal().jobs() == (), "it entered the journal of paid jobs"


def test_its_receipt_says_so(ended: Path) -> None:
    assert json.loads((ended / "receipt.json").read_text())["sandbox"] is True


def _id(folder: Path) -> str:
    return str(json.loads((folder / "receipt.json").read_text())["id"])


def _unfinished(folder: Path) -> str:
    """Make the job one that was still running when its sandbox ended; return its id."""
    journal = Journal(default_folder() / "sandbox")
    job = journal.get(_id(folder))
    journal.forget(job.id)
    journal.adopt(job.model_copy(update={"state": "submitted", "video": None}))
    return job.id


def test_it_is_known_by_its_id(ended: Path, say: Say) -> None:
    code, text, _ = say("status", _id(ended)[:5])
    assert code == 0
    assert f"job          {_id(ended)} (sandbox): downloaded" in text
    assert "sandbox, $0.00 (would be $" in text
    code, text, err = say("result", _id(ended))
    assert (code, Path(text.strip()).parent) == (0, ended)
    assert "sandbox, $0.00" in err


def test_jobs_lists_it_apart(ended: Path, say: Say) -> None:
    code, text, _ = say("jobs")
    assert code == 0
    paid, _, sandbox = text.partition("In the sandbox:\n")
    assert "no jobs" in paid
    assert re.search(rf"{_id(ended)}  downloaded .* sandbox, \$0\.00  .*@Image1", sandbox)
    code, text, _ = say("jobs", "--json")
    data = json.loads(text)["data"]
    assert data["jobs"] == []
    assert [job["id"] for job in data["sandbox"]] == [_id(ended)]


def test_the_latest_is_a_sandbox_job_where_there_is_no_other(ended: Path, say: Say) -> None:
    code, text, _ = say("status")
    assert code == 0
    assert _id(ended) in text


@pytest.mark.parametrize("command", ["result", "resume", "cancel"])
def test_it_can_not_be_continued_by_its_id(ended: Path, say: Say, command: str) -> None:
    job = _unfinished(ended)
    code, _, err = say(command, job)
    assert code == 2
    assert f"job {job} ran in a sandbox that has ended" in err
    assert "nothing was billed" in err


@pytest.mark.parametrize(
    "message",
    [
        lambda job: uncertain(job, "the connection broke"),
        lambda job: result_unavailable(job, RemoteError("status 503")),
        owed,
        still_running,
    ],
    ids=["uncertain", "unavailable", "owed", "running"],
)
def test_no_message_about_it_speaks_of_a_bill_or_a_dashboard(message: Callable[[JobRecord], object]) -> None:
    job = record(id="k7f3m2qp", account=SANDBOX_ACCOUNT, state="submitted")
    text = str(message(job))
    assert "while its sandbox runs" in text
    assert not any(word in text for word in ("may be billed", "dashboard", "--again", "resubmit"))


def test_a_doubt_ends_with_its_sandbox(media: Media, say: Say) -> None:
    """Nothing is billed, no dashboard shows it, and `resume` finds no sandbox to ask."""
    rehearsed = ("--prompt", "@Image1", "--sandbox", "--faults", "drop-after-accept")
    code, _, err = say("run", str(media("at_limit_300.png")), *rehearsed)
    assert code == 4
    assert "it is not known whether the request arrived" in err
    assert "the sandbox and its job ended with this command, and nothing was billed" in err
    assert not any(word in err for word in ("dashboard", "--resubmit", "may be billed"))


def test_a_job_that_is_not_waited_for_took_no_time(media: Media, say: Say) -> None:
    _, text, _ = say("run", str(media("at_limit_300.png")), "--prompt", "@Image1", "--sandbox", "--no-wait")
    assert re.search(r"^took +prepare [\d.]+ s, upload [\d.]+ s$", text, re.MULTILINE)


@pytest.mark.parametrize("command", ["result", "resume"])
def test_its_video_cost_nothing(ended: Path, say: Say, command: str) -> None:
    code, out, err = say(command, _id(ended))
    assert (code, err) == (0, "sandbox, $0.00: a stand-in made this video\n")
    assert Path(out.strip()).is_file()


def test_nobody_is_asked_about_it(ended: Path, say: Say) -> None:
    code, text, _ = say("status", _unfinished(ended))
    assert code == 0
    assert "(sandbox): submitted; its sandbox has ended" in text


def test_the_list_says_that_it_waits_for_nothing(ended: Path, say: Say) -> None:
    assert "its sandbox has ended" not in say("jobs")[1], "it has its video"
    job = _unfinished(ended)
    assert re.search(rf"{job}  submitted .*  its sandbox has ended  .*@Image1", say("jobs")[1])


@pytest.mark.parametrize("command", ["result", "resume", "status"])
def test_it_is_never_the_latest(ended: Path, say: Say, command: str) -> None:
    job = _unfinished(ended)
    code, _, err = say(command)
    assert (code, job in err, "ended; 'prep-and-submit jobs' lists them" in err) == (2, False, True)


def test_it_can_be_forgotten(ended: Path, say: Say) -> None:
    assert say("forget", _id(ended))[0] == 0
    assert Journal(default_folder() / "sandbox").jobs() == ()


def test_the_same_job_runs_again_in_the_next_sandbox(ended: Path, media: Media, tmp_path: Path, say: Say) -> None:
    code, text, _ = say(
        *("run", str(media("at_limit_300.png")), "--prompt", "@Image1", "--sandbox", "--out", str(tmp_path / "other"))
    )
    assert code == 0
    assert _id(ended) not in text
    assert len(Journal(default_folder() / "sandbox").jobs()) == 2


def test_a_named_journal_stays_without_sandbox_jobs(media: Media, tmp_path: Path, say: Say) -> None:
    state = tmp_path / "state"
    run_it = ("run", str(media("at_limit_300.png")), "--prompt", "@Image1", "--sandbox", "--out", str(tmp_path / "out"))
    assert say(*run_it, "--state", str(state))[0] == 0
    assert Journal(state).jobs() == ()
    code, text, _ = say("status", _id(tmp_path / "out"), "--state", str(state))
    assert (code, "(sandbox)" in text) == (0, True)


def test_its_status_is_read_from_the_folder(ended: Path, say: Say) -> None:
    code, text, _ = say("status", str(ended))
    assert code == 0
    assert "sandbox, $0.00 (would be $" in text


def test_its_video_is_where_it_was(ended: Path, say: Say) -> None:
    code, text, _ = say("result", str(ended))
    assert (code, Path(text.strip()).parent) == (0, ended)


@pytest.mark.parametrize("command", ["result", "resume", "cancel"])
def test_it_can_not_be_continued(ended: Path, say: Say, command: str) -> None:
    """The receipt alone tells of it, as on another machine."""
    receipt = json.loads((ended / "receipt.json").read_text())
    Journal(default_folder() / "sandbox").forget(receipt["id"])
    (ended / receipt["video"]["path"]).unlink()
    (ended / "receipt.json").write_text(json.dumps(receipt | {"state": "submitted"}))
    code, _, err = say(command, str(ended))
    assert code == 2
    assert f"job {receipt['id']} ran in a sandbox that has ended" in err


def test_a_running_sandbox_has_a_journal_of_its_own(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path / "sandbox", queue_s=0.02) as box:
        for name, value in box.env.items():
            monkeypatch.setenv(name, value)
        outcome = run([media("at_limit_300.png")], "@Image1", out=tmp_path / "out")
        assert outcome.sandbox
        assert Journal().jobs() == ()
        (job,) = Journal(default_folder() / "sandbox").jobs()
        assert job.id == outcome.job
        assert status(job.id).job == job
        assert resume(job.id).path
        again = run([media("at_limit_300.png")], "@Image1", out=tmp_path / "out")
        assert again.found
        assert len(box.ledger) == 1


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sandbox], None]:
    """`enter(box)` sets the exports of *box*."""

    def set_exports(box: Sandbox) -> None:
        for name, value in box.env.items():
            monkeypatch.setenv(name, value)

    return set_exports


def test_a_job_waits_for_its_own_sandbox_alone(
    media: Media, tmp_path: Path, say: Say, enter: Callable[[Sandbox], None]
) -> None:
    """Both sandboxes have the same folder, and the second one may get the port of the first."""
    photo = media("at_limit_300.png")
    with running(tmp_path / "sandbox", queue_s=0.02) as box:
        enter(box)
        lost = run([photo], "@Image1 waves", out=tmp_path / "lost", wait=False).job
        assert not sandbox_ended(status(lost).job)
    with running(tmp_path / "sandbox", queue_s=0.02) as box:
        enter(box)
        assert sandbox_ended(status(lost).job)
        assert resume(all=True) == ()
        with pytest.raises(UsageError, match="ran in a sandbox that has ended"):
            resume(lost)
        code, _, err = say("result")
        assert (code, lost in err) == (2, False)
        waiting = run([photo], "@Image1 walks", out=tmp_path / "out", wait=False).job
        listed = say("jobs")[1]
        assert re.search(rf"{lost} .* its sandbox has ended ", listed)
        assert not re.search(rf"{waiting} .* its sandbox has ended ", listed)
        code, text, _ = say("resume", "--all", "--poll", "0.02")
        assert (code, text.startswith(f"job {waiting}: "), lost in text) == (0, True, False)


def test_all_are_those_of_the_running_sandbox_as_well(
    media: Media, tmp_path: Path, say: Say, enter: Callable[[Sandbox], None]
) -> None:
    with running(tmp_path / "sandbox", queue_s=0.02) as box:
        enter(box)
        job = run([media("at_limit_300.png")], "@Image1", out=tmp_path / "out", wait=False).job
        (resumed,) = resume(all=True, poll_s=0.02)
        assert (resumed.job, resumed.error) == (job, None)
        assert say("resume", "--all")[2] == "no job is waiting for its video\n"


def test_an_unknown_folder_is_no_sandbox_job(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        resume(tmp_path)
