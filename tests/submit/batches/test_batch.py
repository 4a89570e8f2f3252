"""Batches through the sandbox: what its ledger says was paid, and what a second run does."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from prep.errors import Cancelled, RefusedError, UsageError
from submit import AsyncBatch, abatch
from submit.batches.api import batch
from submit.batches.results.folder import NOTE, open_folder
from submit.batches.results.status import batch_status
from submit.batches.survey import BatchOffer
from submit.errors import BadRows
from submit.journal import Journal
from submit.platform import SANDBOX_ACCOUNT
from submit.sandbox import Sandbox
from tests.submit.batches.conftest import SMALL, Jobs, billed, recorded

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
Start = Callable[..., Sandbox]
ONE = Decimal("0.5432")  # the price of a small job


def _run(jobs: list[dict[str, Any]], out: Path, **options: Any) -> Any:
    made = batch(jobs, out=out, **{"poll_s": 0.02, **options})
    return made, list(made)


def test_each_row_has_its_video_and_is_billed_once(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    box, out = start(), tmp_path / "out"
    _, results = _run(jobs(4), out, max_cost=3)
    assert {result.id: result.state for result in results} == dict.fromkeys([f"take{n}" for n in range(4)], "done")
    ledger, lines = billed(box), recorded(out)
    assert {line["request_id"]: Decimal(str(line["billed"]["usd"])) for line in lines} == ledger
    assert [(out / line["paths"]["video"]).is_file() for line in lines] == [True] * 4
    assert json.loads((out / "summary.json").read_text()) | {"seconds": 0} == {
        "batch": json.loads((out / "batch.json").read_text())["id"],
        "folder": str(out),
        "rows": 4,
        "states": {"done": 4},
        "ids": {},
        "left_out": [],
        "sandbox": True,
        "quoted": {"min_usd": 2.1728, "max_usd": 2.1728, "unit_usd": None, "reasons": []},
        "billed_usd": float(sum(ledger.values())),
        "spent_usd": float(sum(ledger.values())),
        "budget_usd": 3.0,
        "paused": "",
        "seconds": 0,
    }
    assert len(box.objects()) == 2 + 4, "each picture was uploaded once"
    before = box.accesses()
    again, results = _run(jobs(4), out, max_cost=3)
    assert (results, again.summary.states, again.offer.finished) == ([], {"done": 4}, 4)
    assert box.accesses() == before, "nothing is asked about what is done"


def test_the_budget_is_kept_and_more_money_goes_on(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    box, out = start(), tmp_path / "out"
    made, results = _run(jobs(5), out, max_cost=2 * ONE, concurrency=4)
    assert [result.state for result in results] == ["done", "done"]
    assert (made.summary.states, len(billed(box))) == ({"done": 2, "over-budget": 3}, 2)
    made, results = _run(jobs(5), out, max_cost=2 * ONE)
    assert (results, len(billed(box))) == ([], 2), "a second run has no second budget"
    made, results = _run(jobs(5), out, max_cost=5 * ONE)
    assert (made.summary.states, sum(billed(box).values())) == ({"done": 5}, 5 * ONE)


def test_equal_rows_pay_once(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    box, out = start(), tmp_path / "out"
    twins = [jobs(1)[0], {**jobs(1)[0], "id": "twin"}]
    for rows in (twins, [*twins, {**jobs(1)[0], "id": "third"}]):
        made, _ = _run(rows, out, max_cost=ONE)
        assert made.summary.states == {"done": len(rows)}
    assert list(billed(box).values()) == [ONE]


def test_what_another_host_has_sent_needs_no_budget(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    """It has a folder of its own, with the same batch.json."""
    box, here, there = start(), tmp_path / "out", tmp_path / "there"
    _run(jobs(3), here, max_cost=3 * ONE)
    there.mkdir()
    shutil.copy(here / NOTE, there)
    made, _ = _run(jobs(3), there, max_cost=3 * ONE)
    assert (made.summary.states, len(billed(box))) == ({"done": 3}, 3)
    assert len(list(there.glob("take*/result-*.mp4"))) == 3


def test_a_dear_row_does_not_keep_a_cheap_one_waiting(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    box, listed = start(), jobs(3)
    listed[0]["generation"] = {**listed[0]["generation"], "duration": "12"}
    made, _ = _run(listed, tmp_path / "out", max_cost=2 * ONE)
    assert made.summary.ids == {"over-budget": ("take0",)}
    assert sum(billed(box).values()) == 2 * ONE


def test_all_bad_rows_are_named_and_nothing_is_sent(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    box, listed = start(), jobs(4)
    listed[0]["references"] = [str(tmp_path / "missing.png")]
    listed[1]["prompt"] = "@Image2 dances"
    listed[2]["generation"] = {**SMALL, "resolution": "8k"}
    with pytest.raises(BadRows) as caught:
        batch(listed, out=tmp_path / "out")
    lines = str(caught.value).split("\n")
    assert [line.partition(": ")[0] for line in lines[:3]] == ["row 1", "row 2", "row 3"]
    assert lines[3] == "3 rows can't be sent; nothing was started; `skip_bad=True` continues without them"
    assert "missing.png" in lines[0] and "prompt-tag-out-of-range" in lines[1] and "8k" in lines[2]
    assert not (tmp_path / "out").exists() and box.accesses() == ()
    made, results = _run(listed, tmp_path / "out", skip_bad=True)
    assert ([result.id for result in results], made.summary.left_out) == (["take3"], (1, 2, 3))
    assert made.summary.states == {"done": 1}


def test_a_refusal_stops_nobody_and_is_not_sent_again(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    box, out = start("policy-refusal:1"), tmp_path / "out"
    made, results = _run(jobs(4), out, max_cost=4 * ONE)
    (refused,) = [result for result in results if result.state == "refused"]
    assert "content_policy_violation" in refused.findings[-1].rule or refused.findings[-1].rule.startswith("refused-")
    assert refused.error and refused.exit_code == 4
    assert sum(billed(box).values()) == made.summary.billed_usd == 3 * ONE
    assert made.summary.spent_usd == 4 * ONE, "as documented, the platform may bill what it refused"
    _run(jobs(4), out)
    assert len(box.requests()) == 4


def test_a_row_that_may_have_arrived_is_listed_and_found_by_the_next_run(
    jobs: Jobs, start: Start, tmp_path: Path
) -> None:
    box, out = start("drop-after-accept:1"), tmp_path / "out"
    made, results = _run(jobs(3), out, concurrency=1)
    (uncertain,) = made.summary.ids["uncertain"]
    assert made.summary.spent_usd == 3 * ONE, "its price stays reserved"
    while box.totals().unfinished:
        Event().wait(0.02)
    made, results = _run(jobs(3), out)
    assert [(result.id, result.state) for result in results] == [(uncertain, "done")]
    assert (len(box.requests()), len(billed(box))) == (3, 3)


def test_a_result_that_was_not_recorded_is_taken_up_when_the_budget_is_spent(
    jobs: Jobs, start: Start, tmp_path: Path
) -> None:
    """A run that dies between its last video and the line of it leaves nothing of the budget."""
    box, out = start(), tmp_path / "out"
    _run(jobs(2), out, max_cost=2 * ONE, concurrency=1)
    first, last = (out / "results.jsonl").read_text("utf-8").splitlines(keepends=True)
    (out / "results.jsonl").write_text(first, "utf-8")
    assert batch_status(out).states == {"done": 1, "running": 1}, "it was sent, and is not known to have ended"
    made, results = _run(jobs(2), out, max_cost=2 * ONE)
    assert [(result.id, result.state) for result in results] == [(json.loads(last)["id"], "done")]
    assert (made.summary.states, len(billed(box))) == ({"done": 2}, 2)


def test_equal_references_are_uploaded_once_and_equal_rows_share_a_job(
    jobs: Jobs, start: Start, tmp_path: Path
) -> None:
    box, listed = start(), jobs(6, pictures=1)
    listed[5] = {**listed[0], "id": "twin"}
    made, results = _run(listed, tmp_path / "out", concurrency=6)
    assert made.summary.states == {"done": 6} and made.offer.repeated == (6,)
    assert made.offer.cost.max_usd == 5 * ONE == made.summary.billed_usd == sum(billed(box).values())
    assert len(box.objects()) == 1 + 5, "one picture, five videos"
    assert sorted(result.found for result in results) == [False] * 5 + [True]


def test_a_changed_row_is_a_new_job(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    box, out, listed = start(), tmp_path / "out", jobs(2)
    _run(listed, out)
    listed[1]["prompt"] = "@Image1 sleeps"
    made, results = _run(listed, out)
    assert [result.id for result in results] == ["take1"] and made.summary.states == {"done": 2}
    assert (len(box.requests()), len(recorded(out))) == (3, 3)
    assert len(list((out / "take1").glob("receipt-*.json"))) == 1, "the receipt of the earlier job stays"


def test_interrupted_rows_go_on_and_are_found(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    box, out, cancel = start("queue:2:600s"), tmp_path / "out", Event()
    made = batch(jobs(4), out=out, poll_s=0.02, concurrency=2, cancel=cancel, progress=_cancelling(cancel, running=2))
    with pytest.raises(Cancelled, match="2 jobs go on on the platform and nothing is billed; run the same command"):
        list(made)
    assert (made.summary.states, len(box.requests())) == ({"running": 2, "unsent": 2}, 2)
    assert {job.state for job in Journal(Journal().folder / "sandbox").jobs()} >= {"submitted"}
    cancel = Event()
    made = batch(jobs(4), out=out, poll_s=0.02, concurrency=4, cancel=cancel, progress=_cancelling(cancel, done=2))
    with pytest.raises(Cancelled):
        list(made)
    assert len(box.requests()) == 4, "no request is sent twice"


def _cancelling(cancel: Event, **counts: int) -> Callable[[Any], None]:
    """Set *cancel* once so many rows are in a stage or state."""

    def watch(progress: Any) -> None:
        now = {**progress.stages, **progress.states}
        if all(now.get(name, 0) >= count for name, count in counts.items()):
            cancel.set()

    return watch


def test_leaving_the_iteration_stops_it(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    start()
    made = batch(jobs(5), out=tmp_path / "out", poll_s=0.02, concurrency=1)
    for _ in made:
        break
    assert made.summary.states["done"] >= 1 and made.summary.states["done"] < 5


def test_the_price_that_was_agreed_to_is_the_budget(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    box, offers = start(), []

    def confirm(offer: BatchOffer) -> bool:
        offers.append(offer)
        return len(offers) > 1

    with pytest.raises(RefusedError, match="not agreed to"):
        batch(jobs(2), out=tmp_path / "out", confirm=confirm)
    assert not (tmp_path / "out").exists() and box.requests() == ()
    made, _ = _run(jobs(2), tmp_path / "out", confirm=confirm)
    assert made.summary.budget_usd == offers[1].cost.max_usd == 2 * ONE


def test_a_torn_line_is_no_result(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    box, out = start(), tmp_path / "out"
    _run(jobs(2), out)
    path = out / "results.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    made, results = _run(jobs(2), out)
    assert len(results) == 1 and made.summary.states == {"done": 2} and len(box.requests()) == 2
    whole = [line for line in path.read_text("utf-8").splitlines() if line.endswith("}")]
    assert len(whole) == 2


FOREIGN = {
    "a batch of another account": ("batch.json", None, "a batch of another account"),
    "a file of somebody else's": ("batch.json", "{}", "not that of a batch"),
    "a file in the place of the folder": ("", "", "a file, not a folder"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_folder_that_can_not_be_used(
    jobs: Jobs, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    start()
    name, text, message = FOREIGN[case]
    out = tmp_path / "out"
    if text is None:
        _run(jobs(1), out)
        note = json.loads((out / name).read_text())
        (out / name).write_text(json.dumps(note | {"account": "another"}))
    elif name:
        out.mkdir()
        (out / name).write_text(text)
    else:
        out.write_text(text)
    with pytest.raises(UsageError, match=message):
        batch(jobs(2), out=out)


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")
@pytest.mark.parametrize("kind", ["link", "hard link", "link to nothing", "pipe", "folder"])
def test_results_that_are_no_file_of_ours(jobs: Jobs, start: Start, tmp_path: Path, kind: str) -> None:
    """Nothing is sent, and nothing is appended to a file elsewhere."""
    box = start()
    out, other = tmp_path / "out", tmp_path / "other.txt"
    open_folder(out, SANDBOX_ACCOUNT, Journal(), 1, "")
    other.write_text("precious")
    results = out / "results.jsonl"
    match kind:
        case "link":
            results.symlink_to(other)
        case "hard link":
            results.hardlink_to(other)
        case "link to nothing":
            results.symlink_to(tmp_path / "nothing")
        case "pipe":
            os.mkfifo(results)
        case _:
            results.mkdir()
    with pytest.raises(UsageError, match=r"results\.jsonl: a link, or no plain file"):
        batch(jobs(1), out=out)
    assert other.read_text() == "precious" and not (tmp_path / "nothing").exists()
    assert box.requests() == ()


WRONG = {
    "no rows": ({"jobs": []}, "no row"),
    "no list": ({"jobs": 5}, "should be a file, a folder or a list"),
    "no slot": ({"concurrency": 0}, "concurrency: should be a whole number from 1 to 500, not 0"),
    "too many workers": ({"workers": 501}, "workers: should be a whole number"),
    "no amount": ({"max_cost": "much"}, "max_cost"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_call(jobs: Jobs, start: Start, tmp_path: Path, case: str) -> None:
    start()
    options, message = WRONG[case]
    with pytest.raises(UsageError, match=message):
        batch(**{"jobs": jobs(1), "out": tmp_path / "out", **options})


def test_with_an_event_loop(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    box, events = start(), []

    async def main() -> None:
        made = await abatch(jobs(3), out=tmp_path / "out", poll_s=0.02, progress=events.append)
        assert [result.state async for result in made] == ["done"] * 3
        assert (made.offer.to_send, made.summary.states) == (3, {"done": 3})

    asyncio.run(main())
    assert len(billed(box)) == 3 and events[-1].states == {"done": 3}


def test_a_cancelled_task_stops_it(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    box = start("queue:2:600s")

    async def main() -> None:
        made = await abatch(jobs(4), out=tmp_path / "out", poll_s=0.02)
        task = asyncio.create_task(_drain(made))
        while len(box.requests()) < 2:
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        states = made.summary.states
        assert {**states} == {"running": 2, "unsent": 2}

    asyncio.run(main())
    assert len(box.requests()) == 2


async def _drain(made: AsyncBatch) -> None:
    async for _ in made:
        pass
