"""Every fault, met by the real clients."""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import fal_client
import httpx
import pytest
from fal_client.client import FalClientHTTPError

from submit.sandbox import Sandbox, running

# fal_client closes none of the clients that it makes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning"),
]

ENDPOINT = "bytedance/seedance-2.0/fast/reference-to-video"
GOOD = {"prompt": "a cat", "resolution": "480p", "duration": "4", "seed": 7}
BAD = {"prompt": "a cat", "duration": 4}
HEADERS = {"Authorization": "Key any"}
Failing = Callable[[str], Sandbox]


@pytest.fixture
def failing(clock: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Failing]:
    """A sandbox with the given faults, its environment set."""
    with ExitStack() as stack:

        def start(faults: str) -> Sandbox:
            box = running(tmp_path / "sandbox", queue_s=0, clock=lambda: clock[0], faults=faults)
            sandbox = stack.enter_context(box)
            for name, value in sandbox.env.items():
                monkeypatch.setenv(name, value)
            return sandbox

        yield start
    gc.collect()  # fal_client closes none of its connections: their warnings belong to this test


@pytest.fixture
def http(failing: Failing) -> Iterator[httpx.Client]:
    """Made when it is used, after the sandbox has set its environment."""
    clients: list[httpx.Client] = []

    class Late:
        def __getattr__(self, name: str) -> object:
            if not clients:
                clients.append(httpx.Client(headers=HEADERS))
            return getattr(clients[0], name)

    yield Late()  # type: ignore[misc]
    for client in clients:
        client.close()


def _finished(http: httpx.Client, body: dict[str, object] = GOOD) -> dict[str, str]:
    """The links of a job that has come to its end."""
    links: dict[str, str] = http.post(f"https://queue.fal.run/{ENDPOINT}", json=body).json()
    while http.get(links["status_url"]).json()["status"] != "COMPLETED":
        pass
    return links


def test_429s_are_not_accepted(failing: Failing, http: httpx.Client) -> None:
    box = failing("429:2")
    answers = [http.post(f"https://queue.fal.run/{ENDPOINT}", json=BAD) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "1"
    assert len(box.requests()) == box.totals().accepted == 1


def test_a_503_to_a_submit_accepts_nothing(failing: Failing, http: httpx.Client) -> None:
    box = failing("5xx-submit")
    assert http.post(f"https://queue.fal.run/{ENDPOINT}", json=BAD).status_code == 503
    assert box.requests() == ()


def test_a_502_that_hides_an_accepted_job(failing: Failing, http: httpx.Client) -> None:
    box = failing("5xx-after-accept")
    answer = http.post(f"https://queue.fal.run/{ENDPOINT}", json=BAD)
    assert (answer.status_code, "nginx" in answer.text) == (502, True)
    assert len(box.requests()) == 1


@pytest.mark.parametrize(("fault", "accepted"), [("drop-before-accept", 0), ("drop-after-accept", 1)])
def test_a_dropped_submit_looks_the_same_either_way(
    failing: Failing, http: httpx.Client, fault: str, accepted: int
) -> None:
    box = failing(fault)
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected without sending a response"):
        http.post(f"https://queue.fal.run/{ENDPOINT}", json=BAD)
    assert len(box.requests()) == accepted
    assert http.post(f"https://queue.fal.run/{ENDPOINT}", json=BAD).status_code == 200


def test_the_plain_client_pays_again_for_each_drop(failing: Failing) -> None:
    """What makes the fault worth having: fal_client repeats the POST."""
    box = failing("drop-after-accept:2")
    handle = fal_client.SyncClient().submit(ENDPOINT, GOOD)
    handle.get(interval=0.01)
    assert len(box.requests()) == 3
    while box.totals().unfinished:
        pass
    assert len(box.ledger) == box.totals().billed == 3


def test_a_job_is_kept_in_the_queue(failing: Failing, http: httpx.Client, clock: list[float]) -> None:
    failing("queue:30s")
    links = http.post(f"https://queue.fal.run/{ENDPOINT}", json=BAD).json()
    for later in (0, 29.9):
        clock[0] = 1_000_000 + later
        assert http.get(links["status_url"]).json()["status"] == "IN_QUEUE"
    clock[0] += 0.1
    while http.get(links["status_url"]).json()["status"] != "COMPLETED":
        pass


def test_a_job_that_is_kept_can_be_cancelled(failing: Failing, http: httpx.Client) -> None:
    box = failing("queue:30s")
    links = http.post(f"https://queue.fal.run/{ENDPOINT}", json=GOOD).json()
    assert http.put(links["cancel_url"]).status_code == 202
    assert (box.totals().cancelled, box.totals().billed) == (1, 0)


def test_a_refusal_for_the_content(failing: Failing) -> None:
    box = failing("policy-refusal")
    client = fal_client.SyncClient()
    with pytest.raises(FalClientHTTPError) as caught:
        client.submit(ENDPOINT, GOOD).get(interval=0.01)
    [problem] = caught.value.response.json()["detail"]
    assert caught.value.status_code == 422
    assert problem["type"] == "content_policy_violation"
    assert problem["ctx"] == {"extra_info": {"reason": "partner_validation_failed"}}
    assert problem["input"] == GOOD
    assert box.ledger == ()
    assert client.submit(ENDPOINT, GOOD).get(interval=0.01)["seed"] == 7


def test_a_lost_result_is_billed(failing: Failing, http: httpx.Client) -> None:
    box = failing("lost-result")
    links = _finished(http)
    assert [http.get(links["response_url"]).status_code for _ in range(2)] == [404, 404]
    assert len(box.ledger) == 1


def test_a_result_is_kept_for_an_hour(failing: Failing, http: httpx.Client, clock: list[float]) -> None:
    failing("")
    links = _finished(http)
    clock[0] += 3599
    assert http.get(links["response_url"]).status_code == 200
    clock[0] += 1
    assert http.get(links["response_url"]).status_code == 404


def test_503s_while_asking(failing: Failing, http: httpx.Client) -> None:
    failing("5xx-status:2,5xx-result")
    links = http.post(f"https://queue.fal.run/{ENDPOINT}", json=BAD).json()
    assert [http.get(links["status_url"]).status_code for _ in range(2)] == [503, 503]
    while http.get(links["status_url"]).json()["status"] != "COMPLETED":
        pass
    assert [http.get(links["response_url"]).status_code for _ in range(2)] == [503, 422]


@pytest.mark.parametrize("size", [1, 7, 300_000, 3_000_001])
def test_a_download_that_ends_midway(failing: Failing, http: httpx.Client, tmp_path: Path, size: int) -> None:
    failing("partial-download")
    (tmp_path / "a.mp4").write_bytes(os.urandom(size))
    url = fal_client.SyncClient().upload_file(tmp_path / "a.mp4")
    got = bytearray()
    with http.stream("GET", url) as answer:
        assert answer.headers["content-length"] == str(size)
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            deque(map(got.extend, answer.iter_raw()))
    assert bytes(got) == (tmp_path / "a.mp4").read_bytes()[: size // 2]
    assert http.get(url).content == (tmp_path / "a.mp4").read_bytes()


def test_a_length_that_is_wrong(failing: Failing, http: httpx.Client, tmp_path: Path) -> None:
    failing("wrong-length")
    (tmp_path / "a.mp4").write_bytes(os.urandom(1001))
    url = fal_client.SyncClient().upload_file(tmp_path / "a.mp4")
    assert http.head(url).headers["content-length"] == "1001"
    answer = http.get(url)
    assert (answer.headers["content-length"], len(answer.content)) == ("500", 500)
    assert len(http.get(url).content) == 1001


@pytest.mark.parametrize(("fault", "status"), [("expired-url", 404), ("forbidden-url", 403)])
@pytest.mark.parametrize("size", [10, 11_000_000], ids=["single", "multipart"])
def test_a_url_that_no_longer_serves(
    failing: Failing, http: httpx.Client, clock: list[float], tmp_path: Path, fault: str, status: int, size: int
) -> None:
    failing(f"{fault}:60s")
    (tmp_path / "a.mp4").write_bytes(bytes(size))
    client = fal_client.SyncClient()
    gone, stays = (client.upload_file(tmp_path / "a.mp4") for _ in range(2))
    clock[0] += 59
    assert http.head(gone).status_code == 200
    clock[0] += 1
    assert [http.head(gone).status_code, http.get(gone).status_code] == [status, status]
    assert http.head(stays).status_code == 200


def test_an_expired_reference_is_told_by_the_result(failing: Failing, tmp_path: Path, media: Path) -> None:
    box = failing("expired-url")
    client = fal_client.SyncClient()
    url = client.upload_file(media / "photo.jpg")
    with pytest.raises(FalClientHTTPError) as caught:
        client.submit(ENDPOINT, {**GOOD, "image_urls": [url]}).get(interval=0.01)
    assert [problem["type"] for problem in caught.value.response.json()["detail"]] == ["file_download_error"]
    assert box.totals().refused == 1


def test_an_upload_that_is_slow(failing: Failing, clock: list[float], tmp_path: Path) -> None:
    box = failing("slow-upload:60s")
    (tmp_path / "a.png").write_bytes(b"content")
    client = fal_client.SyncClient(default_timeout=0.2)
    with pytest.raises(httpx.ReadTimeout):
        httpx.put(_signed_url(), content=b"content", timeout=0.2)
    assert box.objects() == ()
    clock[0] += 60
    assert client.upload_file(tmp_path / "a.png")


def _signed_url() -> str:
    about = {"file_name": "a.png", "content_type": "image/png"}
    started = httpx.post("https://rest.fal.ai/storage/upload/initiate", json=about, headers=HEADERS)
    return str(started.json()["upload_url"])


def test_an_upload_that_is_not_taken(failing: Failing) -> None:
    box = failing("5xx-upload")
    url = _signed_url()
    assert [httpx.put(url, content=b"x").status_code for _ in range(2)] == [503, 200]
    assert len(box.objects()) == 1


def test_what_struck_is_told(failing: Failing, http: httpx.Client) -> None:
    box = failing("429:2,5xx-status")
    for _ in range(3):
        http.post(f"https://queue.fal.run/{ENDPOINT}", json=BAD)
    assert [(strike.fault, strike.place) for strike in box.struck()] == [("429", "submit")] * 2
