"""Reads JSON bodies, never more than a bound."""

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request


async def read_json(request: Request, max_bytes: int) -> Any:
    """Raises 413 for a longer body, and 400 for one that is not JSON which can be echoed."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > max_bytes:
            raise HTTPException(413, f"The request body is larger than {max_bytes} bytes")
    try:
        body = json.loads(content)
        # Python's reader lets NaN and lone surrogates in, which no answer could carry back.
        json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "The body is not JSON", {"X-Fal-Error-Type": "bad_request"}) from error
    return body
