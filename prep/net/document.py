"""Fetching of a small document at a URL, whole and with one request."""

from prep.errors import RemoteError, UnreadableError
from prep.net.http import Exchange
from prep.net.network import Network

MAX_BYTES = 5_000_000


def fetch_document(location: str, network: Network) -> bytes:
    """The bytes at *location*.

    Raises as `Exchange.get` does, UnreadableError when it is larger than MAX_BYTES, RemoteError when the answer ends
    too early.
    """
    exchange = Exchange(location, network)
    try:
        with exchange.get(0, MAX_BYTES) as answer:
            size = answer.length if answer.total is None else answer.total
            data = bytearray()
            for chunk in answer.body:
                data += chunk
                if len(data) > MAX_BYTES or (size or 0) > MAX_BYTES:
                    raise UnreadableError(f"{exchange.label}: larger than the {MAX_BYTES:,} bytes that are fetched")
    finally:
        exchange.close()
    if size is not None and len(data) < size:
        raise RemoteError(f"{exchange.label}: the server sends less than it announced")
    return bytes(data)
