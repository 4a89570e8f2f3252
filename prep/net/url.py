"""Judgement of a URL by its text alone."""

import re

import httpx

from prep.errors import UsageError
from prep.model.redact import shown

LONGEST_URL = 8_192
HOST = re.compile(rb"[A-Za-z0-9._:-]+")  # a name as it is resolved, or an address


def read_link(text: str, *, allow_private: bool) -> httpx.URL:
    """*text* as a URL, percent-encoded where needed. Raises UsageError when it must not be requested."""
    if len(text) > LONGEST_URL:
        raise UsageError(f"{shown(text[:80])}...: a URL of {len(text):,} characters; at most {LONGEST_URL:,} are read")
    try:
        url = httpx.URL(text)
        host, port = url.raw_host, url.port
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UsageError(f"{shown(text)}: not a URL: {error}") from None
    if url.scheme not in ("https", "http"):
        raise UsageError(f"{shown(text)}: only https:// is read")
    if not host:
        raise UsageError(f"{shown(text)}: a URL without a host")
    if not HOST.fullmatch(host) or (port is not None and not 0 < port < 65_536):
        raise UsageError(f"{shown(text)}: not a URL: invalid host or port")
    if url.userinfo:
        raise UsageError(
            f"{shown(text)}: user names and passwords in URLs are not sent, since they end up in logs; "
            "use a signed URL, or download the file and name it"
        )
    if url.scheme == "http" and not allow_private:
        raise UsageError(
            f"{shown(text)}: http:// can be read and changed on its way, so the file that was checked may not be the "
            "one that arrives; use https://. `network=Network(allow_private=True)` allows it for your own intranet"
        )
    return url
