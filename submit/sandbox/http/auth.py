"""Key check: there must be one. It is neither compared nor kept."""

from starlette.exceptions import HTTPException
from starlette.requests import Request


def require_key(request: Request) -> None:
    """Raise 401, as the platform does, for a request without ``Authorization: Key ...``."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "key" or not key.strip():
        raise HTTPException(401, "Authentication is required to access this application")
