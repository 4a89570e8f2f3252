"""Buckets on a real server and on moto: reading by ranges, conditional puts, signed URLs, and messages without keys."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from prep.errors import PrepError, RemoteError, UnreadableError, UsageError
from prep.net.bucket import Bucket
from prep.net.network import Network
from prep.net.object_url import read_object_url, read_prefix
from prep.net.remote_file import RemoteFile
from tests.object_stores import SECRET, Storage

DATA = bytes(range(256)) * 4000


def test_ranges_are_read_and_nothing_twice(storage: Storage) -> None:
    url = storage.put("deep/clip one.bin", DATA, "video/mp4")
    file = RemoteFile(url, Network())
    assert (file.size_bytes, file.media_type, file.far, file.public) == (len(DATA), "video/mp4", True, False)
    assert [file.read_at(at, 10) for at in (0, 500_000, len(DATA) - 4)] == [DATA[:10], DATA[500_000:500_010], DATA[-4:]]
    before = file.fingerprint
    file.close()
    storage.put("deep/clip one.bin", DATA[:-1] + b"?", "video/mp4")
    with_change = RemoteFile(url, Network())
    assert with_change.fingerprint != before
    with_change.close()


def test_a_whole_object_is_saved(storage: Storage, tmp_path: Path) -> None:
    file = RemoteFile(storage.put("whole.bin", DATA), Network())
    file.read_at(100_000, 5)
    file.save(tmp_path / "whole.bin", lambda part: None, threading.Event())
    assert (tmp_path / "whole.bin").read_bytes() == DATA
    file.close()


def test_an_object_that_changes_while_it_is_read(storage: Storage) -> None:
    file = RemoteFile(storage.put("moving.bin", DATA), Network())
    storage.put("moving.bin", DATA[::-1])
    with pytest.raises(UnreadableError, match="it changed while it was read; run again"):
        file.read_at(600_000, 10)
    file.close()


def test_of_many_that_create_an_object_one_succeeds(storage: Storage) -> None:
    bucket = Bucket(read_prefix("s3://media"))
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: bucket.create("race", f"{number}".encode()), range(8)))
    assert sorted(made) == [False] * 7 + [True]
    assert storage.get("race") == f"{made.index(True)}".encode()
    bucket.delete("race")


def test_a_signed_url_is_read_without_credentials(storage: Storage, tmp_path: Path) -> None:
    bucket = Bucket(read_prefix("s3://media"))
    (tmp_path / "a.png").write_bytes(DATA)
    assert bucket.create("signed/a b.png", tmp_path / "a.png", "image/png")
    assert (bucket.size_of("signed/a b.png"), bucket.size_of("signed/none")) == (len(DATA), None)
    answer = httpx.get(bucket.signed_url("signed/a b.png", 60))
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", DATA)
    assert list(bucket.keys("signed")) == ["signed/a b.png"]
    assert bucket.local


def test_messages_are_own_sentences_without_keys(seaweed_env: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    seaweed_env.put("empty", b"")
    cases: list[tuple[str, str, type[PrepError]]] = [
        ("s3://media/none", "s3://media/none: no such object or bucket", UnreadableError),
        ("s3://no-bucket/none", "s3://no-bucket/none: no such object or bucket", UnreadableError),
        ("s3://media/empty", "s3://media/empty: the object is empty (0 bytes)", UnreadableError),
    ]
    for url, message, kind in cases:
        with pytest.raises(kind) as caught:
            RemoteFile(url, Network())
        assert str(caught.value).startswith(message)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret")
    with pytest.raises(UnreadableError, match="with the credentials in the environment") as caught:
        RemoteFile("s3://media/ready", Network())
    assert caught.value.__cause__ is None
    assert not any(word in str(caught.value) for word in ("another-secret", SECRET, "key-of-the-tests", "Signature"))


def test_a_server_that_is_not_there(seaweed_env: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(RemoteError, match="s3://media/ready: can't be read: no connection to the storage"):
        RemoteFile("s3://media/ready", Network())


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://media", "names no object"),
        ("s3://media/folder/", "names no object"),
        ("s3://me@dia/k", "not an address in object storage"),
        ("s3:///k", "not an address in object storage"),
        ("s3://127.0.0.1:80/k", "not an address in object storage"),
        ("s3://a..b/k", "not an address in object storage"),
        ("s3://media/../k", "keys with empty parts"),
        ("s3://media/a//k", "keys with empty parts"),
        ("s3://media/a?signature=1", "keys with empty parts"),
        ("s3://media/a\nb", "keys with empty parts"),
        ("s3://media/" + "k" * 1025, "a key of more than 1,024 bytes"),
    ],
)
def test_addresses_that_are_none(url: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_object_url(url)


def test_without_the_extra_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['obstore'] = None\n"
        "from prep import check\nfrom prep.errors import UsageError\n"
        "try: check(['s3://media/photo.jpg'])\nexcept UsageError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "s3:// needs obstore, which is not installed: pip install 'prep-and-submit[cloud]'\n"
