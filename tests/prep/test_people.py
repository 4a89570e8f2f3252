"""Faces of people, told before anything is paid; the face is a drawn one, which detectors take for real."""

import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import pytest
from PIL import Image

from fixtures.card import card
from fixtures.face import portrait
from prep import check, prepare
from prep.errors import RefusedError
from submit import Offer, offer, submit
from tests.submit.cloud import Cloud
from tests.types import Media

IMAGE, VIDEO = "image-real-person-likely", "video-real-person-likely"


@pytest.fixture
def person(tmp_path: Path) -> Path:
    path = tmp_path / "person.jpg"
    portrait((1200, 800), (400, 200, 400)).save(path, quality=92)
    return path


@pytest.fixture
def clip(tmp_path: Path, person: Path) -> Path:
    """Two seconds of a card, then two seconds of a person, stored sideways."""
    card((1200, 800)).convert("RGB").save(tmp_path / "card.png")
    path, upright = tmp_path / "clip.mp4", tmp_path / "upright.mp4"
    stills = [["-loop", "1", "-t", "2", "-i", str(tmp_path / name)] for name in ("card.png", "person.jpg")]
    run = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error"]
    joined = "[0][1]concat,scale=1080:720,fps=24,format=yuv420p,transpose=2"
    encode = ["-filter_complex", joined, "-c:v", "libx264", "-preset", "ultrafast", "-g", "12", str(upright)]
    subprocess.run([*run, *stills[0], *stills[1], *encode], check=True, timeout=60)
    turned = ["-display_rotation", "-90", "-i", str(upright), "-c", "copy", str(path)]
    subprocess.run([*run, *turned], check=True, timeout=60)
    return path


def _people(references: list[str]) -> list[tuple[str, str | None]]:
    findings = offer(references, "a dance").findings
    assert all(finding.basis == "advice" for finding in findings if "person" in finding.rule)
    return [(finding.rule, finding.tag) for finding in findings if "person" in finding.rule]


def test_a_person_is_told_before_it_is_paid(person: Path, media: Media) -> None:
    assert _people([str(media("at_limit_300.png")), str(person)]) == [(IMAGE, "@Image2")]


def test_in_the_part_that_is_used(clip: Path) -> None:
    assert _people([str(clip)]) == [(VIDEO, "@Video1")]
    assert _people([f"{clip}#t=2,4"]) == [(VIDEO, "@Video1")]
    assert _people([f"{clip}#t=0,2"]) == []


def test_only_a_thorough_check_looks(person: Path, clip: Path) -> None:
    references = [str(person), str(clip)]
    assert not [finding for finding in check(references).findings if "person" in finding.rule]
    thorough = check(references, thorough=True)
    assert [finding.rule for finding in thorough.findings if "person" in finding.rule] == [IMAGE, VIDEO]
    assert all(finding.severity == "warning" for finding in thorough.findings if "person" in finding.rule)


def test_without_the_extra_nothing_is_said(person: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dlib", None)
    assert _people([str(person)]) == []


def test_nobody_is_nobody(media: Media, tmp_path: Path) -> None:
    Image.effect_noise((900, 700), 60).convert("RGB").save(tmp_path / "noise.png")
    assert _people([str(tmp_path / "noise.png"), str(media("clip_720p.mp4"))]) == []


def test_prepared_files_are_looked_at_before_they_are_submitted(person: Path, media: Media) -> None:
    prepare([str(media("at_limit_300.png")), str(person)], out="ready")
    offers: list[Offer] = []
    for _ in range(2):
        with pytest.raises(RefusedError):
            submit("ready", "a dance", platform=Cloud(), confirm=lambda one: bool(offers.append(one)))
    for one in offers:
        people = [(finding.rule, finding.tag) for finding in one.findings if "person" in finding.rule]
        assert people == [(IMAGE, "@Image2")]
