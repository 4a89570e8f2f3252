"""The findings about the parameters of a request."""

from typing import Any

import pytest

from prep.model.generation import Generation
from prep.rules import check_request
from prep.specs import load_spec
from tests.made import FAST, MINI, SEEDANCE_2, SEEDANCE_2_5

UNLISTED, RESET = "request-parameter-unlisted", "request-parameter-reset"


@pytest.mark.parametrize(
    ("endpoint", "fields", "rules"),
    [
        pytest.param(SEEDANCE_2, {}, [], id="nothing-asked"),
        pytest.param(SEEDANCE_2, {"duration": 5, "bitrate_mode": "high"}, [], id="listed"),
        pytest.param(SEEDANCE_2, {"seed": 7}, [(UNLISTED, "seed=7")], id="seed-of-2.0"),
        pytest.param(SEEDANCE_2, {"seed": 0}, [(UNLISTED, "seed=0")], id="seed-0"),
        pytest.param(FAST, {"seed": 7}, [(UNLISTED, "seed=7")], id="seed-of-fast"),
        pytest.param(SEEDANCE_2_5, {"seed": 7}, [], id="seed-of-2.5"),
        pytest.param(MINI, {"seed": 7}, [], id="not-had"),
        pytest.param(SEEDANCE_2_5, {"task": "editing"}, [], id="editing-alone"),
        pytest.param(SEEDANCE_2_5, {"task": "editing", "duration": "auto"}, [], id="editing-auto"),
        pytest.param(
            SEEDANCE_2_5,
            {"task": "editing", "duration": 5, "aspect_ratio": "1:1"},
            [(RESET, "aspect_ratio=1:1"), (RESET, "duration=5")],
            id="editing-both",
        ),
        pytest.param(SEEDANCE_2_5, {"task": "extension", "duration": 5}, [], id="extension-has-a-length"),
        pytest.param(
            SEEDANCE_2_5, {"task": "extension", "aspect_ratio": "1:1"}, [(RESET, "aspect_ratio=1:1")], id="extension"
        ),
    ],
)
def test_findings(endpoint: str, fields: dict[str, Any], rules: list[tuple[str, str]]) -> None:
    findings = check_request(Generation(**fields), load_spec(endpoint))
    assert [(finding.rule, finding.actual) for finding in findings] == rules


def test_what_they_say() -> None:
    (unlisted,) = check_request(Generation(seed=7), load_spec(SEEDANCE_2))
    assert unlisted.message == ("seed is sent, but the endpoint's published schema doesn't list it; it may be ignored")
    (reset,) = check_request(Generation(task="editing", duration=5), load_spec(SEEDANCE_2_5))
    assert reset.message == "duration is ignored: with task=editing the endpoint sets it to auto"
    assert (unlisted.severity, reset.severity) == ("info", "warning")
