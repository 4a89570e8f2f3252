"""JSON documents, which keep the contract of docs/json.md."""

import json
from typing import Any

import pytest

from prep.model.media import MediaInfo
from prep.model.plan import Plan
from prep.model.reference import Part, Reference
from prep.model.report import Report
from prep.render.document import document, report_data
from tests.made import audio, image, plan_of, report_of, video

FINDING = ["rule", "severity", "basis", "subject", "tag", "actual", "allowed", "unit", "message", "fix"]
TOTALS = {"files", "images", "videos", "audios", "video_duration_s", "video_bytes", "audio_duration_s"}
FACTS = {
    "image": "width, height, mode, frames, icc, orientation, has_alpha",
    "video": (
        "width, height, coded_width, coded_height, rotation, sar, fps, avg_fps, vfr, duration_s, codec, pix_fmt, "
        "bit_depth, hdr, interlaced, has_audio, audio_codec"
    ),
    "audio": "duration_s, codec, sample_rate_hz, channels, bitrate_bps",
}


def _document(command: str, report: Report) -> Any:
    return json.loads(document(command, report.ok, report.findings, report_data(report)))


def test_the_frame_of_every_document() -> None:
    text = document("check", True, (), {"a": "ä×"})
    assert list(json.loads(text)) == ["schema", "command", "ok", "findings", "data"]
    assert text.startswith('{\n  "schema": "prep-and-submit/1",\n  "command": "check",\n  "ok": true,\n')
    assert '"a": "ä×"' in text


def test_a_finding() -> None:
    (finding,) = _document("check", report_of(image(container="heif")))["findings"]
    assert list(finding) == FINDING
    assert finding == {
        "rule": "image-format-unsupported",
        "severity": "error",
        "basis": "documented",
        "subject": "image-1.heif",
        "tag": "@Image1",
        "actual": "heif",
        "allowed": "JPEG, PNG, WEBP",
        "unit": "",
        "message": "the format is HEIF (allowed: JPEG, PNG, WebP)",
        "fix": "convert it",
    }


def test_a_finding_about_the_set_in_numbers() -> None:
    found = _document("check", report_of(*[image()] * 10))["findings"]
    assert [(f["rule"], f["subject"], f["tag"], f["actual"], f["allowed"], f["unit"], f["fix"]) for f in found] == [
        ("too-many-images", None, None, 10, 9, "files", None)
    ]


@pytest.mark.parametrize(
    ("info", "actual", "allowed", "unit"),
    [
        (image(bytes=40_000_000), 40_000_000, 30_000_000, "bytes"),
        (video(1280, 726), 929_280, 927_408, "px"),
        (video(fps=10), 10, 24, "fps"),
        (video(1282, 512), 2.50390625, 2.5, "ratio"),
        (video(duration_s=15.1), 15.1, 15, "s"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_numbers_have_units(info: MediaInfo, actual: float, allowed: float, unit: str) -> None:
    finding = _document("check", report_of(info))["findings"][0]
    assert (finding["actual"], finding["allowed"], finding["unit"]) == (actual, allowed, unit)


def test_check() -> None:
    told = _document("check", report_of(image(), video(), audio()))
    assert told["ok"] is True
    data = told["data"]
    assert set(data) == {"endpoint", "references", "totals", "used", "deselected", "fixes"}
    assert set(data["totals"]) == TOTALS
    for reference in data["references"]:
        own = {"path", "name", "tag"}
        every = {"kind", "container", "bytes", "private_metadata"}
        assert set(reference) >= own | every | set(FACTS[reference["kind"]].split(", "))
    assert [(reference["tag"], reference["path"]) for reference in data["references"]] == [
        ("@Image1", "clips/image-1.jpeg"),
        ("@Video1", "clips/video-2.mp4"),
        ("@Audio1", "clips/audio-3.mp3"),
    ]


def test_a_check_with_errors_is_not_ok_and_one_with_warnings_is() -> None:
    assert _document("check", report_of(image(container="heif")))["ok"] is False
    assert _document("check", report_of(video(duration_s=15.1)))["ok"] is True


def test_plan() -> None:
    plan = plan_of((video(1920, 1080, duration_s=60), Part(start_s=1, end_s=5)), image(private_metadata=("gps",)))
    data = json.loads(document("plan", not plan.unfixable, plan.warnings, plan))["data"]
    assert set(data) == {"endpoint", "options", "entries", "warnings", "set_unfixable"}
    for entry in data["entries"]:
        assert set(entry) >= {"tag", "reference", "source", "steps", "predicted", "unfixable"}
    for step in data["entries"][0]["steps"]:
        assert {"kind", "because", "note"} <= set(step)
        assert step["because"]
    assert Plan.model_validate(data) == plan


def test_a_reference_keeps_its_name() -> None:
    (reference,) = report_data(report_of((image(), Reference(location="a.png", name="hero"))))["references"]
    assert (reference["name"], reference["path"], reference["tag"]) == ("hero", "a.png", "@Image1")
