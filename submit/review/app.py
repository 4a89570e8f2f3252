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
from prep.log import get_logger
from submit.review.api import api_routes
from submit.review.gate import Gate, guarded
from submit.review.media import media_routes
from submit.review.session import Session

if TYPE_CHECKING:
    from starlette.types import ASGIApp

logger = get_logger(__name__)
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
    explained = (HTTPException, PrepError, OSError, ValueError, ArithmeticError, RecursionError)
    handlers = {ClientDisconnect: _gone, **dict.fromkeys(explained, _explain)}
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


async def _explain(_: Request, error: Exception) -> Response:
    """What is wrong, in the words of the command."""
    match error:
        case HTTPException():
            text, status = error.detail, error.status_code
        case PrepError():
            text, status = in_flags(str(error)), 422
        case OSError():
            text, status = f"can't be written or read: {error.strerror or error}", 507
        case _:  # a value that nothing can be made of, such as a number of thousands of digits
            logger.info("a request was refused", exc_info=error)
            text, status = "a value that can't be used", 400
    return JSONResponse({"error": text}, status)


async def _gone(_: Request, error: Exception) -> Response:  # noqa: ARG001
    return Response(status_code=499)
