"""Findings of `check`: each is said once, and says what prep does about it where prep re-makes the file anyway."""

from typing import Any

import pytest

from prep import check, plan
from prep.model.finding import Finding
from prep.model.plan import Options
from prep.model.report import Report
from tests.types import Media


def _finding(report: Report, rule: str) -> Finding:
    (finding,) = [finding for finding in report.findings if finding.rule == rule]
    return finding


@pytest.mark.parametrize(
    ("ref", "rule", "fix"),
    [
        ("hdr10.mp4#t=0.5,2.5", "video-hdr", "map the colours to SDR"),
        ("hdr10.mp4", "video-hdr", None),
        ("vfr.mp4#t=0.5,2.6", "video-variable-frame-rate", "set a constant frame rate"),
        ("interlaced.mp4", "video-interlaced", "deinterlace the picture"),
        ("animated.gif", "image-animated", "keep one frame"),
        ("photo_hdr.heic", "image-hdr", "map the colours to SDR"),
        ("photo_gps.jpg", "image-private-metadata", None),
        ("photo_gps.jpg#xywh=0,0,600,600", "image-private-metadata", "remove the metadata"),
    ],
)
def test_what_is_fixed_beside_other_things(media: Media, ref: str, rule: str, fix: str | None) -> None:
    name, mark, fragment = ref.partition("#")
    finding = _finding(check([f"{media(name)}{mark}{fragment}"]), rule)
    assert finding.fix == fix
    assert ("strip_metadata" in finding.message) == (rule.endswith("-private-metadata") and fix is None)
    remaining = {left.rule for left in plan([f"{media(name)}{mark}{fragment}"]).warnings}
    assert (rule in remaining) == (fix is None), "the plan says the same"


def test_metadata_that_is_stripped_is_fixed(media: Media) -> None:
    report = check([media("photo_gps.jpg")], options=Options(strip_metadata=True))
    assert _finding(report, "image-private-metadata").fix == "remove the metadata"


@pytest.mark.parametrize(
    ("names", "options", "rules"),
    [
        (["clip_1080p_20s.mp4"], {}, ["video-too-long"]),
        (["clip_1080p_20s.mp4", "clip_720p_10s.mp4"], {}, ["video-too-long", "videos-too-long"]),
        (["short_1s.mp4"], {}, ["video-too-short"]),
        (["short_1s.mp4"], {"short": "refuse"}, ["video-too-short"]),
    ],
    ids=["long", "long, with another", "short", "short, refused"],
)
def test_what_is_wrong_with_the_only_clip_is_said_once(
    media: Media, names: list[str], options: dict[str, Any], rules: list[str]
) -> None:
    chosen = Options(**options)
    references = [media(name) for name in names]
    found = [finding.rule for finding in check(references, options=chosen).findings]
    assert [rule for rule in found if "-too-long" in rule or "-too-short" in rule] == rules
    if options:
        assert [finding.rule for finding in plan(references, options=chosen).unfixable] == rules
