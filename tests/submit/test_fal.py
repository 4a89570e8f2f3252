"""The client of the real platform: against the sandbox, and against transports that fail at a chosen moment."""

import gc
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import fal_client
import httpx
import pytest
from fal_client.client import BackupDomainTransport

from prep.errors import ExitCode, RefusedError, RemoteError
from prep.model.generation import Generation
from prep.specs import DEFAULT_ENDPOINT
from submit import run
from submit.fal import Fal, key_from_environment
from submit.ports import Refusal, SubmitUncertain
from submit.sandbox import Sandbox, running

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")

Media = Callable[[str], Path]
Handler = Callable[[httpx.Request], httpx.Response]
TAKEN = {
    "request_id": "abc",
    "response_url": "https://queue.fal.run/o/a/requests/abc",
    "status_url": "https://queue.fal.run/o/a/requests/abc/status",
    "cancel_url": "https://queue.fal.run/o/a/requests/abc/cancel",
}


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with running(tmp_path / "sandbox", queue_s=0.05) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        yield sandbox
    gc.collect()


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch) -> Callable[[httpx.BaseTransport | Handler], Fal]:
    """A Fal whose client sends through the given transport; its guard and its retries are the real ones."""

    def made(transport: httpx.BaseTransport | Handler) -> Fal:
        inner = transport if isinstance(transport, httpx.BaseTransport) else httpx.MockTransport(transport)
        monkeypatch.setattr("submit.fal.one_post.BackupDomainTransport", lambda: BackupDomainTransport(transport=inner))
        monkeypatch.setattr("fal_client.client.BASE_DELAY", 0)  # retries follow at once
        return Fal("key")

    return made


class Cloud:
    """A handler that keeps what arrives and answers the posts one after another; the last answer stays."""

    def __init__(self, *answers: httpx.Response | Exception | Callable[[], httpx.Response]) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer()


def ignore(*_: int) -> None:
    """Progress that nobody looks at."""


def _taken() -> httpx.Response:
    return httpx.Response(200, json=TAKEN)


class _Breaks(httpx.SyncByteStream):
    """A body of which only the beginning arrives."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"request_id": '
        raise self._error


def test_a_request_is_posted_once_and_gives_a_ticket(through: Any) -> None:
    cloud = Cloud(_taken)
    ticket = through(cloud).submit(DEFAULT_ENDPOINT, {"prompt": "x", "image_urls": ["https://a"]}, None)
    assert ticket.model_dump() == TAKEN
    [request] = cloud.requests
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


@pytest.mark.parametrize("case", DOUBTFUL)
def test_in_doubt_it_is_not_sent_again(through: Any, case: str) -> None:
    cloud = Cloud(DOUBTFUL[case], _taken)
    with pytest.raises(SubmitUncertain):
        through(cloud).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert len(cloud.requests) == 1


def test_a_redirect_that_breaks_off_is_in_doubt_as_well(through: Any) -> None:
    away = httpx.Response(307, headers={"location": f"https://eu.fal.run/{DEFAULT_ENDPOINT}"})
    cloud = Cloud(away, httpx.ReadError("reset"), _taken)
    with pytest.raises(SubmitUncertain):
        through(cloud).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert [request.url.host for request in cloud.requests] == ["queue.fal.run", "eu.fal.run"]


@pytest.mark.parametrize("refused", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.Response(429)])
def test_what_certainly_did_not_arrive_is_sent_again(through: Any, refused: httpx.Response | Exception) -> None:
    """A failed connection is tried at the platform's second domain first, so it has to fail twice."""
    cloud = Cloud(refused, refused, _taken)
    assert through(cloud).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None).request_id == "abc"
    assert len(cloud.requests) == 3


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ProxyError("no proxy")])
def test_no_connection_at_all_is_no_doubt(through: Any, error: Exception) -> None:
    with pytest.raises(RemoteError, match="nothing was submitted") as caught:
        through(Cloud(error)).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert not isinstance(caught.value, SubmitUncertain)
    assert caught.value.exit_code == ExitCode.REMOTE


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
def test_a_plain_refusal(through: Any, answer: httpx.Response, said: str) -> None:
    cloud = Cloud(answer)
    with pytest.raises(Refusal, match=said) as caught:
        through(cloud).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
    assert caught.value.status_code == answer.status_code
    assert len(cloud.requests) == 1


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
def test_a_dropped_connection_makes_one_post(through: Any, answer: bytes) -> None:
    with _server(answer) as (port, came):
        with pytest.raises(SubmitUncertain):
            through(_ToLoopback(port)).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None)
        assert [head.split(b" ")[0] for head in came] == [b"POST"]


def test_a_whole_answer_over_sockets(through: Any) -> None:
    with _server(HEAD + BODY) as (port, came):
        assert through(_ToLoopback(port)).submit(DEFAULT_ENDPOINT, {"prompt": "x"}, None).request_id == "abc"
        assert len(came) == 1


def test_without_the_guard_the_client_posts_again() -> None:
    """What the guard is for. When this fails, fal_client has changed, and the guard may be simplified."""
    cloud = Cloud(httpx.ReadError("reset"), _taken)
    client = fal_client.SyncClient(key="key")
    client.__dict__["_client"] = httpx.Client(transport=httpx.MockTransport(cloud))
    client.submit(DEFAULT_ENDPOINT, {"prompt": "x"})
    assert len(cloud.requests) == 2


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
def test_a_result_that_can_not_be_fetched_now_is_not_refused(through: Any, case: str) -> None:
    with pytest.raises(RemoteError) as caught:
        through(Cloud(PASSING[case])).result(DEFAULT_ENDPOINT, "abc")
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
def test_a_result_that_is_a_refusal(through: Any, status: int, body: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        through(Cloud(httpx.Response(status, json=body))).result(DEFAULT_ENDPOINT, "abc")
    assert (caught.value.status_code, caught.value.detail) == (status, body["detail"])


@pytest.mark.parametrize(
    ("status", "body"), [(200, {}), (200, {"status": "NONSENSE"}), (200, []), (404, {"detail": "Request not found"})]
)
def test_a_state_that_is_not_understood(through: Any, status: int, body: Any) -> None:
    with pytest.raises(RemoteError, match="abc"):
        through(Cloud(httpx.Response(status, json=body))).state(DEFAULT_ENDPOINT, "abc")


@pytest.mark.parametrize(
    "url",
    [
        "http://v3.fal.media/x.mp4",
        "https://evil.example/x.mp4",
        "https://fal.media.evil.example/x.mp4",
        "https://evilfal.media/x.mp4",
        "https://fal.media@evil.example/x.mp4",
        "https://127.0.0.1/x.mp4",
        "file:///etc/passwd",
        "ftp://fal.media/x.mp4",
        "https://",
        "//fal.media/x.mp4",
        "https://[fal.media/x.mp4",
        "",
    ],
)
def test_results_come_from_their_own_hosts_only(tmp_path: Path, url: str) -> None:
    with pytest.raises(RemoteError):
        Fal("key").download(url, tmp_path / "result.mp4", None, ignore)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_key(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("FAL_KEY", value)
    with pytest.raises(RefusedError, match="FAL_KEY is not set") as caught:
        key_from_environment()
    assert caught.value.exit_code == ExitCode.REFUSED == 5


def test_an_upload_keeps_the_type_it_was_given(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "video1-clip.mov"
    path.write_bytes(b"content")
    url = Fal(os.environ["FAL_KEY"]).upload(path, "video/quicktime", "7d", ignore)
    [stored] = box.objects()
    assert (stored.url, stored.file_name, stored.content_type, stored.size_bytes) == (
        url,
        path.name,
        "video/quicktime",
        7,
    )


def test_an_upload_that_is_refused(box: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"content")
    with pytest.raises(RemoteError, match=r"a\.png"):
        Fal("").upload(tmp_path / "a.png", "image/png\n", "7d", ignore)


def test_a_download_is_whole_or_not_there(box: Sandbox, tmp_path: Path) -> None:
    fal = Fal(os.environ["FAL_KEY"])
    (tmp_path / "a.mp4").write_bytes(os.urandom(300_000))
    url = fal.upload(tmp_path / "a.mp4", "video/mp4", "7d", ignore)
    fal.download(url, tmp_path / "b.mp4", 300_000, ignore)
    assert (tmp_path / "b.mp4").read_bytes() == (tmp_path / "a.mp4").read_bytes()
    with pytest.raises(RemoteError, match="404"):
        fal.download(f"{url}x", tmp_path / "c.mp4", None, ignore)
    for announced in (299_999, 300_001):
        with pytest.raises(RemoteError, match=r"300,000 bytes, the answer says"):
            fal.download(url, tmp_path / "d.mp4", announced, ignore)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["a.mp4", "b.mp4"]


def test_a_bad_request_is_told_by_the_result(box: Sandbox) -> None:
    fal = Fal(os.environ["FAL_KEY"])
    ticket = fal.submit(DEFAULT_ENDPOINT, {"prompt": "x", "duration": 4}, None)
    while fal.state(DEFAULT_ENDPOINT, ticket.request_id).status != "completed":
        pass
    with pytest.raises(Refusal) as caught:
        fal.result(DEFAULT_ENDPOINT, ticket.request_id)
    assert caught.value.status_code == 422
    assert caught.value.detail[0]["loc"] == ["body", "duration"]
    assert len(box.requests()) == 1


def test_the_whole_way_through_the_sandbox(box: Sandbox, media: Media, tmp_path: Path) -> None:
    references = [f"hero={media('photo_orient6.jpg')}", f"{media('silent_720p.mp4')}#t=0.5,2.5"]
    generation = Generation(duration="4", resolution="480p", aspect_ratio="16:9", seed=11)
    messages: list[str] = []
    outcome = run(
        references,
        "@hero dances like @Video1",
        out=tmp_path / "out",
        generation=generation,
        poll_s=0.02,
        progress=lambda event: messages.append(event.message),
    )
    [request] = box.requests()
    assert (request.request_id, request.endpoint) == (outcome.request_id, DEFAULT_ENDPOINT)
    assert request.body == outcome.request.arguments()
    assert request.body["prompt"] == "@Image1 dances like @Video1"
    sent = [path.read_bytes() for path in sorted((box.directory / "files").iterdir())]
    for entry in outcome.manifest.entries:
        assert (tmp_path / "out" / entry.output.path).read_bytes() in sent
    assert {(stored.file_name, stored.content_type) for stored in box.objects()[:2]} == {
        (entry.output.path, entry.output.media_type) for entry in outcome.manifest.entries
    }
    with av.open(outcome.result.path) as video:
        assert video.streams.video[0].width == 864
        assert video.duration == 4_000_000
    [charge] = box.ledger
    assert outcome.cost is not None and charge.usd is not None
    assert outcome.cost.min_usd == outcome.cost.max_usd
    assert float(outcome.cost.max_usd) == pytest.approx(float(charge.usd), abs=1e-3)
    assert outcome.result.seed == 11
    assert any(message.startswith("generating") for message in messages)
    receipt = json.loads((tmp_path / "out" / "receipt.json").read_text())
    assert receipt["state"] == "downloaded"
    assert "this-is-not-a-key" not in (tmp_path / "out" / "receipt.json").read_text()
