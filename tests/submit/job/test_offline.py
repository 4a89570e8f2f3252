"""Without a network every command says so in one sentence, and a job is looked for before the key."""

import socket

import pytest

from submit.journal import Journal
from tests.types import Media, Say

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")  # fal_client closes no connection


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy that leads out is not there: its port was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    monkeypatch.setenv("FAL_KEY", "a:key")


@pytest.mark.usefixtures("offline")
def test_run_says_so_and_submits_nothing(media: Media, tmp_path: str, say: Say) -> None:
    picture = str(media("at_limit_300.png"))
    code, _, err = say("run", picture, "--prompt", "@Image1", "--out", f"{tmp_path}/out", "--max-cost", "9")
    assert code == 4
    (job,) = Journal().jobs()
    assert job.state == "prepared"
    *_, problem, step = err.splitlines()
    assert "the platform can't be reached" in problem
    assert "Nothing was submitted or billed. Run the same command again" in step
    assert f"'prep-and-submit resume {job.id}'" in step
    code, out, _ = say("status")
    assert (code, out.count("the platform can't be reached")) == (0, 1)
    assert f"next         nothing was submitted or billed; 'prep-and-submit resume {job.id}'" in out


@pytest.mark.parametrize("command", ["cancel", "result", "resume", "status"])
def test_a_job_is_looked_for_before_the_key(monkeypatch: pytest.MonkeyPatch, say: Say, command: str) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)
    code, _, err = say(command, "nosuch")
    assert (code, err) == (2, "prep-and-submit: nosuch: no such job; 'prep-and-submit jobs' lists them\n")


@pytest.mark.usefixtures("offline")
def test_only_a_job_that_was_sent_needs_a_key_to_cancel(
    media: Media, monkeypatch: pytest.MonkeyPatch, tmp_path: str, say: Say
) -> None:
    picture = str(media("at_limit_300.png"))
    assert say("run", picture, "--prompt", "@Image1", "--out", f"{tmp_path}/out", "--max-cost", "9")[0] == 4
    (job,) = Journal().jobs()
    monkeypatch.delenv("FAL_KEY")
    code, _, err = say("resume", job.id, "--yes")
    assert (code, err.splitlines()[-1].partition("(")[0]) == (
        5,
        "prep-and-submit: FAL_KEY is not set; set it to a key of your account ",
    )
    assert "--" not in err, "this command has neither --sandbox nor --dry-run"
    assert say("cancel", job.id) == (0, f"job {job.id}: cancelled\n", "")
    assert Journal().get(job.id).state == "cancelled"
