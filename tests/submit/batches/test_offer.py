"""Offers of batches: what is said about all rows before anything is paid."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from PIL import ExifTags, Image

from prep.model.finding import Finding
from prep.model.plan import Step
from prep.pricing.cost import total
from prep.render.steps import KINDS
from submit.batches.render import offer_text
from submit.batches.survey import BatchOffer, RowWarning
from tests.submit.batches.conftest import SMALL, Jobs
from tests.types import Media, Say


def _write(listed: list[dict[str, Any]], folder: Path) -> str:
    path = folder / "jobs.jsonl"
    path.write_text("".join(json.dumps(job) + "\n" for job in listed), "utf-8")
    return str(path)


def test_warnings_of_all_rows_are_shown_before_the_price(jobs: Jobs, say: Say, tmp_path: Path) -> None:
    listed = jobs(12)
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Jane Example"
    Image.new("RGB", (320, 320), (90, 120, 40)).save(tmp_path / "mine.jpg", exif=exif)
    listed[0]["references"] = [str(tmp_path / "mine.jpg")]
    for job in listed[1:9]:
        job["prompt"] = "a quiet wave"
    code, out, _ = say("batch", _write(listed, tmp_path), "--dry-run")
    before, _, _ = out.partition("Price: ")
    warned = [line for line in before.splitlines() if line.startswith("! ")]
    assert code == 0 and len(warned) == 2
    assert warned[0].startswith("! 8 rows (take1, take2, take3, take4, take5 and 3 more), such as ")
    assert "prompt-reference-unused: " in warned[0]
    assert warned[1].startswith("! take0: @Image1 mine.jpg: image-private-metadata: ")
    code, out, _ = say("batch", _write(listed, tmp_path), "--dry-run", "--json")
    document = json.loads(out)
    listed = document["data"]["offer"]["warnings"]
    rows = [(item["id"], item["finding"]["rule"]) for item in listed if item["finding"]["severity"] == "warning"]
    assert rows == [
        ("take0", "image-private-metadata"),
        *((f"take{number}", "prompt-reference-unused") for number in range(1, 9)),
    ]
    assert document["findings"] == [item["finding"] for item in listed]


@pytest.mark.parametrize(
    ("parameters", "line"),
    [
        pytest.param(
            {"seed": 7},
            "· 2 rows (take0, take1), such as request-parameter-unlisted: seed is sent, but the endpoint's published "
            "schema doesn't list it",
            id="unlisted",
        ),
        pytest.param({}, None, id="all-listed"),
    ],
)
def test_notes_about_a_request_are_shown(
    parameters: dict[str, Any], line: str | None, jobs: Jobs, say: Say, tmp_path: Path
) -> None:
    path = _write([job | {"generation": SMALL | parameters} for job in jobs(2, pictures=1)], tmp_path)
    code, out, _ = say("batch", path, "--dry-run")
    noted = [found for found in out.splitlines() if found.startswith("· ")]
    assert code == 0 and len(noted) == (line is not None)
    assert line is None or noted[0].startswith(line)


def test_the_question_comes_after_the_warnings(
    jobs: Jobs, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", "a:b")
    (job,) = jobs(1, pictures=1)
    path = _write([{**job, "prompt": "a quiet wave"}], tmp_path)
    code, out, err = say("batch", path, "--out", "takes")
    assert code == 5 and "needs your agreement" in err
    assert 0 < out.index("prompt-reference-unused") < out.index("Price: ")


@pytest.mark.parametrize(
    ("reference", "options", "line"),
    [
        pytest.param(
            "tone_15_84.wav",
            {},
            'Trimmed: "take0" @Audio1 tone_15_84.wav: keep the best 14.9 s of 15.8 s  because audio-too-long',
            id="best",
        ),
        pytest.param(
            "tone_15_84.wav#t=2,5",
            {},
            'Trimmed: "take0" @Audio1 tone_15_84.wav: keep 0:02.0–0:05.0 (3 s) of 15.8 s  because you asked',
            id="named",
        ),
        pytest.param(
            "tone_15_84.wav",
            {"window": "end", "seconds": 4},
            'Trimmed: "take0" @Audio1 tone_15_84.wav: keep 0:11.8–0:15.8 (4 s) of 15.8 s  because you asked',
            id="end",
        ),
    ],
)
def test_trimmed_files_are_named(
    reference: str, options: dict[str, Any], line: str, jobs: Jobs, media: Media, say: Say, tmp_path: Path
) -> None:
    (job,) = jobs(1, pictures=1)
    name, mark, part = reference.partition("#")
    job["references"] += [f"{media(name)}{mark}{part}"]
    code, out, _ = say("batch", _write([{**job, "options": options}], tmp_path), "--dry-run")
    assert code == 0 and [found for found in out.splitlines() if found.startswith("Trimmed")] == [line]


@pytest.mark.parametrize(("rules", "rest"), [(10, ""), (11, "! and 3 more warnings; --dry-run --json lists all")])
def test_a_thousand_rows_stay_readable(rules: int, rest: str) -> None:
    counts = [*[1000] * 10, *[3] * (rules - 10)]
    warnings = [
        RowWarning(row=row, id=f"r{row}", finding=_finding(f"rule-{number}"))
        for number, rows in enumerate(counts)
        for row in range(1, rows + 1)
    ]
    offer = BatchOffer(rows=1000, to_send=1000, cost=total(()), warnings=tuple(warnings))
    lines = [line for line in offer_text(offer, sandbox=False).splitlines() if line.startswith("! ")]
    assert lines[0] == "! 1,000 rows (r1, r2, r3, r4, r5 and 995 more), such as rule-0: odd"
    assert len(lines) == rules and (lines[10:] == [rest] if rest else len(lines) == 10)


def _finding(rule: str) -> Finding:
    return Finding(rule=rule, severity="warning", basis="advice", actual=1, allowed=0, message="odd")


def test_steps_have_the_words_of_a_plan(jobs: Jobs, media: Media, say: Say, tmp_path: Path) -> None:
    (job,) = jobs(1, pictures=1)
    job["references"] = [str(media("photo_orient6.jpg"))]
    path = _write([job], tmp_path)
    code, out, _ = say("batch", path, "--dry-run")
    _, planned, _ = say("plan", job["references"][0])
    turned = "turn the picture itself upright"
    assert code == 0 and f"{turned} (1)" in out and turned in planned


def test_every_step_has_words_for_many() -> None:
    kinds = {kind for step in get_args(get_args(Step)[0]) for kind in get_args(step.model_fields["kind"].annotation)}
    assert kinds == set(KINDS)


@pytest.mark.parametrize(
    ("bad", "good", "end"),
    [
        pytest.param(1, 0, "the only row can't be sent; nothing was started", id="the-only"),
        pytest.param(2, 0, "none of the 2 rows can be sent; nothing was started", id="all"),
        pytest.param(2, 1, "2 rows can't be sent; nothing was started; --skip-bad continues without them", id="some"),
        pytest.param(1, 1, "1 row can't be sent; nothing was started; --skip-bad continues without it", id="one"),
    ],
)
@pytest.mark.parametrize("flags", [(), ("--skip-bad",)], ids=["all", "skip-bad"])
def test_skipping_is_offered_where_a_row_remains(
    bad: int, good: int, end: str, flags: tuple[str, ...], jobs: Jobs, say: Say, tmp_path: Path
) -> None:
    listed = jobs(bad + good, pictures=1)
    for job in listed[:bad]:
        job["prompt"] = "@Image2 waves"
    code, out, err = say("batch", _write(listed, tmp_path), "--dry-run", *flags)
    if good and flags:
        assert code == 0 and "1 to send" in out
    else:
        assert code == 1 and err.splitlines()[-1] == f"prep-and-submit: {end}"
