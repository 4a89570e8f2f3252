"""A generation of a known length bounds the part of a long clip that is kept, wherever a job is planned and priced."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep import Generation, Options, Plan, plan, prepare
from prep.errors import ExitCode, RefusedError
from prep.model.plan import Trim, find
from submit import batch, offer
from submit.batches.survey import BatchOffer
from tests.submit.review.conftest import open_page
from tests.types import Media, Say

FOUR = Generation(duration=4, aspect_ratio="16:9")
PROMPT = "@Video1 again"


@pytest.fixture
def clip(media: Media) -> str:
    return str(media("clip_1080p_20s.mp4"))


def _kept_s(planned: Plan | None) -> float:
    assert planned is not None
    trim = find(planned.entries[0].steps, Trim)
    assert trim is not None
    return trim.duration_s


@pytest.mark.parametrize(
    ("options", "kept_s"), [({}, 14.9), ({"generation": FOUR}, 4.0)], ids=["the model chooses", "4 s"]
)
def test_a_plan_and_an_offer(clip: str, options: dict[str, Any], kept_s: float) -> None:
    proposal = offer([clip], PROMPT, **options)
    assert _kept_s(proposal.plan) == pytest.approx(kept_s, abs=0.05)
    assert _kept_s(plan([clip], **options)) == pytest.approx(kept_s, abs=0.05)
    assert not [finding for finding in proposal.findings if finding.rule == "request-shorter-than-reference"]


def test_the_seconds_that_were_asked_for_stay(clip: str) -> None:
    proposal = offer([clip], PROMPT, generation=FOUR, options=Options(seconds=10))
    assert _kept_s(proposal.plan) == pytest.approx(10, abs=0.05)


def test_files_that_are_prepared(clip: str, tmp_path: Path) -> None:
    (entry,) = prepare([clip], out=tmp_path / "out", generation=FOUR).entries
    assert entry.output.info.kind == "video" and entry.output.info.duration_s == pytest.approx(4, abs=0.05)


def test_the_command_says_so_and_goes_on_with_it(clip: str, say: Say) -> None:
    code, out, _ = say("plan", clip, "--duration", "4")
    text = " ".join(out.split())
    assert code == 0 and "as long as the result (--seconds 14.9 keeps more)" in text
    assert f"prep-and-submit prep {clip} --duration 4 --out ready" in text


def test_a_job_file(clip: str, say: Say, tmp_path: Path) -> None:
    job = tmp_path / "job.json"
    job.write_text(json.dumps({"references": [clip], "prompt": PROMPT, "generation": {"duration": 4}}))
    for command in (["plan"], ["price"], ["run", "--dry-run", "--out", str(tmp_path / "out")]):
        code, out, _ = say(*command, "--from-job", str(job), "--json")
        data = json.loads(out)["data"]
        assert code == 0
        if command == ["price"]:
            assert data["totals"]["video_duration_s"] == pytest.approx(4, abs=0.05)
        else:
            assert _kept_s(Plan.model_validate(data.get("plan", data))) == pytest.approx(4, abs=0.05)


@pytest.mark.parametrize("duration", ["3", "four"])
def test_a_length_that_is_not_generated_is_refused(clip: str, say: Say, duration: str) -> None:
    for command in (["plan"], ["prep", "--out", "ready"]):
        code, _, err = say(*command, clip, "--duration", duration)
        assert code == ExitCode.USAGE and f"duration '{duration}' is not allowed" in err


def test_rows_of_a_batch(clip: str, tmp_path: Path, start: Callable[..., Any]) -> None:
    start()
    row = {"references": [clip], "prompt": PROMPT}
    offers: list[BatchOffer] = []

    def disagree(proposal: BatchOffer) -> bool:
        offers.append(proposal)
        return False

    for generation in (FOUR, Generation(duration=8, aspect_ratio="16:9")):
        with pytest.raises(RefusedError):
            batch([row | {"generation": generation.asked()}], out=tmp_path / "out", generation=FOUR, confirm=disagree)
    four, eight = (one.cost.max_usd for one in offers)
    costs = [offer([clip], PROMPT, generation=Generation(duration=s, aspect_ratio="16:9")).cost for s in (4, 8)]
    assert [four, eight] == [cost and cost.max_usd for cost in costs]


def test_the_page_of_a_review(clip: str, tmp_path: Path) -> None:
    def kept(state: dict[str, Any]) -> float:
        time = state["cards"][0]["time"]
        return float(time["end_s"] - time["start_s"])

    with open_page(tmp_path, clip) as served:
        with served.browser.stream("GET", "api/events") as events:
            states = (served.browser.get("api/state").json() for line in events.iter_lines() if line)
            next(state for state in states if state["cards"][0].get("time"))
        for name, value, kept_s in (("duration", "4", 4.0), ("duration", "auto", 14.9), ("duration", "8", 8.0)):
            answer = served.change("PATCH", "api/parameters", {"name": name, "value": value})
            assert answer.status_code == 200, answer.text
            assert kept(answer.json()) == pytest.approx(kept_s, abs=0.05)
