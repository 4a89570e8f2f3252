"""The client of the real platform, against the sandbox."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import av
import httpx
import pytest

from prep.errors import ExitCode, RefusedError, RemoteError
from prep.model.generation import Generation
from prep.specs import DEFAULT_ENDPOINT
from submit import run
from submit.errors import Hopeless, Refusal, Unreachable
from submit.fal import Fal, key_from_environment
from submit.sandbox import Sandbox
from tests.submit.fal.wire import Wire, for_uploads

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")

Media = Callable[[str], Path]


def ignore(*_: int) -> None:
    """Progress that nobody looks at."""


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_key(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("FAL_KEY", value)
    with pytest.raises(RefusedError, match="FAL_KEY is not set") as caught:
        key_from_environment()
    assert caught.value.exit_code == ExitCode.REFUSED == 5


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


OUTAGE = httpx.Response(503, text="<center>nginx</center>")
TROUBLES: dict[str, tuple[httpx.Response | Exception, type[RemoteError], str]] = {
    "not to be sent": (httpx.LocalProtocolError("Illegal header"), Hopeless, "it can't be sent: Illegal header"),
    "no connection": (httpx.ConnectError("no"), Unreachable, "the platform can't be reached (no); check your network"),
    "connection lost": (httpx.ReadError(""), RemoteError, "the connection was lost"),
    "no answer": (httpx.ReadTimeout("late"), RemoteError, "no answer in time"),
    "an outage": (OUTAGE, RemoteError, "status 503"),
    "too many": (httpx.Response(429), RemoteError, "status 429"),
}


@pytest.mark.parametrize(("answer", "kind", "words"), TROUBLES.values(), ids=TROUBLES)
def test_the_client_repeats_no_upload(
    answer: httpx.Response | Exception,
    kind: type[RemoteError],
    words: str,
    box: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would try each storage ten times, for a minute without a word."""
    wire = Wire(answer)
    monkeypatch.setattr("submit.fal.counting.BackupDomainTransport", lambda: httpx.MockTransport(for_uploads(wire)))
    (tmp_path / "a.png").write_bytes(b"content")
    with pytest.raises(RemoteError) as caught:
        Fal(os.environ["FAL_KEY"]).upload(tmp_path / "a.png", "image/png", "7d", ignore)
    assert (type(caught.value), str(caught.value)) == (kind, f"uploading a.png failed: {words}")
    assert [request.url.path for request in wire.requests] == ["/files/upload", "/storage/upload/initiate"]
    assert box.objects() == ()


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
    assert outcome.cost.min_usd < outcome.cost.max_usd, "with 2 s of reference, 7 s are the least that is charged"
    assert float(outcome.cost.max_usd) == pytest.approx(float(charge.usd), abs=1e-3)
    assert outcome.bill is not None and outcome.bill.units == charge.billable_units
    assert "request-bill-differs" not in {finding.rule for finding in outcome.findings}
    assert outcome.result.seed == 11
    assert any(message.startswith("generating") for message in messages)
    receipt = json.loads((tmp_path / "out" / "receipt.json").read_text())
    assert receipt["state"] == "downloaded"
    assert "this-is-not-a-key" not in (tmp_path / "out" / "receipt.json").read_text()
