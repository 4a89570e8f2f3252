"""The extra ``mcp``: what it installs, looked for without importing it."""

from importlib.util import find_spec

from prep.errors import UsageError


def require_extra() -> None:
    """Raise UsageError when the extra ``mcp`` is not installed."""
    missing = [name for name in ("mcp", "starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise UsageError(f"tools for agents need {', '.join(missing)}; pip install 'prep-and-submit[mcp]'")
