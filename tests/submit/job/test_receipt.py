"""A receipt is data: whoever wrote it, it leads to no file outside its folder and to no folder of the journal."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from prep.errors import PrepError, RefusedError, UsageError
from submit import resume, status, submit
from submit.errors import NotSent, SubmitUncertain
from submit.job.receipt import make_room, write_receipt
from submit.journal import Journal
from submit.journal.record import Moment
from tests.submit.cloud import Cloud, raising
from tests.submit.journal.records import record

Generate = Callable[..., Any]
EVIL = ["../../escaped", "/etc/passwd", "a/b", "..", "a\\b", "a\0b", ""]


def _edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads((folder / "receipt.json").read_text("utf-8"))
    change(document)
    (folder / "receipt.json").write_text(json.dumps(document), "utf-8")


CHANGES: dict[str, Callable[[dict[str, Any], str], None]] = {
    "id": lambda document, evil: document.update(id=evil or "x" * 33),
    "video": lambda document, evil: document["video"].update(path=evil),
    "file": lambda document, evil: document["manifest"]["entries"][0]["output"].update(path=evil),
}


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
@pytest.mark.parametrize("what", CHANGES)
def test_a_name_that_leads_elsewhere(cloud: Cloud, generate: Generate, tmp_path: Path, what: str, evil: str) -> None:
    generate(state=tmp_path / "state")
    _edit(tmp_path / "out", lambda document: CHANGES[what](document, evil))
    before = sorted(path for path in tmp_path.rglob("*") if "other" not in path.parts)
    with pytest.raises(UsageError, match="can't be read"):
        resume(tmp_path / "out", platform=cloud, state=tmp_path / "other")
    assert sorted(path for path in tmp_path.rglob("*") if "other" not in path.parts) == before
    assert len(cloud.posts) == 1


def test_a_receipt_as_it_was_written(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    generate(state=tmp_path / "state")
    assert Path(resume(tmp_path / "out", platform=cloud, state=tmp_path / "other").path).is_file()


def _lost(tmp_path: Path) -> dict[str, Any]:
    """The options of a run whose journal is another, empty one."""
    return {"state": tmp_path / "other", "confirm": lambda offer: False}


@pytest.mark.parametrize("wait", [True, False], ids=["downloaded", "submitted"])
def test_running_the_job_again_after_the_journal_is_lost(
    cloud: Cloud, generate: Generate, tmp_path: Path, wait: bool
) -> None:
    first = generate(wait=wait)
    second = generate(**_lost(tmp_path))
    assert second.found and (second.job, second.request_id) == (first.job, first.request_id)
    assert second.result and len(cloud.posts) == 1


def test_a_job_that_may_have_arrived_is_not_sent_again(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    cloud.on_submit = raising(SubmitUncertain("the connection broke"))
    for options in ({}, _lost(tmp_path)):
        with pytest.raises(SubmitUncertain):
            generate(**options)
    assert len(cloud.posts) == 1


def test_an_earlier_job_of_the_folder_is_known_as_well(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    first = generate()
    generate("@Image1 runs")
    (tmp_path / "out" / "receipt-mine.json").write_text("no receipt")
    assert generate(**_lost(tmp_path)).job == first.job
    assert len(cloud.posts) == 2


def test_a_prepared_folder_that_was_submitted(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    first = generate()
    second = submit(tmp_path / "out", "@Image1 waves", platform=cloud, **_lost(tmp_path))
    assert second.found and second.job == first.job and len(cloud.posts) == 1


def test_a_receipt_of_another_account_or_of_nothing_sent(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    generate()
    cloud.account = "another"
    with pytest.raises(RefusedError):
        generate(**_lost(tmp_path))
    cloud.on_submit = raising(NotSent("unreachable"))
    with pytest.raises(NotSent):
        generate()
    with pytest.raises(RefusedError):
        generate(**_lost(tmp_path))
    assert Journal(tmp_path / "other").jobs() == ()


ODD: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no history": lambda document: document.update(history=[]),
    "no id": lambda document: document.update(id=""),
    "an endless price": lambda document: document.update(cost={"min_usd": 1, "max_usd": 2, "unit_usd": 1e300}),
    "a negative price": lambda document: document.update(cost={"min_usd": -1, "max_usd": 2}),
    "no entries": lambda document: document.update(manifest={}),
    "entries of another kind": lambda document: document.update(manifest={"entries": [5]}),
    "a price of another world": lambda document: document.update(cost={"min_usd": 1, "max_usd": "1e999999"}),
    "a hint that leads elsewhere": lambda document: document.update(state="uncertain", ticket=None, hint="../../x"),
    "a hint that is no part of a URL": lambda document: document.update(state="uncertain", ticket=None, hint="\x1b"),
    "a request id that leads elsewhere": lambda document: document["ticket"].update(request_id="../../x"),
    "an endpoint that leads elsewhere": lambda document: document.update(endpoint="../../x"),
    "an endpoint without an owner": lambda document: document.update(endpoint="model"),
    "an endpoint of a namespace alone": lambda document: document.update(endpoint="workflows/x"),
    "the first year": lambda document: document["history"][0].update(at="0001-01-01T00:00:00+14:00"),
    "the last year": lambda document: document["history"][0].update(at="9999-12-31T23:59:59Z"),
    "a time without a zone": lambda document: document["history"][0].update(at="2026-11-28T00:00:00"),
    "no answer": lambda document: document.update(result=None),
    "an answer without a video": lambda document: document.update(result={"video": None}),
    "a video without a URL": lambda document: document.update(result={"video": {"url": 5}}),
    "a download without a video": lambda document: document.update(video=None),
    "an entry without a file": lambda document: document["manifest"]["entries"][0].pop("output"),
}


@pytest.mark.parametrize("what", ODD)
def test_one_that_can_not_be_entered(cloud: Cloud, generate: Generate, tmp_path: Path, what: str) -> None:
    generate(state=tmp_path / "state")
    _edit(tmp_path / "out", ODD[what])
    with pytest.raises(UsageError, match=r"receipt\.json: can't be read"):
        resume(tmp_path / "out", platform=cloud, state=tmp_path / "other")
    assert Journal(tmp_path / "other").jobs() == ()


def test_units_that_lower_what_was_spent(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    generate(state=tmp_path / "state")
    _edit(tmp_path / "out", lambda document: document.update(batch="b", billed_units="-1000000"))
    resume(tmp_path / "out", platform=cloud, state=tmp_path / "other")
    assert Journal(tmp_path / "other").spent_usd("b") >= 0


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_note_that_is_no_file(cloud: Cloud, generate: Generate, tmp_path: Path, kind: str) -> None:
    job = generate(state=tmp_path / "state").job
    _edit(tmp_path / "out", lambda document: document.update(state="uncertain", ticket=None, video=None))
    note = tmp_path / "out" / f"request-of-{job}.txt"
    os.mkfifo(note) if kind == "pipe" else note.symlink_to("/dev/zero")
    with suppress(PrepError):
        resume(tmp_path / "out", platform=cloud, state=tmp_path / "other")
    assert len(cloud.posts) == 1


def test_the_beginning_of_another_id(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    """It is the receipt of another job, not of the one whose id begins so."""
    job = generate(wait=False).job
    _edit(tmp_path / "out", lambda document: document.update(id=job[:1], request_id="another"))
    assert status(tmp_path / "out", platform=cloud).job.id != job


def test_the_latest_job_keeps_its_receipt_while_an_earlier_one_is_written(tmp_path: Path) -> None:
    """An earlier job of the folder is waited for elsewhere, and written without holding the folder."""
    moment = Moment(state="prepared", at=datetime.now(UTC))
    ids = [f"job{number:05}" for number in range(12)]
    jobs = [record(id=name, folder=tmp_path, history=(moment,)) for name in ids]
    make_room(jobs[0])
    write_receipt(jobs[0])
    with ThreadPoolExecutor(4) as pool:
        for earlier, latest in pairwise(jobs):
            late = [pool.submit(write_receipt, earlier) for _ in range(4)]
            make_room(latest)
            write_receipt(latest)
            assert all(one.result() is None for one in late)
            assert json.loads((tmp_path / "receipt.json").read_text())["id"] == latest.id
    assert {json.loads(path.read_text())["id"] for path in tmp_path.glob("receipt*.json")} == set(ids)
