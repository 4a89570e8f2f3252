"""Signed webhooks as the platform sends them, and the public key that verifies them."""

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from prep.log import get_logger
from submit.sandbox.jobs import Job
from submit.sandbox.loopback import is_loopback

# The platform tries ten times within two hours.
ATTEMPTS = 3
PAUSE_S = 0.2
TIMEOUT_S = 15.0
USER_ID = "sandbox"

logger = get_logger(__name__)


class Webhooks:
    """Signs with a new key for each sandbox."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    def jwks(self) -> dict[str, Any]:
        public = base64.urlsafe_b64encode(self._key.public_key().public_bytes_raw()).rstrip(b"=").decode()
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "sandbox", "use": "sig", "x": public}]}

    async def send(self, job: Job) -> None:
        """Post the outcome of *job* to its webhook URL if that is on this machine; failures are logged."""
        url = job.submitted.webhook_url
        if url is None or job.outcome is None:
            return
        if not is_loopback(url):
            job.log("webhook not sent: the sandbox reaches this machine only")
            return
        import httpx

        body = json.dumps(_notice(job)).encode()
        async with httpx.AsyncClient(trust_env=False, timeout=TIMEOUT_S) as http:
            for attempt in range(ATTEMPTS):
                if attempt:
                    await asyncio.sleep(PAUSE_S)
                try:
                    answer = await http.post(url, content=body, headers=self._headers(job, body))
                except httpx.HTTPError as error:
                    job.log(f"webhook failed: {type(error).__name__}")
                    continue
                job.log(f"webhook answered with {answer.status_code}")
                if answer.is_success:
                    return
        logger.warning("the webhook of %s was not accepted", job.submitted.request_id)

    def _headers(self, job: Job, body: bytes) -> Mapping[str, str]:
        signed = (job.submitted.request_id, USER_ID, str(int(time.time())), hashlib.sha256(body).hexdigest())
        return {
            "Content-Type": "application/json",
            "X-Fal-Webhook-Request-Id": signed[0],
            "X-Fal-Webhook-User-Id": signed[1],
            "X-Fal-Webhook-Timestamp": signed[2],
            "X-Fal-Webhook-Signature": self._key.sign("\n".join(signed).encode()).hex(),
        }


def _notice(job: Job) -> dict[str, Any]:
    assert job.outcome is not None
    request_id, fine = job.submitted.request_id, job.outcome.status_code == 200
    shown = {"request_id": request_id, "gateway_request_id": request_id, "status": "OK" if fine else "ERROR"}
    error = {} if fine else {"error": f"Invalid status code: {job.outcome.status_code}"}
    return {**shown, **error, "payload": job.outcome.body}
