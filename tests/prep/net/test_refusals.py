"""Forbidden destinations of a reference: by address, name, redirect, certificate or proxy."""

import socket
from collections.abc import Callable

import pytest

from prep.errors import PrepError, RemoteError, UnreadableError, UsageError
from prep.net.network import Network
from prep.net.remote_file import RemoteFile
from tests.prep.net.server import Handler, Site
from tests.prep.net.site import PUBLIC

Internet = Callable[..., Network]
HOME = "media.example.test"
DATA = b"0123456789" * 10_000


def open_file(url: str, network: Network) -> RemoteFile:
    return RemoteFile(url, network)


def refused(url: str, network: Network, kind: type[PrepError] = UsageError) -> str:
    with pytest.raises(kind) as error:
        open_file(url, network)
    assert "signature" not in str(error.value)
    return str(error.value)


def never(address: str, port: int, timeout_s: float) -> socket.socket:
    raise AssertionError(f"connected to {address}")


def redirecting(location: str, status: int = 302) -> Callable[[Handler], None]:
    return lambda handler: handler.answer(status, b"", {"Location": location})


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "100.64.0.1"]
)
def test_a_private_address_in_the_url(host: str) -> None:
    message = refused(f"https://{host}/a.bin?signature=1", Network(connect=never))
    assert "`network=Network(allow_private=True)`" in message


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
def test_other_spellings_of_loopback(host: str) -> None:
    """The system's own resolver is asked: what it makes of the name is what is judged."""
    assert "loopback" in refused(f"https://{host}/a.bin", Network(connect=never))


@pytest.mark.parametrize("address", ["192.168.1.1", "::1", "::ffff:10.0.0.1", "fe80::1", "64:ff9b::7f00:1"])
def test_a_name_that_leads_to_a_private_address(address: str) -> None:
    network = Network(resolve=lambda host, port: (address,), connect=never)
    assert address in refused("https://example.com/a.bin?signature=1", network)


def test_one_private_address_among_public_ones() -> None:
    network = Network(resolve=lambda host, port: (PUBLIC, "10.0.0.1"), connect=never)
    assert "10.0.0.1" in refused("https://example.com/a.bin", network)


def test_the_connection_goes_to_the_address_that_was_judged(site: Site, internet: Internet) -> None:
    """A name that changes its address between two questions: there is only one question for each connection."""
    site.put("/a.bin", DATA)
    answers = iter([(PUBLIC,), ("127.0.0.1",)])
    asked: list[str] = []

    def resolve(host: str, port: int) -> tuple[str, ...]:
        asked.append(host)
        return next(answers)

    network = Network(resolve=resolve, connect=internet().connect)
    file = open_file(f"https://{HOME}/a.bin", network)
    try:
        assert file.read_at(0, 10) == DATA[:10]
        assert asked == [HOME]
    finally:
        file.close()


def test_a_name_that_turns_private_for_the_next_connection(site: Site, internet: Internet) -> None:
    site.pages["/a.bin"] = lambda handler: (
        handler.part(DATA, "application/octet-stream", ""),
        setattr(handler, "close_connection", True),
    )[0]
    answers = iter([(PUBLIC,), ("127.0.0.1",)])
    network = Network(resolve=lambda host, port: next(answers), connect=internet().connect)
    file = open_file(f"https://{HOME}/a.bin", network)
    try:
        with pytest.raises(UsageError, match="loopback"):
            file.read_at(60_000, 10)
    finally:
        file.close()


def test_a_certificate_of_another_host(site: Site, internet: Internet) -> None:
    site.put("/a.bin", DATA)
    message = refused("https://evil.example.test/a.bin", internet({"evil.example.test": (PUBLIC,)}), RemoteError)
    assert "certificate" in message
    assert site.seen == []


def test_a_redirect_is_followed(site: Site, internet: Internet) -> None:
    site.put("/a.bin", DATA)
    site.pages["/first"] = redirecting("/second?signature=1", 301)
    site.pages["/second"] = redirecting("https://other.example.test/a.bin", 307)
    network = internet({HOME: (PUBLIC,), "other.example.test": (PUBLIC,)})
    file = open_file(f"https://{HOME}/first", network)
    try:
        assert file.read_at(99_990, 100) == DATA[-10:]
        assert file.public
        assert [seen.headers["Host"] for seen in site.seen] == [HOME, HOME, *["other.example.test"] * 2]
    finally:
        file.close()


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("file:///etc/passwd", "only https://"),
        ("http://media.example.test/a.bin", "use https://"),
        ("https://127.0.0.1/a.bin?signature=1", "loopback"),
        ("https://10.0.0.1/a.bin", "private"),
        ("https://[::ffff:169.254.169.254]/latest/meta-data/", "link-local"),
        ("https://inside.example.test/a.bin", "192.168.7.7"),
        ("https://user:signature@media.example.test/a.bin", "user names"),
        ("gopher://media.example.test/", "only https://"),
    ],
)
def test_a_redirect_to_where_it_may_not_lead(site: Site, internet: Internet, location: str, why: str) -> None:
    site.put("/a.bin", DATA)
    site.pages["/away"] = redirecting(location)
    network = internet({HOME: (PUBLIC,), "inside.example.test": ("192.168.7.7",)})
    assert why in refused(f"https://{HOME}/away", network)
    assert len(site.seen) == 1


def test_a_redirect_without_an_end(site: Site, internet: Internet) -> None:
    site.pages["/a.bin"] = redirecting("/a.bin")
    assert "more than 5 redirects" in refused(f"https://{HOME}/a.bin", internet(), UnreadableError)
    assert len(site.seen) == 6


@pytest.mark.parametrize("location", ["", "https://", "https://[::1"])
def test_a_redirect_to_nowhere(site: Site, internet: Internet, location: str) -> None:
    site.pages["/a.bin"] = redirecting(location)
    with pytest.raises((UsageError, UnreadableError), match="redirect"):
        open_file(f"https://{HOME}/a.bin", internet())


def test_a_proxy_would_look_the_name_up(site: Site, internet: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    site.put("/a.bin", DATA)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert "proxy" in refused(f"https://{HOME}/a.bin", internet())
    assert site.seen == []
    monkeypatch.setenv("NO_PROXY", HOME)
    file = open_file(f"https://{HOME}/a.bin", internet())
    try:
        assert file.public
    finally:
        file.close()


def test_what_is_private_is_not_called_public(site: Site, intranet: Network) -> None:
    site.put("/a.bin", DATA)
    file = open_file(site.url("/a.bin"), intranet)
    try:
        assert not file.public
    finally:
        file.close()


def test_no_such_host() -> None:
    def resolve(host: str, port: int) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    message = refused("https://nowhere.example/a.bin?signature=1", Network(resolve=resolve), RemoteError)
    assert message == (
        "https://nowhere.example/a.bin?…: nowhere.example has no known address: Name or service not known"
    )


def test_nobody_listens(internet: Internet) -> None:
    def connect(address: str, port: int, timeout_s: float) -> socket.socket:
        raise ConnectionRefusedError(111, "Connection refused")

    network = Network(resolve=lambda host, port: (PUBLIC,), connect=connect)
    assert "Connection refused" in refused(f"https://{HOME}/a.bin", network, RemoteError)
