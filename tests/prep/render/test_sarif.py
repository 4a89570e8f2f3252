"""SARIF, validated against the schema of the standard (tests/schemas/README.md)."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from jsonschema import Draft7Validator

from prep import __version__
from prep.check_many import unreadable
from prep.errors import ManyErrors, UnreadableError
from prep.model.report import Report
from prep.render.sarif import sarif_document
from prep.rules.catalogue import RULES
from tests.made import image, report_of, video
from tests.prep.render.reports import REPORTS

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "sarif-schema-2.1.0.json").read_text("utf-8"))
VALIDATOR = Draft7Validator(SCHEMA, format_checker=Draft7Validator.FORMAT_CHECKER)


def _run(*reports: Report) -> Any:
    document = json.loads(sarif_document(reports))
    VALIDATOR.validate(document)
    return document["runs"][0]


def test_the_schema_can_say_no() -> None:
    document = json.loads(sarif_document([report_of(image(4000, 1000))]))
    document["runs"][0]["results"][0]["level"] = "fatal"
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize("reports", REPORTS.values(), ids=REPORTS)
def test_every_report_is_valid(reports: tuple[Report, ...]) -> None:
    run = _run(*reports)
    assert len(run["results"]) == sum(len(report.findings) for report in reports)
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] in RULES
        for location in result["locations"]:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert urlsplit(uri).scheme in ("", "file", "https")
            assert " " not in uri and "#" not in uri


def test_severities_and_places() -> None:
    run = _run(report_of(image(4000, 1000, frames=3), video(1920, 1080, rotation=90)))
    assert [(result["level"], _uris(result)) for result in run["results"]] == [
        ("error", ["clips/image-1.jpeg"]),
        ("note", ["clips/image-1.jpeg"]),
        ("error", ["clips/video-2.mp4"]),
        ("warning", ["clips/video-2.mp4"]),
    ]
    assert run["invocations"] == [{"executionSuccessful": True}]
    assert run["tool"]["driver"]["version"] == __version__


def test_what_is_about_the_set_is_shown_at_each_of_its_files() -> None:
    (result,) = _run(report_of(*[image()] * 10))["results"]
    assert _uris(result) == [f"clips/image-{n}.jpeg" for n in range(1, 11)]


def test_what_is_about_a_job_is_shown_at_its_line() -> None:
    report = report_of(image(), prompt="@nobody @Image1").model_copy(update={"origin": "jobs/all of.jsonl:7"})
    (result,) = _run(report)["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("jobs/all%20of.jsonl", 7)


@pytest.mark.parametrize("path", ["a b#c?.png", "ä/ö.png", "%41.png", "/abs/a b.png", "c:d.png"])
def test_odd_names(path: str) -> None:
    report = unreadable(UnreadableError(f"{path}: empty"), "e", path, subject=path)
    (result,) = _run(report)["results"]
    uri = _uris(result)[0]
    assert unquote(urlsplit(uri).path if uri.startswith("file:") else uri) == path
    assert result["message"]["text"] == "empty"


def test_a_url_whose_query_is_left_out_is_still_a_uri() -> None:
    url = "https://example.org/a%20b/ü.png?…"
    (result,) = _run(unreadable(UnreadableError(f"{url}: gone"), "e", url, subject=url))["results"]
    assert _uris(result) == ["https://example.org/a%20b/%C3%BC.png?%E2%80%A6"]


def test_nothing_read_is_no_success() -> None:
    error = ManyErrors((UnreadableError("a.png: empty"), UnreadableError("b.png: empty")))
    run = _run(unreadable(error, "e"))
    assert run["invocations"] == [{"executionSuccessful": False}]
    assert [result["message"]["text"] for result in run["results"]] == ["a.png: empty", "b.png: empty"]


def _uris(result: Any) -> list[str]:
    return [place["physicalLocation"]["artifactLocation"]["uri"] for place in result["locations"]]
