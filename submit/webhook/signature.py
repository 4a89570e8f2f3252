"""Webhook verification: whether a webhook really comes from the platform.

    notice = verify(request.headers, request.body)

The protocol is the platform's (docs.fal.ai, "Webhooks"): an Ed25519 signature over the request id, the user id, the
timestamp and the SHA-256 of the body, one per line; the public keys are published as a JWKS.
Needs the extra ``webhook``.
"""

import base64
import hashlib
import re
import threading
import time
from collections.abc import Iterator, Mapping, MutableSet
from typing import Any, Literal

from pydantic import ValidationError

from prep.aio import twin
from prep.errors import UsageError
from prep.model.value import Value
from submit.answer_json import read_answer
from submit.errors import Replayed, Unverified
from submit.webhook.keys import PUBLISHED

TOLERANCE_S = 300
HEADERS = ("request-id", "user-id", "timestamp", "signature")
PREFIX = "x-fal-webhook-"


class Notice(Value, extra="ignore"):
    """A finished request. *payload* is what fetching its result would answer; for ERROR it holds the reason, and
    *error* a short form of it.
    """

    request_id: str
    status: Literal["OK", "ERROR"]
    payload: Any = None
    error: str | None = None


class Recent(MutableSet[str]):
    """Request ids of the last ten minutes, for one process; an older webhook fails for its timestamp."""

    def __init__(self) -> None:
        self._added: dict[str, float] = {}

    def __contains__(self, item: object) -> bool:
        return item in self._added

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._added))

    def __len__(self) -> int:
        return len(self._added)

    def add(self, value: str) -> None:
        now = time.monotonic()
        for known in [known for known, added in self._added.items() if now - added > 2 * TOLERANCE_S]:
            del self._added[known]
        self._added[value] = now

    def discard(self, value: str) -> None:
        self._added.pop(value, None)


SEEN = Recent()
_SEEN_LOCK = threading.Lock()


def verify(
    headers: Mapping[str, str],
    body: bytes,
    *,
    keys: Mapping[str, Any] | None = None,
    seen: MutableSet[str] = SEEN,
    now: float | None = None,
) -> Notice:
    """Return the notice of a webhook that the platform signed in the last five minutes and that is new.

    *headers* are those of the HTTP request, in any case; *body* its bytes as received. *keys* is a JWKS; None: the
    platform's, fetched when needed and kept for a day. *seen* holds the request ids of earlier notices; the new one is
    added. The platform repeats a webhook that was not answered with 2xx, so remove the id with ``seen.discard`` when
    handling it failed. *now* is in seconds since 1970.

    Raises Unverified (its child Replayed when the id is in *seen*), KeysUnavailable (answer 503: it will be sent again)
    and UsageError when the extra ``webhook`` is not installed.
    """
    if not isinstance(body, bytes | bytearray | memoryview):
        raise UsageError(f"verify needs the body's bytes as received, not {type(body).__name__}")
    body = bytes(body)
    request_id, user_id, timestamp, signature = _read(headers)
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE_S:
        raise Unverified("timestamp", f"signed more than {TOLERANCE_S} s ago, or the clocks differ")
    digest = hashlib.sha256(body).hexdigest()
    message = "\n".join((request_id, user_id, timestamp, digest)).encode()
    if not _signed(message, bytes.fromhex(signature), keys):
        raise Unverified("signature", "the signature does not match these headers and this body")
    try:
        notice = Notice.model_validate(read_answer(body))
    except (ValueError, ValidationError):
        raise Unverified("body", "the body is not as the platform documents it") from None
    with _SEEN_LOCK:
        if notice.request_id in seen:
            raise Replayed(notice.request_id)
        seen.add(notice.request_id)
    return notice


averify = twin(verify)  # fetching the keys would block an event loop


def _read(headers: Mapping[str, str]) -> tuple[str, str, str, str]:
    fields: dict[str, str] = {}
    for name, value in headers.items():
        short = str(name).lower().removeprefix(PREFIX)
        if str(name).lower().startswith(PREFIX) and short in HEADERS:
            if short in fields:
                raise Unverified("headers", f"{PREFIX}{short} appears twice")
            fields[short] = value
    for short in HEADERS:
        value = fields.get(short, "")
        # a line break would let one header stand for two
        if not isinstance(value, str) or not 0 < len(value) <= 256 or not value.isprintable():
            raise Unverified("headers", f"{PREFIX}{short} is missing or malformed")
    if not re.fullmatch(r"[0-9]{1,12}", fields["timestamp"]):
        raise Unverified("timestamp", "the timestamp is not a number of seconds")
    if not re.fullmatch(r"[0-9a-fA-F]{128}", fields["signature"]):
        raise Unverified("signature", "the signature is not 64 bytes in hexadecimal")
    return fields["request-id"], fields["user-id"], fields["timestamp"], fields["signature"]


def _signed(message: bytes, signature: bytes, keys: Mapping[str, Any] | None) -> bool:
    if keys is not None:
        return _signed_by(keys, message, signature)
    if _signed_by(PUBLISHED.current(), message, signature):
        return True
    renewed = PUBLISHED.renew()  # they may have changed
    return renewed is not None and _signed_by(renewed, message, signature)


def _signed_by(jwks: Mapping[str, Any], message: bytes, signature: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise UsageError("verifying webhooks needs cryptography; pip install 'prep-and-submit[webhook]'") from None
    for public in _public_keys(jwks):
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            continue
        return True
    return False


def _public_keys(jwks: Mapping[str, Any]) -> Iterator[bytes]:
    """The 32 bytes of each Ed25519 key (RFC 8037); other and malformed keys are skipped."""
    listed = jwks.get("keys")
    for key in listed if isinstance(listed, list) else ():
        if not isinstance(key, dict) or (key.get("kty"), key.get("crv")) != ("OKP", "Ed25519"):
            continue
        x = key.get("x")
        if not isinstance(x, str) or not re.fullmatch(r"[A-Za-z0-9_-]{43}=?", x):
            continue
        yield base64.urlsafe_b64decode(x.rstrip("=") + "=")
