"""The paid request: sent once, whatever happens to it; against transports that fail at a chosen moment."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import fal_client
import httpx
import pytest

from prep.errors import ExitCode, RemoteError
from prep.specs import DEFAULT_ENDPOINT
from submit.errors import Refusal, SubmitUncertain
from tests.submit.fal.wire import TAKEN, Through, Wire, taken

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")


class _Breaks(httpx.SyncByteStream):
    """A body of which only the beginning arrives."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"request_id": '
        raise self._error


def test_a_request_is_posted_once_and_gives_a_ticket(through: Through) -> None:
    wire = Wire(taken)
    ticket = through(wire).submit(DEFAULT_ENDPOINT, {"prompt": "x", "image_urls": ["https://a"]}, None)
    assert ticket.model_dump() == TAKEN
    [request] = wire.requests
    assert (request.method, str(request.url)) == ("POST", f"https://queue.fal.run/{DEFAULT_ENDPOINT}")
    assert json.loads(request.content) == {"prompt": "x", "image_urls": ["https://a"]}
    assert request.headers["authorization"] == "Key key"


# Whatever happens after the request may have left: it is not sent again.
DOUBTFUL: dict[str, httpx.Response | Exception | Callable[[], httpx.Response]] = {
    "read error": httpx.ReadError("reset"),
    "write error": httpx.WriteError("broken pipe"),
    "read timeout": httpx.ReadTimeout("slow"),
    "write timeout": httpx.WriteTimeout("slow"),
    "server disconnected": httpx.RemoteProtocolError("Server disconnected without sending a response."),
    "request timeout": httpx.Response(408),
    "conflict": httpx.Response(409),
    "bad gateway": httpx.Response(502, text="<html>nginx</html>"),
    "unavailable": httpx.Response(503, text="<html>nginx</html>"),
    "gateway timeout": httpx.Response(504, text="<html>nginx</html>"),
    "internal error": httpx.Response(500, text="<html>nginx</html>"),
    "unknown error of a CDN": httpx.Response(520),
    "timeout of a CDN": httpx.Response(524),
    "no JSON": httpx.Response(200, text="<html>"),
    "no request id": httpx.Response(200, json={}),
    "not an object": httpx.Response(200, json=[]),
    "id of another type": httpx.Response(200, json={**TAKEN, "request_id": 5}),
    "empty": httpx.Response(200),
    "body breaks off": lambda: httpx.Response(200, stream=_Breaks(httpx.ReadError("reset"))),
    "body too short": lambda: httpx.Response(200, stream=_Breaks(httpx.RemoteProtocolError("peer closed connection"))),
    "body times out": lambda: httpx.Response(200, stream=_Breaks(httpx.ReadTimeout("slow"))),
    "not gzip": lambda: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=_Breaks(httpx.ReadError("x"))),
}


ANSWERS = [case for case, answer in DOUBTFUL.items() if not isinstance(answer, Exception)]


@pytest.mark.parametrize("case", DOUBTFUL)
def test_in_doubt_it_is_not_sent_again(through: Through, case: str) -> None:
    wire = Wire(DOUBTFUL[case], taken)
    with pytest.raises(SubmitUncertain) as caught:
        through(wire).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert len(wire.requests) == 1
    assert "Error" not in str(caught.value), "no name of an exception"
    if case == "server disconnected":
        assert str(caught.value).endswith("the server closed the connection without an answer")


@pytest.mark.parametrize("host", ["queue.staging.fal.ai", "rest.fal.ai", "v3.fal.media", "fal.ai", "proxy.example"])
def test_the_host_that_the_environment_names_makes_no_difference(
    through: Through, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr("fal_client.client.QUEUE_URL_FORMAT", f"https://{host}/")  # as FAL_QUEUE_RUN_HOST would
    wire = Wire(httpx.ReadError("reset"), taken)
    with pytest.raises(SubmitUncertain):
        through(wire).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert [request.url.host for request in wire.requests] == [host]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(through: Through, status: int) -> None:
    """Each hop would be one more POST that may be accepted, at an address that nobody chose."""
    away = httpx.Response(status, headers={"location": f"https://eu.fal.run/{DEFAULT_ENDPOINT}"})
    wire = Wire(away, taken)
    with pytest.raises(SubmitUncertain, match=f"{status}.*redirect"):
        through(wire).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert [request.url.host for request in wire.requests] == ["queue.fal.run"]


@pytest.mark.parametrize("case", ANSWERS)
def test_a_request_id_in_a_header_is_kept_from_any_answer(through: Through, case: str) -> None:
    make = DOUBTFUL[case]
    answer = make() if callable(make) else make
    assert isinstance(answer, httpx.Response)
    named = httpx.Response(
        answer.status_code, headers=[*answer.headers.raw, (b"x-fal-request-id", b"r-1")], stream=answer.stream
    )
    with pytest.raises(SubmitUncertain) as caught:
        through(Wire(named)).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert caught.value.hint == "r-1"


@pytest.mark.parametrize(
    "answer", [{"request_id": "r-2"}, {**TAKEN, "request_id": "r-2", "status_url": 5}], ids=["alone", "odd"]
)
def test_a_request_id_in_the_answer_is_kept_as_well(through: Through, answer: dict[str, object]) -> None:
    with pytest.raises(SubmitUncertain) as caught:
        through(Wire(httpx.Response(200, json=answer))).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert caught.value.hint == "r-2"


@pytest.mark.parametrize("evil", ["../../x", "a b", "a\nb", "x" * 300])
def test_an_id_that_can_not_be_one_is_no_hint(through: Through, evil: str) -> None:
    with pytest.raises(SubmitUncertain) as caught:
        through(Wire(httpx.Response(200, json={"request_id": evil}))).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert caught.value.hint is None


def test_a_refusal_keeps_the_request_id(through: Through) -> None:
    answer = httpx.Response(422, headers={"x-fal-request-id": "r-3"}, json={"detail": "no"})
    with pytest.raises(Refusal, match="request r-3") as caught:
        through(Wire(answer)).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert caught.value.request_id == "r-3"


@pytest.mark.parametrize("refused", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.Response(429)])
def test_what_certainly_did_not_arrive_is_sent_again(through: Through, refused: httpx.Response | Exception) -> None:
    """A failed connection is tried at the platform's second domain first, so it has to fail twice."""
    wire = Wire(refused, refused, taken)
    assert through(wire).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None).request_id == "abc"
    assert len(wire.requests) == 3


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ProxyError("no proxy")])
def test_no_connection_at_all_is_no_doubt(through: Through, error: Exception) -> None:
    with pytest.raises(RemoteError, match="nothing was submitted") as caught:
        through(Wire(error)).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert not isinstance(caught.value, SubmitUncertain)
    assert caught.value.exit_code == ExitCode.REMOTE


@contextmanager
def _server(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server on loopback that reads each request whole, sends *answer* and hangs up; its port, and what came."""
    came: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                data = connection.recv(65_536)
                head, _, body = data.partition(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                while len(body) < length:
                    body += connection.recv(65_536)
                came.append(head)
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], came
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


class _ToLoopback(httpx.BaseTransport):
    """Sends everything to one port of this machine, over real sockets."""

    def __init__(self, port: int) -> None:
        self._port, self._sockets = port, httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return self._sockets.handle_request(
            httpx.Request(
                request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
            )
        )


BODY = json.dumps(TAKEN).encode()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 2", HEAD, HEAD + BODY[:20], b"nonsense\r\n\r\n", b"HTTP/1.1 503 Unavailable\r\n\r\nnginx"],
    ids=["nothing", "half a line", "no body", "half a body", "nonsense", "503"],
)
def test_a_dropped_connection_makes_one_post(through: Through, answer: bytes) -> None:
    with _server(answer) as (port, came):
        with pytest.raises(SubmitUncertain):
            through(_ToLoopback(port)).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
        assert [head.split(b" ")[0] for head in came] == [b"POST"]


def test_a_whole_answer_over_sockets(through: Through) -> None:
    with _server(HEAD + BODY) as (port, came):
        assert through(_ToLoopback(port)).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None).request_id == "abc"
        assert len(came) == 1


def test_without_the_guard_the_client_posts_again() -> None:
    """What the guard is for. When this fails, fal_client has changed, and the guard may be simplified."""
    wire = Wire(httpx.ReadError("reset"), taken)
    client = fal_client.SyncClient(key="key")
    client.__dict__["_client"] = httpx.Client(transport=httpx.MockTransport(wire))
    client.submit(DEFAULT_ENDPOINT, {"prompt": "x"})
    assert len(wire.requests) == 2
