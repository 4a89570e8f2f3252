"""Judging many things one by one."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from prep.check_many import Question, check_each, check_jobs
from prep.errors import Cancelled, PrepError, UsageError
from prep.inputs.jobs import Job, read_jobs
from prep.model.reference import Reference
from prep.model.report import Report
from tests.types import Media


def _each(*paths: Path) -> list[Report]:
    return list(check_each(Reference(location=str(path)) for path in paths))


def _rules(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings]


def test_a_file_is_judged_by_itself(media: Media) -> None:
    """Sound needs something to see, but not here; two videos of 20 s are each too long, not both together."""
    clip, sound, photo = media("clip_1080p_20s.mp4"), media("voice.mp3"), media("photo.jpg")
    reports = _each(clip, sound, clip, photo)
    assert [report.origin for report in reports] == [str(clip), str(sound), str(clip), str(photo)]
    assert _rules(reports[0]) == _rules(reports[2]) == ["video-area-too-large", "video-too-long"]
    assert (reports[3].ok, reports[3].findings) == (True, ())
    for report in reports:
        assert all((finding.subject, finding.tag) == (report.origin, None) for finding in report.findings)
        assert [item.tag for item in report.references] == [""]


def test_what_can_not_be_read_does_not_stop_the_rest(media: Media, tmp_path: Path) -> None:
    shutil.copyfile(media("panorama.png"), tmp_path / "panorama.png")
    paths = [media("text.mp4"), tmp_path / "panorama.png", tmp_path / "missing.png", tmp_path]
    reports = _each(*paths)
    assert [_rules(report) for report in reports] == [
        ["input-unreadable"],
        ["image-aspect-too-wide"],
        ["input-unreadable"],
        ["input-unreadable"],
    ]
    assert [report.readable for report in reports] == [False, True, False, False]
    (finding,) = reports[2].findings
    assert (finding.subject, finding.message) == (str(paths[2]), "no such file")


def test_a_fix_is_promised_only_where_it_helps(media: Media) -> None:
    (report,) = _each(media("panorama.png"))
    assert report.findings[0].fix


def test_the_list_is_read_as_it_is_worked_on(media: Media) -> None:
    """A list of a million does not have to be known before the first is judged."""
    taken = 0

    def endless() -> Iterator[Reference]:
        nonlocal taken
        while True:
            taken += 1
            yield Reference(location=str(media("at_limit_300.png")))

    reports = check_each(endless())
    for _ in range(3):
        assert next(reports).ok
    assert taken < 500
    reports.close()


def test_a_sweep_can_be_cancelled(media: Media) -> None:
    cancel = threading.Event()
    reports = check_each([Reference(location=str(media("at_limit_300.png")))] * 200, cancel=cancel)
    next(reports)
    cancel.set()
    with pytest.raises(Cancelled):
        list(reports)


def test_each_job_is_a_set(media: Media) -> None:
    photo, clip = str(media("photo.jpg")), str(media("clip_1080p_20s.mp4"))
    jobs: list[tuple[str, Question | PrepError]] = [
        ("a:1", Question(references=(photo, clip), prompt="@Image1 in @Video1")),
        ("a:2", Question(references=(photo,), prompt="@Image2")),
        ("a:3", UsageError("a:3: not a line of JSON")),
        ("a:4", Question(references=(photo, "none.png"))),
        ("a:5", Question(references=())),
        ("a:6", Question(references=(photo,), endpoint="none")),
        ("a:7", Question(references=("none.png", "gone.mp4"), prompt="@Image1 in @Video1")),
    ]
    reports = list(check_jobs(jobs))
    assert [report.origin for report in reports] == ["a:1", "a:2", "a:3", "a:4", "a:5", "a:6", "a:7"]
    assert _rules(reports[0]) == ["video-area-too-large", "video-too-long"]
    assert _rules(reports[1]) == ["prompt-tag-out-of-range", "prompt-reference-unused"]
    assert [report.readable for report in reports] == [True, True, False, False, False, False, False]
    assert [(finding.subject, finding.message) for report in reports[2:5] for finding in report.findings] == [
        (None, "not a line of JSON"),
        ("none.png", "no such file"),
        (None, "no references; name at least one file"),
    ]
    assert "no such endpoint; choose from: bytedance/" in reports[5].findings[0].message
    assert [finding.subject for finding in reports[6].findings] == ["none.png", "gone.mp4"]


def test_a_file_of_jobs(tmp_path: Path) -> None:
    """Paths are relative to it; a line that is wrong is told with its number."""
    path = tmp_path / "jobs.jsonl"
    lines = [b'{"references": ["a.png"]}', b"", b'{"references": ["a,b.png", 5]}', b"[]", b"{", b"\xff", b'{"x": 1}']
    path.write_bytes(b"\n".join(lines))
    read = dict(read_jobs(path))
    assert list(read) == [f"{path}:{number}" for number in (1, 3, 4, 5, 6, 7)]
    assert read[f"{path}:1"] == Job(references=(str(tmp_path / "a.png"),))
    for number in (3, 4, 5, 6, 7):
        assert isinstance(read[f"{path}:{number}"], UsageError)
        assert str(read[f"{path}:{number}"]).startswith(f"{path}:{number}: ")


def test_a_file_of_jobs_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        list(read_jobs(tmp_path / "none.jsonl"))
