"""Uploads to the sandbox, and downloads from it."""

import asyncio
import logging
import os
import time
from pathlib import Path

import fal_client
import httpx
import pytest
from fal_client.client import MultipartUpload

from submit.sandbox import Sandbox
from submit.sandbox.http.app import build_app
from submit.sandbox.jobs import JobQueue, Stages
from submit.sandbox.ledger import Ledger
from submit.sandbox.server import MARK
from submit.sandbox.storage import Storage, parse_lifecycle

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")


@pytest.mark.parametrize("repository", ["fal_v3", "fal"])
@pytest.mark.parametrize("size", [0, 1, 11_000_000])
def test_what_was_uploaded_comes_back(
    client: fal_client.SyncClient, box: Sandbox, tmp_path: Path, size: int, repository: str
) -> None:
    path, content = tmp_path / "clip.mp4", os.urandom(size)
    path.write_bytes(content)
    url = client.upload_file(path, repository=repository)  # type: ignore[arg-type]
    with httpx.Client() as http:
        answer = http.get(url)
    assert answer.content == content
    assert answer.headers["content-type"] == "video/mp4"
    [stored] = box.objects()
    assert (stored.file_name, stored.size_bytes, stored.lifecycle) == ("clip.mp4", size, None)


def test_uploads_by_the_async_client(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"content")

    async def upload_and_fetch() -> bytes:
        url = await fal_client.AsyncClient().upload_file(path)
        async with httpx.AsyncClient() as http:
            return (await http.get(url)).content

    assert asyncio.run(upload_and_fetch()) == b"content"


def test_multipart_by_path(client: fal_client.SyncClient, box: Sandbox, tmp_path: Path) -> None:
    path, content = tmp_path / "big.mov", os.urandom(2_500_000)
    path.write_bytes(content)
    with httpx.Client() as http:
        url = MultipartUpload.save_file(
            file_path=path,
            client=http,
            token_manager=client._token_manager,
            chunk_size=1_000_000,
            content_type="video/quicktime",
            object_lifecycle_preference={"expiration_duration_seconds": 60},
        )
        assert http.get(url).content == content
    [stored] = box.objects()
    assert stored.content_type == "video/quicktime"
    assert stored.expires_at == stored.created_at + 60
    assert list((box.directory / "scratch").iterdir()) == []


def test_a_name_that_is_no_header_takes_the_clients_fallback(
    client: fal_client.SyncClient, box: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "été.png"
    path.write_bytes(b"content")
    with caplog.at_level(logging.WARNING, "fal_client.client"):
        client.upload_file(path)
    assert "falling back to fal" in caplog.text
    [stored] = box.objects()
    assert stored.file_name == "été.png"
    assert stored.url.isascii()


def test_a_client_names_no_path(client: fal_client.SyncClient, box: Sandbox) -> None:
    url = client.upload(b"content", "text/plain", file_name="../../../escaped.txt")
    assert {path.name for path in box.directory.iterdir()} == {MARK, "ca.pem", "files", "scratch"}
    with httpx.Client() as http:
        assert http.get(url).content == b"content"
        assert http.get("https://v3.fal.media/files/sandbox/..%2F..%2Fca.pem").status_code == 404


def test_the_lifecycle_is_recorded_and_kept(client: fal_client.SyncClient, box: Sandbox, clock: list[float]) -> None:
    lifecycle = fal_client.StorageSettings(expires_in="1h", initial_acl=fal_client.StorageACL(default="allow"))
    urls = [client.upload(b"x", "text/plain", repository=way, lifecycle=lifecycle) for way in ("fal_v3", "fal")]
    for stored in box.objects():
        assert stored.lifecycle == {"expiration_duration_seconds": 3600, "initial_acl": {"default": "allow"}}
    with httpx.Client() as http:
        clock[0] += 3599
        assert [http.get(url).status_code for url in urls] == [200, 200]
        clock[0] += 1
        assert [http.get(url).status_code for url in urls] == [404, 404]


@pytest.mark.parametrize("header", ["nonsense", "[]", '{"expiration_duration_seconds": "1h"}'])
def test_a_bad_lifecycle_is_refused(header: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_lifecycle(header)


def test_head_and_range(client: fal_client.SyncClient) -> None:
    url = client.upload(b"0123456789", "text/plain")
    with httpx.Client() as http:
        whole, head, part = http.get(url), http.head(url), http.get(url, headers={"Range": "bytes=2-4"})
        beyond = http.get(url, headers={"Range": "bytes=10-"})
    assert head.status_code == 200
    assert (head.headers["content-length"], head.content) == ("10", b"")
    assert head.headers["etag"] == whole.headers["etag"]
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    assert beyond.status_code == 416


def test_uploads_need_credentials(box: Sandbox) -> None:
    with httpx.Client() as http:
        token = http.post("https://rest.fal.ai/storage/auth/token?storage_type=fal-cdn-v3", json={})
        upload = http.post("https://v3.fal.media/files/upload", content=b"x", headers={"Authorization": "Bearer no"})
        signed = http.put("https://v3.fal.media/files/signed/0123", content=b"x")
    assert (token.status_code, token.json()) == (
        401,
        {"detail": "Authentication is required to access this application"},
    )
    assert upload.status_code == 401
    assert signed.status_code == 404
    assert box.objects() == ()


async def _upload(storage: Storage, content: bytes, **headers: str) -> httpx.Response:
    async def no_answer(job: object) -> None:
        raise AssertionError

    stages = Stages(no_answer, no_answer, no_answer)  # type: ignore[arg-type]
    jobs = JobQueue(stages, Ledger(Path(os.devnull)), 0, time.time)
    app = build_app(storage, jobs, "token", {}, lambda place, handler: handler)
    headers = {"Authorization": "Bearer token", **headers}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://v3.fal.media") as http:
        return await http.post("/files/upload", content=content, headers=headers)


@pytest.mark.parametrize(("size", "status"), [(1000, 200), (1001, 413)])
@pytest.mark.parametrize("declared", [None, "1"])
def test_size_is_bounded_whatever_is_declared(tmp_path: Path, size: int, status: int, declared: str | None) -> None:
    storage = Storage(tmp_path, time.time, max_upload_bytes=1000)
    headers = {} if declared is None else {"Content-Length": declared}
    assert asyncio.run(_upload(storage, b"x" * size, **headers)).status_code == status
    assert list((tmp_path / "scratch").iterdir()) == []
    assert len(storage.objects()) == (status == 200)
