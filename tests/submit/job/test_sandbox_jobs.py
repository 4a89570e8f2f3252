"""A sandbox job never looks real: it says so, and stays out of the journal of paid jobs."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from prep.errors import UsageError
from submit import resume, run
from submit.journal import Journal
from submit.journal.store import default_folder
from submit.sandbox import running
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


def test_its_status_is_read_from_the_folder(ended: Path, say: Say) -> None:
    code, text, _ = say("status", str(ended))
    assert code == 0
    assert "sandbox, $0.00 (would be $" in text


def test_its_video_is_where_it_was(ended: Path, say: Say) -> None:
    code, text, _ = say("result", str(ended))
    assert (code, Path(text.strip()).parent) == (0, ended)


@pytest.mark.parametrize("command", ["result", "resume", "cancel"])
def test_it_can_not_be_continued(ended: Path, say: Say, command: str) -> None:
    receipt = json.loads((ended / "receipt.json").read_text())
    (ended / receipt["video"]["path"]).unlink()
    (ended / "receipt.json").write_text(json.dumps(receipt | {"state": "submitted"}))
    code, _, err = say(command, str(ended))
    assert code == 2
    assert f"job {receipt['id']} ran in a sandbox that has ended; nothing was billed" in err


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
        again = run([media("at_limit_300.png")], "@Image1", out=tmp_path / "out")
        assert again.found
        assert len(box.ledger) == 1


def test_an_unknown_folder_is_no_sandbox_job(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        resume(tmp_path)
