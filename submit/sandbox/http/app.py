"""The ASGI application: one router for each host."""

from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Host, Router

from submit.sandbox.faults.http import At
from submit.sandbox.http.cdn import cdn_routes, rest_routes
from submit.sandbox.http.queue import queue_routes
from submit.sandbox.http.requests import listing_routes
from submit.sandbox.jobs import JobQueue
from submit.sandbox.storage import Storage


def build_app(storage: Storage, jobs: JobQueue, token: str, jwks: Mapping[str, Any], at: At) -> Starlette:
    """Build the application. *token* admits uploads to the CDN and is issued by rest.fal.ai, which publishes *jwks*.

    *at* lets the faults of a place strike its handler. Other hosts answer 404.
    """
    return Starlette(
        routes=[
            Host("rest.fal.ai", Router(rest_routes(storage, token, jwks))),
            Host("api.fal.ai", Router(listing_routes(jobs))),
            Host("{cdn}.fal.media", Router(cdn_routes(storage, token, at))),
            Host("queue.{domain}", Router(queue_routes(jobs, at))),
        ],
        exception_handlers={HTTPException: _refuse, ClientDisconnect: _gone},
    )


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    body = {"detail": error.detail}
    if error.headers and "X-Fal-Error-Type" in error.headers:
        body["error_type"] = error.headers["X-Fal-Error-Type"]
    return JSONResponse(body, error.status_code, dict(error.headers or {}))


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=499)
