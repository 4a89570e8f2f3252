"""Reading a remote file in parts, from servers that do as they should and servers that do not."""

import os
import random
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from prep.errors import Cancelled, PrepError, RemoteError, UnreadableError
from prep.net.network import Bounds, Network
from prep.net.remote_file import RemoteFile
from tests.prep.net.server import Handler, Site

DATA = random.Random(7).randbytes(3_000_000)
GO = threading.Event()


def at(site: Site, network: Network, path: str = "/a.bin") -> RemoteFile:
    return RemoteFile(site.url(path), network)


def save(file: RemoteFile, target: Path, cancel: threading.Event = GO) -> bytes:
    file.save(target, lambda part: None, cancel)
    return target.read_bytes()


def test_only_what_is_wanted_is_fetched(site: Site, intranet: Network) -> None:
    site.put("/a.bin", DATA)
    with closing(at(site, intranet)) as file:
        assert file.size_bytes == len(DATA)
        assert file.read_at(0, 4096) == DATA[:4096]
        assert file.read_at(len(DATA) - 100, 4096) == DATA[-100:]
        assert file.read_at(len(DATA), 10) == b""
        assert file.read_at(1_000_001, 7) == DATA[1_000_001:1_000_008]
    assert site.sent < 150_000
    assert [seen.headers["Accept-Encoding"] for seen in site.seen] == ["identity"] * 3


def test_nothing_is_fetched_twice(site: Site, intranet: Network, tmp_path: Path) -> None:
    site.put("/a.bin", DATA)
    with closing(at(site, intranet)) as file:
        for offset in (2_500_000, 0, 2_500_000, 1_000_000, 1_010_000, 2_999_000):
            assert file.read_at(offset, 20_000) == DATA[offset : offset + 20_000]
        assert save(file, tmp_path / "a.bin") == DATA
    assert site.sent == len(DATA)
    assert sorted(os.listdir(tmp_path)) == ["a.bin", "authority.pem"]


def test_reading_on_takes_few_requests(site: Site, intranet: Network) -> None:
    site.put("/a.bin", DATA)
    with closing(at(site, intranet)) as file:
        read = b"".join(file.read_at(offset, 32_768) for offset in range(0, len(DATA), 32_768))
    assert read == DATA
    assert len(site.seen) < 10


def test_several_threads(site: Site, intranet: Network) -> None:
    site.put("/a.bin", DATA)
    wrong: list[int] = []

    def read(first: int) -> None:
        offsets = range(first, len(DATA), 300_000)
        wrong.extend(offset for offset in offsets if file.read_at(offset, 1000) != DATA[offset : offset + 1000])

    with closing(at(site, intranet)) as file:
        threads = [threading.Thread(target=read, args=(first,)) for first in range(0, 80_000, 20_000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_a_server_without_parts(site: Site, intranet: Network, tmp_path: Path) -> None:
    site.pages["/a.bin"] = lambda handler: handler.answer(200, DATA)
    with closing(at(site, intranet)) as file:
        assert file.size_bytes == len(DATA)
        assert file.read_at(2_000_000, 10) == DATA[2_000_000:2_000_010]
        assert save(file, tmp_path / "a.bin") == DATA
    assert len(site.seen) == 1


def chunked(handler: Handler, data: bytes, end: bytes = b"0\r\n\r\n") -> None:
    handler.head(200, {"Transfer-Encoding": "chunked"})
    handler.body(b"%x\r\n%b\r\n" % (len(data), data) + end)


def test_a_body_of_unknown_length(site: Site, intranet: Network) -> None:
    site.pages["/a.bin"] = lambda handler: chunked(handler, DATA)
    with closing(at(site, intranet)) as file:
        assert file.size_bytes == len(DATA)


def bounded(**bounds: float) -> Network:
    return Network(allow_private=True, bounds=Bounds(**{"silence_s": 2.0, "patience_s": 2.0, **bounds}))  # type: ignore[arg-type]


def test_the_largest_file_that_is_fetched(site: Site, tmp_path: Path) -> None:
    site.pages["/whole"] = lambda handler: handler.answer(200, DATA)
    site.pages["/chunked"] = lambda handler: chunked(handler, DATA)
    site.put("/parts", DATA)
    for path in ("/whole", "/chunked", "/parts"):
        with closing(at(site, bounded(download_bytes=len(DATA)), path)) as file:
            assert save(file, tmp_path / f"{path[1:]}.bin") == DATA
    small = bounded(download_bytes=len(DATA) - 1)
    for path in ("/whole", "/chunked"):
        with pytest.raises(UnreadableError, match="larger than"):
            at(site, small, path)
    with closing(at(site, small, "/parts")) as file:
        assert file.read_at(0, 1) == DATA[:1]
        with pytest.raises(UnreadableError, match="larger than"):
            save(file, tmp_path / "b.bin")
    assert not (tmp_path / "b.bin").exists()


def endless(handler: Handler) -> None:
    handler.head(200, {"Transfer-Encoding": "chunked"})
    while not handler.site.closing.is_set():
        handler.body(b"10000\r\n" + bytes(65_536) + b"\r\n")


def test_an_endless_body(site: Site) -> None:
    site.pages["/a.bin"] = endless
    with pytest.raises(UnreadableError, match="larger than"):
        at(site, bounded(download_bytes=1_000_000))
    assert site.sent < 20_000_000


def test_a_disk_that_is_nearly_full(site: Site, tmp_path: Path) -> None:
    site.put("/a.bin", DATA)
    site.pages["/whole"] = lambda handler: handler.answer(200, DATA)
    full = bounded(spare_bytes=1 << 62)
    with closing(at(site, full)) as file, pytest.raises(UnreadableError, match="has only"):
        save(file, tmp_path / "a.bin")
    with pytest.raises(UnreadableError, match="has only"):
        at(site, full, "/whole")
    assert not (tmp_path / "a.bin").exists()


def dribbling(head: bool) -> Callable[[Handler], None]:
    """A byte now and then: each wait is short, all of them together are not."""

    def behave(handler: Handler) -> None:
        if not head:
            handler.head(206, {"Content-Length": "1000", "Content-Range": "bytes 0-999/1000"})
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not handler.site.closing.wait(0.02):
            handler.body(b"x")

    return behave


@pytest.mark.parametrize("head", [True, False], ids=["head", "body"])
def test_a_server_that_dribbles(site: Site, head: bool) -> None:
    site.pages["/a.bin"] = dribbling(head)
    with pytest.raises(RemoteError, match="too slow"):
        at(site, bounded(silence_s=5.0, patience_s=0.3))


def test_interim_answers_without_an_end(site: Site) -> None:
    def behave(handler: Handler) -> None:
        while not handler.site.closing.is_set():
            handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    site.pages["/a.bin"] = behave
    with pytest.raises(RemoteError, match="too slow"):
        at(site, bounded(silence_s=5.0, patience_s=0.3))


def test_a_server_that_is_silent(site: Site) -> None:
    site.pages["/a.bin"] = lambda handler: handler.site.closing.wait() and None
    with pytest.raises(RemoteError, match="too slow"):
        at(site, bounded(silence_s=0.2, patience_s=60))


def test_a_head_without_an_end(site: Site, intranet: Network) -> None:
    def behave(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(20_000):
            handler.wfile.write(b"X-%d: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" % number)

    site.pages["/a.bin"] = behave
    with pytest.raises(RemoteError, match="the connection failed"):
        at(site, intranet)


def lying(status: int, body: bytes, **headers: str) -> Callable[[Handler], None]:
    def behave(handler: Handler) -> None:
        handler.head(status, {name.replace("_", "-"): value for name, value in headers.items()})
        handler.body(body)
        handler.close_connection = True

    return behave


LIES = (
    ("longer", lying(200, b"x" * 10, Content_Length="1000"), RemoteError, "the connection failed"),
    ("shorter part", lying(206, b"x", Content_Range="bytes 0-99/100", Content_Length="100"), RemoteError, "failed"),
    ("less", lying(206, b"x", Content_Range="bytes 0-99/100", Content_Length="1"), RemoteError, "less than it"),
    ("another part", lying(206, b"x", Content_Range="bytes 5-5/100", Content_Length="1"), RemoteError, "another part"),
    ("no range", lying(206, b"x", Content_Length="1"), RemoteError, "without saying which"),
    ("nonsense", lying(206, b"x", Content_Range="bytes x-y/z", Content_Length="1"), RemoteError, "without saying"),
    ("unknown", lying(206, b"x", Content_Range="bytes 0-0/*", Content_Length="1"), RemoteError, "without saying"),
    ("nothing", lying(206, b"", Content_Range="bytes 0-0/0", Content_Length="0"), UnreadableError, "empty"),
    ("empty", lying(200, b"", Content_Length="0"), UnreadableError, "empty"),
    ("empty part", lying(416, b"", Content_Range="bytes */0", Content_Length="0"), UnreadableError, "empty \\(0 bytes"),
    (
        "no such part",
        lying(416, b"", Content_Range="bytes */9", Content_Length="0"),
        UnreadableError,
        "does not have these bytes",
    ),
    ("negative", lying(200, b"x", Content_Length="-1"), RemoteError, "the connection failed"),
    ("gzip", lying(200, b"x", Content_Length="1", Content_Encoding="gzip"), UnreadableError, "compressed"),
    ("not found", lying(404, b"x", Content_Length="1"), UnreadableError, "answers 404"),
    ("forbidden", lying(403, b"x", Content_Length="1"), UnreadableError, "may have expired"),
    ("busy", lying(503, b"x", Content_Length="1"), RemoteError, "answers 503"),
    ("too many", lying(429, b"x", Content_Length="1"), RemoteError, "answers 429"),
    ("no content", lying(204, b""), UnreadableError, "answers 204"),
)


@pytest.mark.parametrize(("behave", "kind", "why"), [lie[1:] for lie in LIES], ids=[lie[0] for lie in LIES])
def test_lies(
    site: Site, intranet: Network, behave: Callable[[Handler], None], kind: type[PrepError], why: str
) -> None:
    site.pages["/a.bin"] = behave
    with pytest.raises(kind, match=why) as error:
        at(site, intranet, "/a.bin?signature=1")
    assert "signature" not in str(error.value)


def test_no_bytes_at_all(site: Site, intranet: Network) -> None:
    site.put("/a.bin", b"")
    with pytest.raises(UnreadableError, match="empty"):
        at(site, intranet)


def test_a_file_that_changes_between_two_parts(site: Site, intranet: Network) -> None:
    site.put("/a.bin", DATA)
    with closing(at(site, intranet)) as file:
        site.put("/a.bin", DATA, etag='"2"')
        with pytest.raises(UnreadableError, match="changed"):
            file.read_at(1_000_000, 10)
        with pytest.raises(UnreadableError, match="changed"):
            file.raise_failure()
        site.put("/a.bin", DATA + b"x")
        with pytest.raises(UnreadableError, match="changed"):
            file.read_at(1_000_000, 10)


def test_a_file_that_shrinks(site: Site, intranet: Network) -> None:
    site.put("/a.bin", DATA)
    with closing(at(site, intranet)) as file:
        site.put("/a.bin", DATA[:100_000])
        with pytest.raises(UnreadableError, match="changed"):
            file.read_at(1_000_000, 10)


def test_a_server_that_stops_answering_in_parts(site: Site, intranet: Network) -> None:
    site.put("/a.bin", DATA)
    with closing(at(site, intranet)) as file:
        site.pages["/a.bin"] = lambda handler: handler.answer(200, DATA)
        with pytest.raises(RemoteError, match="stopped answering in parts"):
            file.read_at(1_000_000, 10)


def breaking(data: bytes, after: int) -> Callable[[Handler], None]:
    """Every answer ends after so many bytes, whatever was announced."""

    def behave(handler: Handler) -> None:
        start, stop = (int(part) for part in handler.headers["Range"].removeprefix("bytes=").split("-"))
        stop = min(stop + 1, len(data))
        headers = {"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}", "Content-Length": str(stop - start)}
        handler.head(206, headers)
        handler.body(data[start : min(stop, start + after)])
        handler.close_connection = True

    return behave


def test_a_connection_that_breaks_is_made_again(site: Site, intranet: Network, tmp_path: Path) -> None:
    site.pages["/a.bin"] = breaking(DATA, 1_000_000)
    with closing(at(site, intranet)) as file:
        assert save(file, tmp_path / "a.bin") == DATA


def test_a_connection_that_breaks_again_and_again(site: Site, intranet: Network, tmp_path: Path) -> None:
    site.pages["/a.bin"] = breaking(DATA, 40_000)
    with closing(at(site, intranet)) as file, pytest.raises(RemoteError, match="the connection failed"):
        save(file, tmp_path / "a.bin")
    assert not list(tmp_path.glob("a.bin*"))


def test_cancelled(site: Site, intranet: Network, tmp_path: Path) -> None:
    site.put("/a.bin", DATA)
    stop = threading.Event()
    stop.set()
    with closing(at(site, intranet)) as file, pytest.raises(Cancelled):
        save(file, tmp_path / "a.bin", stop)
    assert not list(tmp_path.glob("a.bin*"))


def test_the_fingerprint_is_of_the_content(site: Site, intranet: Network) -> None:
    def fingerprint() -> str:
        with closing(at(site, intranet)) as file:
            return file.fingerprint

    site.put("/a.bin", DATA)
    first = fingerprint()
    assert fingerprint() == first
    site.put("/a.bin", DATA, etag='"2"')
    assert fingerprint() != first
    site.put("/a.bin", bytes([DATA[0] ^ 1]) + DATA[1:])
    assert fingerprint() != first
