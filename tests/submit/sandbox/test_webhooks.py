"""A webhook all the way: submitted with the real client, signed by the sandbox, verified as in the docs."""

import gc
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import fal_client
import httpx
import pytest

from submit.sandbox import Sandbox, running
from submit.sandbox.webhooks import is_loopback
from submit.webhook import SEEN, Notice
from submit.webhook.keys import PublishedKeys

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")

ENDPOINT = "bytedance/seedance-2.0/fast/reference-to-video"
GOOD = {"prompt": "a cat", "resolution": "480p", "duration": "4", "seed": 7}
DOCUMENT = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text(encoding="utf-8")
CODE = dict(re.findall(r"^## ([^\n]*)\n.*?```python\n(.*?)```", DOCUMENT, re.MULTILINE | re.DOTALL))


class Hook(BaseHTTPRequestHandler):
    """Answers as the function of the document does."""

    server: "Listening"

    def do_POST(self) -> None:
        names: dict[str, Callable[..., int]] = {}
        exec(CODE["Verify"], names)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = names["hook"](self.headers, body, self.server.handle)
        self.server.answers.append((status, dict(self.headers.items())))
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Listening(HTTPServer):
    """Hands every notice to *handle*; *answers* has what was answered, and to which headers."""

    def __init__(self, handle: Callable[[Notice], None]) -> None:
        super().__init__(("127.0.0.1", 0), Hook)
        self.handle = handle
        self.answers: list[tuple[int, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?job=1"


@contextmanager
def _listening(handle: Callable[[Notice], None]) -> Iterator[Listening]:
    with Listening(handle) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    SEEN.clear()


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """By the real clock: what is signed carries the time."""
    monkeypatch.setattr("submit.webhook.signature.PUBLISHED", PublishedKeys())
    with running(tmp_path / "sandbox", queue_s=0) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        yield sandbox
    gc.collect()


def _logged(handle: fal_client.SyncRequestHandle, what: str) -> str:
    """Wait for a line of the job's log that has *what*."""
    while True:
        status = handle.status(with_logs=True)
        lines = status.logs if isinstance(status, fal_client.Completed) else None
        messages = [line["message"] for line in lines or [] if what in line["message"]]
        if messages:
            return str(messages[-1])


def test_a_finished_job_is_reported(box: Sandbox) -> None:
    notices: list[Notice] = []
    with _listening(notices.append) as server:
        handle = fal_client.SyncClient().submit(ENDPOINT, GOOD, webhook_url=server.url)
        assert _logged(handle, "webhook") == "webhook answered with 200"
    [notice] = notices
    assert (notice.request_id, notice.status, notice.error) == (handle.request_id, "OK", None)
    assert notice.payload == handle.get(interval=0.01)


def test_a_refused_job_is_reported(box: Sandbox) -> None:
    notices: list[Notice] = []
    with _listening(notices.append) as server:
        handle = fal_client.SyncClient().submit(ENDPOINT, {**GOOD, "duration": 4}, webhook_url=server.url)
        _logged(handle, "webhook")
    [notice] = notices
    assert (notice.status, notice.error) == ("ERROR", "Invalid status code: 422")
    assert notice.payload["detail"][0]["loc"] == ["body", "duration"]


def test_what_was_not_handled_comes_again(box: Sandbox) -> None:
    notices: list[Notice] = []

    def handle(notice: Notice) -> None:
        notices.append(notice)
        if len(notices) < 3:
            raise RuntimeError("the database is away")

    with _listening(handle) as server:
        submitted = fal_client.SyncClient().submit(ENDPOINT, {**GOOD, "duration": 4}, webhook_url=server.url)
        _logged(submitted, "webhook answered with 200")
    assert [status for status, _ in server.answers] == [500, 500, 200]
    assert len({notice.request_id for notice in notices}) == 1


def test_a_forgery_is_not_handled(box: Sandbox) -> None:
    notices: list[Notice] = []
    with _listening(notices.append) as server:
        handle = fal_client.SyncClient().submit(ENDPOINT, {**GOOD, "duration": 4}, webhook_url=server.url)
        _logged(handle, "webhook answered")
        [(_, headers)] = server.answers
        with httpx.Client(trust_env=False) as http:
            forged = http.post(server.url, content=b'{"request_id": "x", "status": "OK"}', headers=_of_fal(headers))
    assert forged.status_code == 401
    assert len(notices) == 1


def _of_fal(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower().startswith("x-fal-")}


def test_a_dropped_submit_is_reported_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one way to learn the id of a request whose answer was lost."""
    arrived = threading.Event()
    monkeypatch.setattr("submit.webhook.signature.PUBLISHED", PublishedKeys())
    with running(tmp_path / "sandbox", queue_s=0, faults="drop-after-accept") as box:
        for name, value in box.env.items():
            monkeypatch.setenv(name, value)
        with _listening(lambda notice: arrived.set()) as server:
            with httpx.Client(headers={"Authorization": "Key any"}) as http, pytest.raises(httpx.RemoteProtocolError):
                http.post(f"https://queue.fal.run/{ENDPOINT}", json={}, params={"fal_webhook": server.url})
            assert arrived.wait(30)


def test_other_machines_are_not_reached(box: Sandbox) -> None:
    handle = fal_client.SyncClient().submit(ENDPOINT, {**GOOD, "duration": 4}, webhook_url="https://example.com/hook")
    assert "this machine only" in _logged(handle, "webhook")


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000/hook", True),
        ("http://localhost/hook", True),
        ("https://[::1]:1/hook", True),
        ("http://127.0.0.1@example.com/", False),
        ("http://localhost.example.com/", False),
        ("http://example.com/127.0.0.1", False),
        ("ftp://127.0.0.1/", False),
        ("//127.0.0.1/", False),
        ("http://[127.0.0.1/", False),
        ("", False),
    ],
)
def test_what_this_machine_is(url: str, local: bool) -> None:
    assert is_loopback(url) is local
