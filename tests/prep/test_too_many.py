"""Too many references: that is said before any of them is decoded, with the files past the limit."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep import Plan, check, plan, prepare
from prep.errors import ExitCode, NonCompliantError
from prep.model.progress import Progress
from submit import offer
from tests.types import Media, Say

PAST = "{} videos (max 3): {} past the limit"


@pytest.fixture
def clips(media: Media, tmp_path: Path) -> list[str]:
    """Five that are too long: of each a part has to be chosen."""
    for number in range(1, 6):
        shutil.copyfile(media("clip_1080p_20s.mp4"), tmp_path / f"clip{number}.mp4")
    return [f"clip{number}.mp4" for number in range(1, 6)]


def _prepare(clips: list[str], **more: Any) -> Any:
    return prepare(clips, out="ready", **more)


@pytest.mark.parametrize(("call", "number", "decoded"), [(plan, 3, True), (plan, 4, False), (_prepare, 4, False)])
def test_nothing_is_decoded(clips: list[str], call: Callable[..., Any], number: int, decoded: bool) -> None:
    events: list[Progress] = []
    try:
        planned = call(clips[:number], progress=events.append)
        findings = planned.unfixable if isinstance(planned, Plan) else ()
    except NonCompliantError as error:
        findings = error.findings
    assert [finding.message for finding in findings] == ([] if decoded else [PAST.format(4, "clip4.mp4 is")])
    assert ("analyse" in {event.stage for event in events}) is decoded
    assert not Path("ready").exists()


def test_a_run_is_refused(clips: list[str]) -> None:
    events: list[Progress] = []
    with pytest.raises(NonCompliantError) as caught:
        offer(clips, "@Video1", progress=events.append)
    assert PAST.format(5, "clip4.mp4 and clip5.mp4 are") in [finding.message for finding in caught.value.findings]
    assert {event.stage for event in events} == {"probe"}


def test_the_conclusion_of_a_plan_is_all(clips: list[str], say: Say) -> None:
    code, out, _ = say("plan", *clips)
    assert code == ExitCode.FINDINGS
    first, *_ = out.splitlines()
    assert first == "1 problem to fix yourself, so nothing was planned"
    assert PAST.format(5, "clip4.mp4 and clip5.mp4 are") in " ".join(out.split())
    assert "keep" not in out and "Next:" not in out


def test_a_check_names_them_as_well(clips: list[str]) -> None:
    messages = [finding.message for finding in check(clips).findings if finding.rule == "too-many-videos"]
    assert messages == [PAST.format(5, "clip4.mp4 and clip5.mp4 are")]


def test_a_row_of_a_batch(clips: list[str], say: Say) -> None:
    Path("jobs.jsonl").write_text(json.dumps({"references": clips, "prompt": "@Video1"}))
    code, _, err = say("batch", "jobs.jsonl", "--out", "takes", "--sandbox", "--yes")
    assert code == ExitCode.FINDINGS
    way = "leave some out, or join short ones into one file (too-many-videos)"
    assert f"{PAST.format(5, 'clip4.mp4 and clip5.mp4 are')}; {way}" in " ".join(err.split())
