"""Signing of webhooks by the platform's documented protocol, with keys made here."""

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY = Ed25519PrivateKey.generate()
OTHER = Ed25519PrivateKey.generate()
NOW = 1_760_000_000
ID, USER, TIME, SIGNATURE = (f"X-Fal-Webhook-{name}" for name in ("Request-Id", "User-Id", "Timestamp", "Signature"))


def jwk(key: Ed25519PrivateKey, **changes: Any) -> dict[str, Any]:
    public = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": public, "kid": "1", "use": "sig", **changes}


def signed(body: bytes, key: Ed25519PrivateKey = KEY, timestamp: int | str = NOW) -> dict[str, str]:
    """The headers for *body*."""
    lines = ["abc", "user-1", str(timestamp), hashlib.sha256(body).hexdigest()]
    signature = key.sign("\n".join(lines).encode()).hex()
    return {ID: lines[0], USER: lines[1], TIME: lines[2], SIGNATURE: signature, "Content-Type": "application/json"}


def notice(request_id: str, status: str = "OK", **more: Any) -> bytes:
    """A body as the platform documents it."""
    return json.dumps({"request_id": request_id, "gateway_request_id": "abc", "status": status, **more}).encode()
