"""The only thing that the sandbox asks of a key: that there is one. It is neither compared nor kept."""

from starlette.exceptions import HTTPException
from starlette.requests import Request


def require_key(request: Request) -> None:
    """Raises 401, as the platform does, for a request without ``Authorization: Key ...``."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "key" or not key.strip():
        raise HTTPException(401, "Authentication is required to access this application")
