"""JUnit XML, validated against the schema that Jenkins reads it by (tests/schemas/README.md)."""

from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
import xmlschema

from prep.model.finding import Severity
from prep.model.report import Report
from prep.render.junit import junit_document
from tests.made import audio, image, report_of, video
from tests.prep.render.reports import REPORTS

SCHEMA = xmlschema.XMLSchema10(Path(__file__).parents[2] / "schemas" / "junit-10.xsd")


def _read(*reports: Report, fail_on: Severity = "error", each: bool = False) -> Element:
    text = junit_document(reports, fail_on, each=each)
    SCHEMA.validate(text)
    return fromstring(text)


def test_the_schema_can_say_no() -> None:
    text = junit_document([report_of(image())], "error", each=False).replace("testcase", "case")
    assert not SCHEMA.is_valid(text)


@pytest.mark.parametrize("fail_on", ["error", "warning", "info"])
@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_valid_and_its_counts_are_right(name: str, fail_on: Severity) -> None:
    root = _read(*REPORTS[name], fail_on=fail_on, each="files" in name)
    assert root.get("tests") == str(len(root.findall(".//testcase")))
    assert root.get("failures") == str(len(root.findall(".//failure")))
    assert root.get("errors") == str(len(root.findall(".//error")))
    for suite in root:
        for count, tag in (("tests", "testcase"), ("failures", ".//failure"), ("errors", ".//error")):
            assert suite.get(count) == str(len(suite.findall(tag)))
    assert all(case.get("name") for case in root.iter("testcase"))


def test_a_set_is_a_case_for_each_reference_and_one_for_all() -> None:
    root = _read(report_of(image(4000, 1000), video(rotation=90), *[audio(10)] * 2))
    cases = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert cases == {
        "@Image1 clips/image-1.jpeg": ["failure"],
        "@Video1 clips/video-2.mp4": ["system-out"],
        "@Audio1 clips/audio-3.mp3": [],
        "@Audio2 clips/audio-4.mp3": [],
        "all together": ["failure"],
    }


def test_what_counts_is_for_the_caller_to_say() -> None:
    report = report_of(video(rotation=90))
    assert _read(report).get("failures") == "0"
    assert _read(report, fail_on="warning").get("failures") == "1"


def test_a_failure_says_all_that_is_wrong() -> None:
    failure, _ = _read(report_of(video(1920, 1080, duration_s=16))).iter("failure")
    assert failure.get("type") == "video-area-too-large"
    assert "the area of" in str(failure.get("message")) and "the duration is" in str(failure.get("message"))
    assert "video-too-long" in str(failure.text)
