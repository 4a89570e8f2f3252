"""Answers of the platform, and their meaning for the job."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from prep.errors import RemoteError
from prep.specs import DEFAULT_ENDPOINT
from submit.errors import Hopeless, Refusal, UnknownRequest
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
    "bad request": httpx.Response(400, json={"detail": "Request is still in progress"}),
    "bad request of the platform": httpx.Response(400, json={"detail": "no", "error_type": "bad_request"}),
    "internal error of the platform": httpx.Response(500, json={"detail": "no", "error_type": "internal_error"}),
    "internal error": httpx.Response(500, json={"detail": "Internal Server Error"}),
    "a bare string": httpx.Response(422, json={"detail": "Unprocessable"}),
    "a list of strings": httpx.Response(422, json={"detail": ["no"]}),
    "an empty list": httpx.Response(422, json={"detail": []}),
    "a list of another status": httpx.Response(503, json={"detail": [{"loc": [], "msg": "no", "type": "new"}]}),
    "a type that nobody knows": httpx.Response(503, json={"detail": "no", "error_type": "new"}),
    "gone": httpx.Response(404, json={"detail": "Request not found"}),
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
        (422, {"detail": [{"loc": ["body"], "msg": "wrong shape", "type": "value_error"}]}),
        (400, {"detail": [{"loc": ["body"], "msg": "failed", "type": "downstream_service_error"}]}),
        (499, {"detail": "Request was cancelled by the client", "error_type": "client_cancelled"}),
        (504, {"detail": "Request timed out", "error_type": "request_timeout"}),
        (503, {"detail": "Runner disconnected", "error_type": "runner_disconnected"}),
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


@pytest.mark.parametrize("status", [400, 401, 403, 422, 429, 500, 503, 504])
def test_a_call_that_fails_says_nothing_of_the_request(through: Through, status: int) -> None:
    """Neither that it was billed nor that it was not: that is known of the job, not of one call about it."""
    fal = through(Wire(httpx.Response(status, json={"detail": "no"})))
    for call in (fal.state, fal.result):
        with pytest.raises(RemoteError) as caught:
            call(DEFAULT_ENDPOINT, "abc")
        assert not isinstance(caught.value, Refusal)
        assert "billed" not in str(caught.value)


@pytest.mark.parametrize("status", [404, 410])
def test_a_request_that_the_platform_does_not_know(through: Through, status: int) -> None:
    fal = through(Wire(httpx.Response(status, json={"detail": "Request not found"})))
    for call in (fal.state, fal.result):
        with pytest.raises(UnknownRequest, match="abc"):
            call(DEFAULT_ENDPOINT, "abc")


@pytest.mark.parametrize("status", [401, 403, 404, 429, 503])
def test_a_list_that_this_key_may_not_read_is_told_from_one_that_can_not_be_read_now(
    through: Through, status: int
) -> None:
    listed = through(Wire(httpx.Response(status, json={"detail": "no"}))).list_requests(
        DEFAULT_ENDPOINT, datetime.now(UTC)
    )
    with pytest.raises(RemoteError) as caught:
        list(listed)
    assert isinstance(caught.value, Hopeless) == (status in (401, 403))


@pytest.mark.parametrize("name", ["a/b", "", None, 5, "x" * 201])
def test_a_listed_request_that_can_not_be_asked_for_hides_no_other(through: Through, name: object) -> None:
    page = {"items": [{"request_id": name}, {"request_id": "r1", "json_input": {"a": 1}}]}
    listed = through(Wire(httpx.Response(200, json=page))).list_requests(DEFAULT_ENDPOINT, datetime.now(UTC))
    assert [(item.request_id, item.arguments) for item in listed] == [("r1", {"a": 1})]


def test_a_list_without_an_end_is_not_taken_for_all(through: Through) -> None:
    page = {"items": [], "has_more": True, "next_cursor": "more"}
    with pytest.raises(RemoteError, match="more requests"):
        list(through(Wire(httpx.Response(200, json=page))).list_requests(DEFAULT_ENDPOINT, datetime.now(UTC)))
