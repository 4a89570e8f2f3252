"""Effects of the faults that strike a request."""

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from submit.sandbox.clock import Clock, wait
from submit.sandbox.faults.cut import Tunnels
from submit.sandbox.faults.plan import Faults, Place, Strike
from submit.sandbox.storage import Storage

Handler = Callable[[Request], Awaitable[Response]]
At = Callable[[Place, Handler], Handler]
# The gateway before the platform answers with a page; fal_client looks for its name before it repeats a request.
GATEWAY_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>nginx</body></html>"


class Means(NamedTuple):
    storage: Storage
    tunnels: Tunnels
    clock: Clock


class Struck(NamedTuple):
    """A request that a fault strikes before it is handled."""

    strike: Strike
    request: Request
    handler: Handler
    means: Means

    async def answer(self) -> Response:
        """The answer without the fault."""
        return await self.handler(self.request)

    def cut_after(self, size_bytes: int) -> None:
        client = self.request.client
        assert client is not None, "every request comes through a socket"
        self.means.tunnels.cut_after((client.host, client.port), size_bytes)


def failing(faults: Faults, means: Means) -> At:
    """Return a wrapper that lets the faults of a place strike its handler."""

    def at(place: Place, handler: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            # HEAD has no body to cut short
            strike = None if request.method == "HEAD" else faults.strike(place)
            if strike is None:
                return await handler(request)
            return await EFFECTS[strike.fault](Struck(strike, request, handler, means))

        return handle

    return at


async def _unavailable(_: Struck) -> Response:
    return _page("503 Service Temporarily Unavailable", 503)


async def _too_many(_: Struck) -> Response:
    return JSONResponse({"detail": "Too many requests"}, 429, {"Retry-After": "1"})


async def _accepted_behind_a_bad_gateway(struck: Struck) -> Response:
    await struck.answer()
    return _page("502 Bad Gateway", 502)


async def _dropped_before(struck: Struck) -> Response:
    await struck.request.body()  # all of it was sent: to the client this looks like an accepted request
    struck.cut_after(0)
    return Response()


async def _dropped_after(struck: Struck) -> Response:
    answer = await struck.answer()
    struck.cut_after(0)
    return answer


async def _slow(struck: Struck) -> Response:
    await wait(struck.means.clock, struck.strike.seconds)
    return await struck.answer()


async def _stored_for_a_while(struck: Struck, gone_status: int) -> Response:
    answer = await struck.answer()
    struck.means.storage.expire(json.loads(bytes(answer.body))["access_url"], struck.strike.seconds, gone_status)
    return answer


async def _cut_short(struck: Struck) -> Response:
    answer = await struck.answer()
    if isinstance(answer, FileResponse):
        head = sum(len(name) + len(value) + len(": \r\n") for name, value in answer.raw_headers)
        struck.cut_after(len("HTTP/1.1 200 OK\r\n\r\n") + head + _size(answer) // 2)
    return answer


async def _shortened(struck: Struck) -> Response:
    answer = await struck.answer()
    if not isinstance(answer, FileResponse):
        return answer
    with open(answer.path, "rb") as file:
        half = file.read(_size(answer) // 2)
    return Response(half, media_type=answer.media_type)


def _size(answer: FileResponse) -> int:
    return int(answer.headers["content-length"])


def _page(status: str, status_code: int) -> Response:
    return Response(GATEWAY_PAGE.format(status), status_code, media_type="text/html")


EFFECTS: dict[str, Callable[[Struck], Awaitable[Response]]] = {
    "slow-upload": _slow,
    "5xx-upload": _unavailable,
    "expired-url": partial(_stored_for_a_while, gone_status=404),
    "forbidden-url": partial(_stored_for_a_while, gone_status=403),
    "429": _too_many,
    "5xx-submit": _unavailable,
    "5xx-after-accept": _accepted_behind_a_bad_gateway,
    "drop-before-accept": _dropped_before,
    "drop-after-accept": _dropped_after,
    "5xx-status": _unavailable,
    "5xx-result": _unavailable,
    "partial-download": _cut_short,
    "wrong-length": _shortened,
}
