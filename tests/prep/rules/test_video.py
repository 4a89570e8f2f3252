"""Rules for videos."""

import pytest

from prep.rules import check_video
from tests.made import video
from tests.prep.rules.tables import TWO, VIDEO_CASES, VideoCase


@pytest.mark.parametrize("case", VIDEO_CASES, ids=lambda case: case.id)
def test_video(case: VideoCase) -> None:
    findings = check_video(case.info, case.limits)
    assert {finding.rule: finding.severity for finding in findings} == case.broken
    assert len(findings) == len(case.broken)


def test_findings_stand_in_a_fixed_order() -> None:
    everything = video(
        200,
        600,
        duration_s=1,
        fps=10,
        container="avi",
        codec="mpeg4",
        audio_codec="ac3",
        rotation=90,
        sar="2:1",
        hdr="pq",
        vfr=True,
        interlaced=True,
        truncated=True,
        private_metadata=("gps",),
        bytes=100,
    )
    assert [finding.rule for finding in check_video(everything, TWO.video)] == [
        "video-container-unsupported",
        "video-codec-unsupported",
        "video-audio-codec-unsupported",
        "video-side-too-short",
        "video-area-too-small",
        "video-aspect-too-narrow",
        "video-fps-too-low",
        "video-too-short",
        "video-truncated",
        "video-not-upright",
        "video-pixels-not-square",
        "video-bit-rate-very-low",
        "video-hdr",
        "video-variable-frame-rate",
        "video-interlaced",
        "video-private-metadata",
    ]
