"""The same file given twice: it takes a place twice, which the user may not know."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from prep import Reference, check, plan
from prep.model.finding import Finding
from prep.rules import check_repeated
from submit import offer
from tests.made import image, sources, video
from tests.types import Media, Say

RULE = "reference-repeated"
PHOTO = "is the same file as {}; leave one out: each counts as a file"
CLIP = "is the same file as {}; leave one out: each counts as a file, and its seconds are billed"


@pytest.fixture(autouse=True)
def here(media: Media, tmp_path: Path) -> Path:
    for name in ("photo.jpg", "clip_720p.mp4", "voice.mp3", "at_limit_300.png"):
        shutil.copyfile(media(name), tmp_path / name)
    shutil.copyfile("photo.jpg", "copy.jpg")
    shutil.copyfile("clip_720p.mp4", "copy.mp4")
    os.symlink("photo.jpg", "linked.jpg")
    os.link("photo.jpg", "hard.jpg")
    data = bytearray(Path("photo.jpg").read_bytes())
    data[-20] ^= 1
    Path("nearly.jpg").write_bytes(data)
    return tmp_path


CASES: list[tuple[str, list[str], list[tuple[str, str]]]] = [
    ("path", ["photo.jpg", "photo.jpg"], [("@Image2", PHOTO.format("@Image1"))]),
    ("spelling", ["photo.jpg", ".//photo.jpg"], [("@Image2", PHOTO.format("@Image1"))]),
    ("link", ["photo.jpg", "linked.jpg"], [("@Image2", PHOTO.format("@Image1 (photo.jpg)"))]),
    ("hard link", ["hard.jpg", "photo.jpg"], [("@Image2", PHOTO.format("@Image1 (hard.jpg)"))]),
    ("copy", ["photo.jpg", "copy.jpg"], [("@Image2", PHOTO.format("@Image1 (photo.jpg)"))]),
    ("named", ["a=photo.jpg", "b=photo.jpg"], [("@Image2", PHOTO.format("@Image1"))]),
    (
        "three",
        ["photo.jpg", "at_limit_300.png", "photo.jpg", "copy.jpg"],
        [("@Image3", PHOTO.format("@Image1")), ("@Image4", PHOTO.format("@Image1 (photo.jpg)"))],
    ),
    ("clip", ["clip_720p.mp4#t=0,2", "copy.mp4#t=0,2"], [("@Video2", CLIP.format("@Video1 (clip_720p.mp4)"))]),
    ("other parts", ["clip_720p.mp4#t=0,2", "clip_720p.mp4#t=2,4"], []),
    ("clip and its sound", ["clip_720p.mp4#t=0,2", "clip_720p.mp4#t=0,2&track=audio"], []),
    ("other crops", ["photo.jpg#xywh=0,0,600,600", "photo.jpg#xywh=0,0,500,600"], []),
    ("one bit", ["photo.jpg", "nearly.jpg"], []),
]


def _repeated(findings: tuple[Finding, ...]) -> list[tuple[str | None, str]]:
    return [(finding.tag, finding.message) for finding in findings if finding.rule == RULE]


@pytest.mark.parametrize(("references", "messages"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize(
    "findings_of",
    [
        lambda references: check(references).findings,
        lambda references: plan(references).warnings,
        lambda references: offer(references, "a walk").findings,
    ],
    ids=["check", "plan", "run"],
)
def test_both_are_named(
    findings_of: Callable[[list[str]], tuple[Finding, ...]], references: list[str], messages: list[tuple[str, str]]
) -> None:
    assert _repeated(findings_of(references)) == messages


def test_content_in_memory() -> None:
    data = Path("photo.jpg").read_bytes()
    for references in ([data, bytearray(data)], ["photo.jpg", data]):
        assert len(_repeated(check(references).findings)) == 1  # type: ignore[arg-type]


def test_a_url_by_its_address() -> None:
    """`check` reads no more of it for that."""
    url, other = Reference(location="https://e.org/a.mp4?key=1"), Reference(location="https://e.org/b.mp4")
    given = sources((video(), url), (video(), other), (video(), url), (image(), None))
    assert [(finding.tag, finding.subject) for finding in check_repeated(given)] == [("@Video3", "a.mp4")]


def test_nothing_fails(say: Say) -> None:
    code, out, _ = say("check", "photo.jpg", "copy.jpg")
    assert code == 0
    assert f"{RULE}: {PHOTO.format('@Image1 (photo.jpg)')}" in " ".join(out.split())
