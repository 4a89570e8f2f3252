"""The application of the page: its shell, its own files, the API and the media, all behind the gate."""

from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from prep import __version__
from prep.errors import PrepError
from prep.flag_names import in_flags
from submit.review.api import api_routes
from submit.review.gate import Gate, guarded
from submit.review.media import media_routes
from submit.review.session import Session

if TYPE_CHECKING:
    from starlette.types import ASGIApp

TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def build_app(session: Session, gate: Gate) -> "ASGIApp":
    """Build the application for one browser."""
    static = _static()
    shell = _shell(session)

    async def page(_: Request) -> Response:
        return HTMLResponse(shell)

    async def own_file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in static:
            raise HTTPException(404, "no such file")
        return Response(static[name], media_type=TYPES[name.rpartition(".")[2]])

    routes = [
        Route("/", page),
        Route("/static/{name}", own_file),
        *api_routes(session),
        *media_routes(session),
    ]
    handlers = {HTTPException: _refuse, PrepError: _complain, ClientDisconnect: _gone}
    return guarded(Starlette(routes=[Mount(f"/{gate.room}", routes=routes)], exception_handlers=handlers), gate)


def _static() -> dict[str, bytes]:
    """The page's own files by name: read once, so that no request leads to a path."""
    folder = files("submit.review").joinpath("static")
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.rpartition(".")[2] in TYPES}


def _shell(session: Session) -> str:
    text = files("submit.review").joinpath("templates", "review.html").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(text).render(
        version=__version__, endpoint=session.places.spec.endpoint, sandbox=session.sandbox
    )


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code)


async def _complain(_: Request, error: Exception) -> Response:
    """What the library refuses, in the words of the command."""
    return JSONResponse({"error": in_flags(str(error))}, 422)


async def _gone(_: Request, error: Exception) -> Response:  # noqa: ARG001
    return Response(status_code=499)
