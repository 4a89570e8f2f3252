"""Proxies that the environment names, and that the HTTP client can't use."""

from importlib.util import find_spec
from urllib.request import getproxies

import httpx

from prep.errors import UsageError
from prep.model.redact import shown

USABLE = ("http", "https")
# httpx speaks SOCKS only with this package.
SOCKS, SOCKS_PACKAGE = ("socks5", "socks5h"), "socksio"


def refuse_unusable_proxy() -> None:
    """Raise UsageError for a proxy that the client refuses, before anything is prepared, uploaded or paid."""
    for name, url in getproxies().items():
        scheme, colon, _ = url.lower().partition("://")
        known = scheme in USABLE or (scheme in SOCKS and find_spec(SOCKS_PACKAGE) is not None)
        if name in ("all", *USABLE) and colon and not known:
            raise UsageError(
                f"{name.upper()}_PROXY names a {shown(scheme)} proxy, which can't be used; "
                "unset it, or name an HTTP proxy"
            )
        if name in ("all", *USABLE) and not _is_url(url):
            raise UsageError(f"{name.upper()}_PROXY names no address; unset it, or name an HTTP proxy")


def _is_url(url: str) -> bool:
    try:
        httpx.URL(url if "://" in url else f"http://{url}")
    except httpx.InvalidURL:
        return False
    return True
