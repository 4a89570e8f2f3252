"""A site to read from, whose certificate is trusted, and the networks to read it through."""

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from prep.net.network import Network
from tests.prep.net.server import NAMES, Site, serving

PUBLIC = "93.184.216.34"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust certificates of *authority*, and use no proxy."""
    file = tmp_path / "authority.pem"
    file.write_bytes(authority.cert_pem.bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def site(authority: trustme.CA, trusted: None) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES).configure_cert(context)
    with serving(context) as served:
        yield served


@pytest.fixture
def intranet() -> Network:
    return Network(allow_private=True)


@pytest.fixture
def internet(site: Site) -> Callable[..., Network]:
    """The site as if it were at a public address; `internet(names)` maps hosts to the addresses that DNS gives."""

    def network(names: dict[str, tuple[str, ...]] | None = None, **more: Any) -> Network:
        known = names or {"media.example.test": (PUBLIC,)}

        def connect(address: str, port: int, timeout_s: float) -> socket.socket:
            assert address == PUBLIC, f"connected to {address}"
            return socket.create_connection(("127.0.0.1", site.port), timeout_s)

        return Network(resolve=lambda host, port: known.get(host, (host,)), connect=connect, **more)

    return network
