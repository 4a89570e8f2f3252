"""Rules for sounds."""

import pytest

from prep.rules import check_audio
from tests.prep.rules.tables import AUDIO_CASES, AudioCase


@pytest.mark.parametrize("case", AUDIO_CASES, ids=lambda case: case.id)
def test_audio(case: AudioCase) -> None:
    findings = check_audio(case.info, case.limits)
    assert {finding.rule: finding.severity for finding in findings} == case.broken
    assert len(findings) == len(case.broken)
