"""Answers of odd shape, and without end: what was paid for is kept in any case, and no call waits for ever."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from prep.errors import Cancelled, RemoteError
from prep.specs import DEFAULT_ENDPOINT
from submit.errors import NotSent, SubmitUncertain
from submit.fal import Fal, bounded
from submit.journal import Journal
from submit.platform import Answer, State, Ticket
from tests.submit.fal.wire import TAKEN, TOKEN, Handler, Through, Wire, for_uploads, taken
from tests.submit.journal.records import record

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
VIDEO = {"url": "https://v3.fal.media/a.mp4", "file_size": 5}
TICKET = Ticket.model_validate(TAKEN)


Uploading = Callable[..., str]


@pytest.fixture
def uploading(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Uploading:
    """Uploads a file over the given wire. Whoever waits half a second for an answer has cancelled."""

    def upload(wire: Handler, fal: Fal | None = None) -> str:
        monkeypatch.setattr("submit.fal.counting.BackupDomainTransport", lambda: httpx.MockTransport(wire))
        monkeypatch.setattr("fal_client.client.BASE_DELAY", 0)
        (tmp_path / "a.png").write_bytes(b"x" * 100)
        return (fal or Fal("key")).upload(tmp_path / "a.png", "image/png", "1d", lambda sent: _cancel(sent, fal))

    return upload


def _cancel(sent: int, fal: Fal | None) -> None:
    if fal is not None:
        raise Cancelled("cancelled")


def _nested(depth: int) -> str:
    return "[" * depth + "]" * depth


ODD = [
    *(r'"\ud800"', r'{"\udfff": 1}', _nested(250), _nested(900), _nested(100_000)),
    *("NaN", "1e999", "9" * 4000, "-" + "9" * 5000, r'"\u0000"'),
]


class _Endless(httpx.SyncByteStream):
    def __init__(self, part: bytes) -> None:
        self._part = part

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"a": "'
        while True:
            yield self._part


@pytest.mark.parametrize(
    "extra",
    ODD,
    ids=[
        "half a character",
        "half a key",
        "deep",
        "very deep",
        "bottomless",
        "NaN",
        "infinite",
        "long",
        "longer",
        "NUL",
    ],
)
@pytest.mark.parametrize("units", ["119.7", "1e24", "1e999999", "-100000", "9" * 400, "NaN"])
def test_a_result_can_be_kept_and_read_back(through: Through, tmp_path: Any, extra: str, units: str) -> None:
    text = f'{{"video": {json.dumps(VIDEO)}, "x": {extra}}}'
    wire = Wire(httpx.Response(200, text=text, headers={"x-fal-billable-units": units}))
    answer = through(wire).result(DEFAULT_ENDPOINT, "abc")
    assert isinstance(answer, Answer) and answer.body["video"] == VIDEO
    journal = Journal(tmp_path)
    job, _ = journal.begin(record(), again=True)
    for state in ("uploaded", "submitting"):
        job = journal.move(job, state)
    job = journal.move(job, "submitted", ticket=TICKET)
    job = journal.move(job, "completed", result=answer.body, billed_units=answer.billed_units)
    assert Journal(tmp_path).get(job.id).result == job.result
    assert job.owed_microusd >= 0


@pytest.mark.parametrize("extra", ["9" * 5000, _nested(100_000)], ids=["long", "deep"])
def test_the_state_and_the_ticket_are_read_beside_it(through: Through, extra: str) -> None:
    text = f'{{"status": "COMPLETED", "logs": [], "metrics": {extra}}}'
    assert through(Wire(httpx.Response(200, text=text))).state(DEFAULT_ENDPOINT, "abc").status == "completed"
    text = f'{json.dumps(TAKEN)[:-1]}, "x": {extra}}}'
    wire = Wire(httpx.Response(200, text=text))
    assert through(wire).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None).request_id == "abc"
    assert len(wire.requests) == 1


@pytest.mark.parametrize("call", ["result", "state"])
def test_an_answer_without_end(through: Through, call: str) -> None:
    wire = Wire(lambda: httpx.Response(200, stream=_Endless(b"x" * 100_000)))
    with pytest.raises(RemoteError, match=r"larger than 16,000,000 bytes"):
        getattr(through(wire), call)(DEFAULT_ENDPOINT, "abc")


NO_LOGS = State(status="completed")
QUEUED = State(status="queued")
STATES: dict[str, tuple[dict[str, Any], State]] = {
    "completed": ({"status": "COMPLETED"}, NO_LOGS),
    "null": ({"status": "COMPLETED", "logs": None}, NO_LOGS),
    "odd logs": ({"status": "COMPLETED", "logs": [5, {"message": "a"}]}, State(status="completed", logs=("a",))),
    "running": ({"status": "IN_PROGRESS", "metrics": []}, State(status="running")),
    "queued": ({"status": "IN_QUEUE"}, QUEUED),
    "no position": ({"status": "IN_QUEUE", "queue_position": None}, QUEUED),
    "half a position": ({"status": "IN_QUEUE", "queue_position": 1.5}, QUEUED),
    "a position below none": ({"status": "IN_QUEUE", "queue_position": -1}, QUEUED),
    "a position": ({"status": "IN_QUEUE", "queue_position": 2}, State(status="queued", position=2)),
}


@pytest.mark.parametrize(("answer", "state"), STATES.values(), ids=STATES)
def test_a_state_without_what_is_said_beside_it(through: Through, answer: dict[str, Any], state: State) -> None:
    wire = Wire(lambda: httpx.Response(200, json=answer))
    assert through(wire).state(DEFAULT_ENDPOINT, "abc") == state
    assert wire.requests[0].url.params["logs"] == "true"


@pytest.mark.parametrize("answer", [None, [], {}, {"status": None}, {"status": []}, {"status": "NEW"}, 5])
def test_a_state_that_is_none(through: Through, answer: object) -> None:
    with pytest.raises(RemoteError, match="the state of abc failed: the answer is not as documented"):
        through(Wire(lambda: httpx.Response(200, json=answer))).state(DEFAULT_ENDPOINT, "abc")


@pytest.mark.parametrize("call", ["state", "result"])
def test_a_silent_platform_is_asked_once(through: Through, call: str) -> None:
    """The client would ask ten times, two minutes each, and no cancellation would reach it."""
    wire = Wire(httpx.ReadTimeout("late"))
    with pytest.raises(RemoteError, match="abc failed: no answer in time"):
        getattr(through(wire), call)(DEFAULT_ENDPOINT, "abc")
    [request] = wire.requests
    assert request.extensions["timeout"]["read"] <= 60


def test_a_slow_answer(through: Through, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "ANSWER_S", -1.0)
    wire = Wire(lambda: httpx.Response(200, stream=_Endless(b"x")))
    with pytest.raises(RemoteError, match=r"took longer than"):
        through(wire).result(DEFAULT_ENDPOINT, "abc")


def test_an_answer_without_end_to_the_paid_request(through: Through) -> None:
    wire = Wire(lambda: httpx.Response(200, stream=_Endless(b"x" * 100_000)))
    with pytest.raises(SubmitUncertain):
        through(wire).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("name", ["../../x", "a/b", "..", "a b", "", "x" * 201])
def test_a_request_id_that_leads_elsewhere(through: Through, name: str) -> None:
    wire = Wire(lambda: httpx.Response(200, json=TAKEN | {"request_id": name}))
    with pytest.raises(SubmitUncertain):
        through(wire).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("address", ["http://[::1", "https://a\x00b/", "x" * 70_000], ids=["bracket", "NUL", "long"])
def test_an_address_that_is_none_is_the_error_of_that_upload(uploading: Uploading, address: str) -> None:
    """The platform names where files are to be sent."""
    wire = Wire(httpx.Response(200, json={**TOKEN, "base_url": address, "upload_url": address, "file_url": address}))
    with pytest.raises(RemoteError, match=r"uploading a\.png failed"):
        uploading(wire)


@pytest.mark.parametrize("call", ["token", "file"])
def test_an_answer_without_end_to_an_upload(uploading: Uploading, call: str) -> None:
    wire = Wire(lambda: httpx.Response(200, stream=_Endless(b"x" * 100_000)))
    with pytest.raises(RemoteError, match=r"uploading a\.png failed: the answer is larger than 16,000,000 bytes"):
        uploading(wire if call == "token" else for_uploads(wire))


@pytest.mark.parametrize("answer", [None, 7, [], {}, {"token": 1, "expires_at": "x"}, {**TOKEN, "expires_at": 5}])
def test_a_token_that_is_none(uploading: Uploading, answer: object) -> None:
    wire = Wire(lambda: httpx.Response(200, json=answer))
    with pytest.raises(RemoteError, match=r"uploading a\.png failed: the answer is not as documented"):
        uploading(wire)


def test_a_token_that_another_upload_waits_for(through: Through, uploading: Uploading, tmp_path: Path) -> None:
    """A cancelled upload does not wait until the other one has its token."""
    fal = through(Wire(taken))
    with fal._client._token_manager._lock, pytest.raises(Cancelled):
        uploading(Wire(taken), fal)


URLS: dict[str, object] = {
    "none": None,
    "empty": "",
    "object": {"a": 1},
    "number": 7,
    "ftp": "ftp://x/y",
    "http": "http://x/y",
    "no host": "https:///x",
    "line break": "https://a/b\nc",
    "space": "https://a/b c",
}


@pytest.mark.parametrize("url", URLS.values(), ids=URLS)
def test_the_url_of_an_upload_is_one(uploading: Uploading, url: object) -> None:
    """It goes into the paid request."""
    wire = Wire(httpx.Response(200, json={"access_url": url}))
    with pytest.raises(RemoteError, match=r"^uploading a\.png failed: the platform answered .*, not an https:// URL$"):
        uploading(for_uploads(wire))
    assert uploading(for_uploads(Wire(httpx.Response(200, json={"access_url": "https://a/b"})))) == "https://a/b"


def test_a_platform_without_an_address_gets_nothing(through: Through) -> None:
    wire = Wire(httpx.InvalidURL("Invalid port"))
    with pytest.raises(NotSent, match="address can't be read, nothing was submitted"):
        through(wire).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
