"""Answers of the platform, and their meaning for the job."""

from typing import Any

import httpx
import pytest

from prep.errors import RemoteError
from prep.specs import DEFAULT_ENDPOINT
from submit.errors import Refusal
from tests.submit.fal.wire import Through, Wire

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(401, json={"detail": "Invalid key"}), "Invalid key"),
        (httpx.Response(403, json={"detail": "Exhausted balance"}), "Exhausted balance"),
        (httpx.Response(404, json={"detail": "Application not found"}), "not found"),
        (httpx.Response(422, json={"detail": [{"loc": ["body"], "msg": "bad", "type": "value_error"}]}), "422"),
        (httpx.Response(400, text="no JSON"), "400"),
        (httpx.Response(400, json=["no object"]), "400"),
    ],
)
def test_a_plain_refusal(through: Through, answer: httpx.Response, said: str) -> None:
    wire = Wire(answer)
    with pytest.raises(Refusal, match=said) as caught:
        through(wire).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert caught.value.status_code == answer.status_code
    assert len(wire.requests) == 1


# What stands between us and a finished job: the job itself is not refused, its result can be fetched later.
PASSING: dict[str, httpx.Response | Exception] = {
    "bad gateway": httpx.Response(502, text="<html>nginx</html>"),
    "unavailable": httpx.Response(503, text="<html>nginx</html>"),
    "gateway timeout": httpx.Response(504, text="<html>nginx</html>"),
    "too many requests": httpx.Response(429, json={"detail": "slow down"}),
    "key was revoked": httpx.Response(401, json={"detail": "Invalid key"}),
    "read error": httpx.ReadError("reset"),
    "no JSON": httpx.Response(200, text="<html>"),
    "a list": httpx.Response(200, json=[]),
}


@pytest.mark.parametrize("case", PASSING)
def test_a_result_that_can_not_be_fetched_now_is_not_refused(through: Through, case: str) -> None:
    with pytest.raises(RemoteError) as caught:
        through(Wire(PASSING[case])).result(DEFAULT_ENDPOINT, "abc")
    assert not isinstance(caught.value, Refusal)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (422, {"detail": [{"loc": ["body"], "msg": "bad", "type": "image_too_small"}]}),
        (500, {"detail": [{"loc": ["body"], "msg": "Internal server error", "type": "internal_server_error"}]}),
        (504, {"detail": [{"loc": ["body"], "msg": "Generation timeout", "type": "generation_timeout"}]}),
        (499, {"detail": "Request was cancelled by the client", "error_type": "client_cancelled"}),
    ],
)
def test_a_result_that_is_a_refusal(through: Through, status: int, body: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        through(Wire(httpx.Response(status, json=body))).result(DEFAULT_ENDPOINT, "abc")
    assert (caught.value.status_code, caught.value.detail) == (status, body["detail"])


@pytest.mark.parametrize(
    ("status", "body"), [(200, {}), (200, {"status": "NONSENSE"}), (200, []), (404, {"detail": "Request not found"})]
)
def test_a_state_that_is_not_understood(through: Through, status: int, body: Any) -> None:
    with pytest.raises(RemoteError, match="abc"):
        through(Wire(httpx.Response(status, json=body))).state(DEFAULT_ENDPOINT, "abc")
