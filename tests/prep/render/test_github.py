"""Workflow commands, read back as the runner reads them: `::name key=value,key=value::message`."""

import re
from urllib.parse import unquote

import pytest

from prep.model.report import Report
from prep.render.github import github_lines
from tests.made import image, report_of, video
from tests.prep.render.reports import REPORTS

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::([^\r\n]*)")


def _commands(report: Report) -> list[tuple[str, dict[str, str], str]]:
    read = []
    for line in github_lines(report).splitlines():
        found = COMMAND.fullmatch(line)
        assert found, line
        properties = dict(pair.split("=", 1) for pair in found[2].split(","))
        read.append((found[1], {key: unquote(value) for key, value in properties.items()}, unquote(found[3])))
    return read


@pytest.mark.parametrize("name", REPORTS)
def test_every_finding_is_one_command(name: str) -> None:
    for report in REPORTS[name]:
        commands = _commands(report)
        assert [properties["title"] for _, properties, _ in commands] == [finding.rule for finding in report.findings]
        for _, properties, _ in commands:
            assert set(properties) <= {"file", "line", "title"}


def test_levels_and_places() -> None:
    found = _commands(report_of(image(4000, 1000, frames=3), video(rotation=90)))
    assert [(level, properties["file"]) for level, properties, _ in found] == [
        ("error", "clips/image-1.jpeg"),
        ("notice", "clips/image-1.jpeg"),
        ("warning", "clips/video-2.mp4"),
    ]
    assert found[0][2].startswith("the aspect ratio of 4000×1000 is 4 (max 2.5); prep would pad it")


def test_odd_names_arrive_as_they_are() -> None:
    names = [properties["file"] for report in REPORTS["files"] for _, properties, _ in _commands(report)[:1]]
    assert names[:4] == ["photo.png", 'a "b" & <c>.png', "x,y:z.png", "50%.png"]
    assert names[6] == "ä é 走.png"
    assert not any(char in "".join(names) for char in "\n\r\x1b")


def test_a_set_without_a_job_has_no_place() -> None:
    ((_, properties, _),) = _commands(report_of(*[image()] * 10))
    assert "file" not in properties


def test_a_job_is_a_line_of_its_file() -> None:
    report = report_of(*[image()] * 10).model_copy(update={"origin": "jobs.jsonl:7"})
    ((_, properties, _),) = _commands(report)
    assert (properties["file"], properties["line"]) == ("jobs.jsonl", "7")
