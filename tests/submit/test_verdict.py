"""The meaning of a refusal for the money."""

from typing import Any

import pytest

from prep.rules.catalogue.refusal import DOCUMENTED
from submit.errors import Refusal
from submit.verdict import Verdict, verdict_of


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_documented_type(name: str) -> None:
    """Errors of the server are never charged; what is refused may be, if the work had begun (docs.fal.ai/faq)."""
    refused = DOCUMENTED[name]
    verdict = verdict_of(refused.status, [name])
    assert verdict.billed == ("no" if refused.status in (500, 502, 503, 504) else "unknown")
    assert verdict.again == refused.again


@pytest.mark.parametrize(
    ("status", "types", "facts", "billed", "again"),
    [
        (422, ["content_policy_violation"], {"retryable": True}, "unknown", False),
        (422, ["generation_timeout", "content_policy_violation"], {}, "unknown", False),
        (504, ["generation_timeout"], {}, "no", True),
        (504, ["generation_timeout"], {"retryable": False}, "no", False),
        (422, ["image_too_small"], {"retryable": True}, "unknown", True),
        (422, ["file_download_error", "image_too_small"], {}, "unknown", False),
        (422, ["file_download_error"], {"taken": False}, "no", True),
        (400, ["downstream_service_error"], {}, "unknown", True),
        (422, ["value_error"], {}, "unknown", False),
        (503, ["something new"], {}, "no", True),
        (500, [], {}, "no", True),
        (404, [], {}, "unknown", False),
        (401, [], {"taken": False}, "no", False),
        (402, [], {}, "no", False),
        (429, [], {"taken": False}, "no", True),
    ],
)
def test_what_decides(status: int, types: list[str], facts: dict[str, Any], billed: str, again: bool) -> None:
    assert verdict_of(status, types, **facts) == Verdict.model_validate({"billed": billed, "again": again})


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (
            Refusal("abc: status 422", 422, [{"type": "image_too_small"}]),
            "abc: status 422; it may be billed; another attempt would be refused too",
        ),
        (
            Refusal("request abc failed: timed out", 504, "timed out", "request_timeout"),
            "request abc failed: timed out; not billed; another attempt may succeed",
        ),
    ],
)
def test_the_message_says_so(refusal: Refusal, said: str) -> None:
    assert str(refusal) == said


@pytest.mark.parametrize("detail", [None, [], {}, "no", [None, 5, {"type": []}]], ids=repr)
def test_any_answer_has_a_verdict(detail: Any) -> None:
    assert Refusal("failed", 422, detail).verdict == Verdict(billed="unknown", again=False)
