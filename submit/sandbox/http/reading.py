"""Readers of requests: the key, which must be there, and JSON bodies of limited size."""

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request


async def read_json(request: Request, max_bytes: int) -> Any:
    """Read a JSON body. Raises 413 if it is longer than *max_bytes*, 400 if it is not JSON that can be echoed."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > max_bytes:
            raise HTTPException(413, f"The request body is larger than {max_bytes} bytes")
    try:
        body = json.loads(content)
        # Python's parser accepts NaN and lone surrogates, which no answer could carry back
        json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "The body is not JSON", {"X-Fal-Error-Type": "bad_request"}) from error
    return body


def require_key(request: Request) -> None:
    """Raise 401, as the platform does, for a request without ``Authorization: Key ...``; the key is not compared."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "key" or not key.strip():
        raise HTTPException(401, "Authentication is required to access this application")
