"""The JSON API of the page: each call makes one change and answers with everything that the page shows."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from prep.errors import UsageError
from prep.inputs.folder import list_names
from prep.inputs.jobs import is_text
from prep.inputs.references import folder_notes, usable_listing
from prep.model.redact import shown
from prep.model.reference import Reference
from submit.review.draft import (
    LONGEST_PROMPT,
    Draft,
    added,
    cropped,
    in_order,
    moved,
    removed,
    renamed,
    tracked,
    trimmed,
)
from submit.review.session import Session, new_card
from submit.review.view.parameters import with_option, with_parameter
from submit.review.view.price import current_cost, is_prepared, offer_id
from submit.review.work import Wish

MAX_JSON_BYTES = 200_000
TICK_S = 0.1
ALIVE_S = 15.0
LONGEST_URL = 2000
MOST_CARDS = 100


def api_routes(session: Session) -> list[Route]:
    handlers = _Handlers(session)
    return [
        Route("/api/state", handlers.state),
        Route("/api/events", handlers.events),
        Route("/api/uploads", handlers.upload, methods=["POST"]),
        Route("/api/folders", handlers.folder, methods=["POST"]),
        Route("/api/references", handlers.add, methods=["POST"]),
        Route("/api/references/{card}", handlers.edit, methods=["PATCH"]),
        Route("/api/references/{card}", handlers.remove, methods=["DELETE"]),
        Route("/api/prompt", handlers.prompt, methods=["PUT"]),
        Route("/api/parameters", handlers.parameter, methods=["PATCH"]),
        Route("/api/options", handlers.option, methods=["PATCH"]),
        Route("/api/prepare", handlers.prepare, methods=["POST"]),
        Route("/api/submit", handlers.submit, methods=["POST"]),
        Route("/api/cancel", handlers.cancel, methods=["POST"]),
        Route("/api/jobs/{job}/fetch", handlers.fetch, methods=["POST"]),
    ]


@dataclass(frozen=True)
class _Handlers:
    session: Session

    async def state(self, _: Request) -> Response:
        return await self._everything()

    async def events(self, request: Request) -> Response:
        """A line whenever something is new: the number of the revision."""

        async def lines() -> AsyncIterator[str]:
            last, quiet_s = 0, 0.0
            while not self.session.ended and not await request.is_disconnected():
                if (revision := self.session.board.revision) != last:
                    last, quiet_s = revision, 0.0
                    yield f"data: {revision}\n\n"
                elif quiet_s >= ALIVE_S:
                    quiet_s = 0.0
                    yield ": alive\n\n"
                await asyncio.sleep(TICK_S)
                quiet_s += TICK_S

        return StreamingResponse(lines(), media_type="text/event-stream")

    async def upload(self, request: Request) -> Response:
        name, size = request.query_params.get("name", ""), request.headers.get("content-length", "")
        if not size.isdigit():
            raise HTTPException(411, "the length of the file is missing")
        self._refuse_too_many()
        path = await self.session.uploads.receive(name, int(size), request.stream())
        card = new_card(Reference(location=str(path)), uploaded=True)
        return await self._change(lambda draft: added(draft, (card,)))

    async def folder(self, request: Request) -> Response:
        """The names of a dropped folder: answers with those to upload, in order, as `media`, and notes the others."""
        match await _json(request):
            case {"name": str(name), "files": [*files], "folders": [*folders]} if all(
                isinstance(text, str) for text in (*files, *folders)
            ):
                pass
            case _:
                raise HTTPException(400, "not the names in a folder")
        place = shown(name)
        listing = usable_listing(place, list_names(files, folders))
        notes = folder_notes(place, listing.skipped)
        await run_in_threadpool(self.session.board.change, lambda draft: draft._replace(notes=(*draft.notes, *notes)))
        return JSONResponse(await run_in_threadpool(self.session.data) | {"media": listing.media})

    async def add(self, request: Request) -> Response:
        """A reference by URL; paths are named on the command line, never by the page."""
        url = str((await _json(request)).get("url", "")).strip()
        if not url.lower().startswith("https://") or len(url) > LONGEST_URL:
            raise UsageError("only an https:// URL can be added here; drop a file, or name it on the command line")
        if self.session.sandbox:
            raise UsageError("the sandbox can't read URLs; download the file and drop it here")
        self._refuse_too_many()
        card = new_card(Reference(location=url))
        return await self._change(lambda draft: added(draft, (card,)))

    async def edit(self, request: Request) -> Response:
        fields, card = await _json(request), request.path_params["card"]
        change = _edit(card, fields)
        return await self._change(change)

    async def remove(self, request: Request) -> Response:
        card = self.session.board.position().draft.card(request.path_params["card"])
        answer = await self._change(lambda draft: removed(draft, card.id))
        if card.uploaded and not self.session.work.busy:
            self.session.uploads.remove(Path(card.reference.location))
        return answer

    async def prompt(self, request: Request) -> Response:
        text = str((await _json(request)).get("text", ""))[:LONGEST_PROMPT]
        return await self._change(lambda draft: draft._replace(prompt=text))

    async def parameter(self, request: Request) -> Response:
        name, value = _setting(await _json(request))
        spec = self.session.places.spec
        return await self._change(
            lambda draft: draft._replace(generation=with_parameter(draft.generation, spec, name, value))
        )

    async def option(self, request: Request) -> Response:
        name, value = _setting(await _json(request))
        return await self._change(lambda draft: draft._replace(options=with_option(draft.options, name, value)))

    async def prepare(self, _: Request) -> Response:
        session, position = self.session, self.session.board.position()
        plan = position.judgement.plan
        if plan is None or not position.settled or plan.unfixable or any(c.error for c in position.draft.cards):
            raise UsageError("the plan is not ready; wait for it, and fix what is marked as an error")
        session.work.prepare(plan, position.key)
        return await self._everything()

    async def submit(self, request: Request) -> Response:
        """Submit what the page has shown and the user agreed to: these files, this request, at this price."""
        fields = await _json(request)
        session, position = self.session, self.session.board.position()
        work, spec, offer = session.work, session.places.spec, position.judgement.offer
        if not is_prepared(position, work) or offer is None:
            raise UsageError("the files are not those of this plan; prepare them first")
        if fields.get("offer") != offer_id(position, work, spec):
            raise UsageError("the prompt, the parameters or the price have changed; look at them again")
        cost = current_cost(position, work, spec)
        wish = Wish(
            offer.request.prompt,
            position.judgement.generation,
            cost.max_usd if cost else None,
            fields.get("again") is True,
        )
        work.submit(wish)
        return await self._everything()

    async def cancel(self, _: Request) -> Response:
        await run_in_threadpool(self.session.work.cancel)
        return await self._everything()

    async def fetch(self, request: Request) -> Response:
        await run_in_threadpool(self.session.work.fetch, request.path_params["job"])
        return await self._everything()

    def _refuse_too_many(self) -> None:
        if len(self.session.board.position().draft.cards) >= MOST_CARDS:
            raise UsageError(f"{MOST_CARDS} references are on the page already; remove some first")

    async def _change(self, change: Callable[[Draft], Draft]) -> Response:
        await run_in_threadpool(self.session.board.change, change)
        return await self._everything()

    async def _everything(self) -> Response:
        return JSONResponse(await run_in_threadpool(self.session.data))


def _edit(card: str, fields: dict[str, Any]) -> Callable[[Draft], Draft]:
    """The change that *fields* ask for. Raises HTTPException when they ask for none."""
    match fields:
        case {"name": str(name)}:
            return lambda draft: renamed(draft, card, name)
        case {
            "start": str(start),
            "end": str(end),
            "last": "start" | "end" as last,
            "length_s": int() | float() as most,
        }:
            return lambda draft: trimmed(draft, card, *in_order(start, end, last, most))
        case {"start": str(start), "end": str(end)}:
            return lambda draft: trimmed(draft, card, start, end)
        case {"crop": None}:
            return lambda draft: cropped(draft, card, None)
        case {"crop": [int() | float() as x, int() | float() as y, int() | float() as w, int() | float() as h]}:
            return lambda draft: cropped(draft, card, (x, y, w, h))
        case {"track": "" | "audio" | "video" as track}:
            return lambda draft: tracked(draft, card, track)
        case {"place": int(place)}:
            return lambda draft: moved(draft, card, place)
        case {"by": int(by)}:
            return lambda draft: moved(draft, card, draft.cards.index(draft.card(card)) + by)
        case _:
            raise HTTPException(400, "not a change of a reference")


def _setting(fields: dict[str, Any]) -> tuple[str, str]:
    match fields:
        case {"name": str(name), "value": str(value)}:
            return name, value
        case _:
            raise HTTPException(400, "a name and a value are needed")


async def _json(request: Request) -> dict[str, Any]:
    """The body as a JSON object of a bounded size."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_JSON_BYTES:
            raise HTTPException(413, "too large")
    try:
        fields = json.loads(body)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise HTTPException(400, "the body is not a JSON object")
    if not is_text(fields):
        raise UsageError("half of a character; write whole ones")
    return fields
