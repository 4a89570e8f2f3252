"""Secrets of a job: webhook URLs stay in the journal, and nobody else may read the journal and the receipts."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prep.errors import UsageError
from submit import resume
from submit.errors import NotSent, SubmitUncertain
from submit.journal import Journal
from tests.submit.cloud import Cloud, raising
from tests.types import Say

Generate = Callable[..., Any]
HOOK = "https://user:pa55@me.example:8443/hook/T0KEN?token=qu3ry"
SECRETS = ("pa55", "T0KEN", "qu3ry")


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_webhook_is_in_neither_receipts_nor_json(
    cloud: Cloud, generate: Generate, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)
    job = generate(webhook=HOOK, wait=False, state=tmp_path / "state").job
    assert cloud.webhooks == [f"{HOOK}&prep_and_submit_job={job}"]
    receipt = (tmp_path / "out" / "receipt.json").read_text()
    said = [say(*words, "--json", "--state", str(tmp_path / "state"))[1] for words in (("status", job), ("jobs",))]
    for text in (receipt, *said):
        assert not [secret for secret in SECRETS if secret in text]
        assert "https://me.example:8443/…" in json.dumps(json.loads(text), ensure_ascii=False)


@pytest.mark.parametrize(
    "url", ["htps://me:secret@host/x", "https://[me:secret", "https:///x?token=secret", "secret x"]
)
def test_a_malformed_webhook_is_not_repeated(generate: Generate, url: str) -> None:
    with pytest.raises(UsageError, match="webhook: not a URL") as refused:
        generate(webhook=url)
    assert "secret" not in str(refused.value)


def test_what_was_not_sent_keeps_its_webhook(cloud: Cloud, generate: Generate) -> None:
    cloud.on_submit = raising(NotSent("unreachable"))
    with pytest.raises(NotSent):
        generate(webhook=HOOK)
    cloud.on_submit = lambda: None
    resume(platform=cloud)
    assert cloud.webhooks[0] == cloud.webhooks[1] and cloud.webhooks[1] is not None


def test_a_receipt_alone_does_not_know_the_webhook(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    """Nothing is sent with a URL of which only the beginning is known."""
    cloud.on_submit = raising(SubmitUncertain("the connection broke"))
    with pytest.raises(SubmitUncertain):
        generate(webhook=HOOK, state=tmp_path / "a")
    with pytest.raises(UsageError, match="its receipt leaves the webhook's URL out"):
        resume(tmp_path / "out", resubmit=True, platform=cloud, state=tmp_path / "b")
    assert len(cloud.posts) == 1


@pytest.mark.usefixtures("open_umask")
def test_nobody_else_may_read_journal_and_receipt(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)
    generate(state=tmp_path / "state")
    generate("@Image1 runs", state=tmp_path / "state")
    receipts = [*(tmp_path / "out").glob("receipt*.json")]
    journals = [*(tmp_path / "state").glob("journal*")]
    assert len(receipts) == 2 and journals
    assert {_mode(path) for path in (*receipts, *journals)} == {0o600}


def test_a_journal_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    Journal(tmp_path)
    path = tmp_path / "journal.sqlite3"
    path.chmod(0o644)
    Journal(tmp_path)
    assert _mode(path) == 0o600


def test_a_receipt_does_not_follow_a_link(generate: Generate, tmp_path: Path) -> None:
    """Whoever may write into the folder must not choose which file is written."""
    (tmp_path / "out").mkdir()
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for name in ("receipt.json.part", "receipt.json"):
        (tmp_path / "out" / name).symlink_to(victim)
    (tmp_path / "out" / "receipt.json").unlink()
    generate()
    assert victim.read_text() == "precious"
    assert json.loads((tmp_path / "out" / "receipt.json").read_text())["state"] == "downloaded"
    assert not (tmp_path / "out" / "receipt.json").is_symlink()
