"""The media of the page: strips, waveforms, pictures and clips of its references, and the videos of jobs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from prep.errors import PrepError
from prep.media.film_strip import MOST_CELLS, Cells
from prep.media.waveform import Stretch
from prep.model.media import ImageInfo
from prep.model.plan import PlanEntry, ToneMap, find
from prep.model.source import Source
from submit import managing
from submit.review.pictures import VIEWS, local_file
from submit.review.session import Session
from submit.review.view.browsers import media_type, plays_everywhere
from submit.review.view.work import video_of

TYPES = {".webp": "image/webp", ".json": "application/json", ".mp4": "video/mp4", ".wav": "audio/wav"}
CELL_HEIGHT, WIDEST_CELL = 144, 400


def media_routes(session: Session) -> list[Route]:
    handlers = _Handlers(session)
    return [
        Route("/media/{card}/strip", handlers.strip),
        Route("/media/{card}/wave", handlers.wave),
        Route("/media/{card}/clip", handlers.clip),
        Route("/media/{card}/source", handlers.source),
        Route("/media/{card}/picture/{view}", handlers.picture),
        Route("/jobs/{job}/video", handlers.video),
    ]


class _Shown(NamedTuple):
    source: Source
    entry: PlanEntry


@dataclass(frozen=True)
class _Handlers:
    """Every handler finds its file by the id of a card or of a job; no request names a path."""

    session: Session

    async def strip(self, request: Request) -> Response:
        shown = self._shown(request)
        part = _part(request, shown.source)
        count = max(1, min(int(_number(request, "count", 12)), MOST_CELLS))
        width = max(16, min(int(_number(request, "width", 96)), WIDEST_CELL))
        pictures, ctx = self.session.pictures, self.session.board.ctx
        cells = Cells(count, width, CELL_HEIGHT, sdr=find(shown.entry.steps, ToneMap) is not None)
        return await _file(lambda: pictures.strip(shown.source, part, cells, ctx))

    async def wave(self, request: Request) -> Response:
        shown, ctx = self._shown(request), self.session.board.ctx
        part = _part(request, shown.source)
        return await _file(lambda: self.session.pictures.wave(shown.source, part, ctx))

    async def picture(self, request: Request) -> Response:
        shown, ctx = self._shown(request), self.session.board.ctx
        view = request.path_params["view"]
        if view not in VIEWS:
            raise HTTPException(404, "no such picture")
        return await _file(lambda: self.session.pictures.picture(view, shown.source, shown.entry, ctx))

    async def clip(self, request: Request) -> Response:
        shown, ctx = self._shown(request), self.session.board.ctx
        part = _part(request, shown.source)
        return await _file(lambda: self.session.pictures.clip(shown.source, shown.entry, part, ctx))

    async def source(self, request: Request) -> Response:
        source, ctx = self._shown(request).source, self.session.board.ctx
        if not plays_everywhere(source.info):
            raise HTTPException(404, "browsers don't play this file")
        return FileResponse(await _made(lambda: local_file(source, ctx)), media_type=media_type(source.info))

    async def video(self, request: Request) -> Response:
        """The video of a job in the journal."""
        try:
            jobs = await run_in_threadpool(managing.jobs, state=self.session.places.state)
        except PrepError as error:
            raise HTTPException(404, str(error)) from error
        job = next((job for job in jobs if job.id == request.path_params["job"]), None)
        path = video_of(job) if job else None
        if path is None:
            raise HTTPException(404, "no such video")
        return FileResponse(path, media_type="video/mp4")

    def _shown(self, request: Request) -> _Shown:
        position = self.session.board.position()
        tag = position.draft.tags.get(request.path_params["card"])
        plan = position.judgement.plan
        entry = next((entry for entry in plan.entries if entry.tag == tag), None) if plan else None
        source = next((source for source in position.draft.sources if source.tag == tag), None)
        if entry is None or source is None:
            raise HTTPException(404, "no such reference")
        return _Shown(source, entry)


def _part(request: Request, source: Source) -> Stretch:
    """The part that the query names, within the clip; the whole of it by default."""
    if isinstance(source.info, ImageInfo):
        raise HTTPException(404, "a picture has no parts")
    whole_s = source.info.duration_s
    start_s = max(0.0, min(_number(request, "start", 0.0), whole_s))
    end_s = max(0.0, min(_number(request, "end", whole_s), whole_s))
    if end_s - start_s < 0.01:
        raise HTTPException(400, "an empty part")
    return Stretch(round(start_s, 3), round(end_s, 3))


def _number(request: Request, name: str, default: float) -> float:
    try:
        value = float(request.query_params.get(name, default))
    except ValueError:
        raise HTTPException(400, f"{name} is not a number") from None
    return value if abs(value) < 1e9 else default  # neither infinite nor not a number


async def _file(make: Callable[[], Path]) -> Response:
    path = await _made(make)
    headers = {"Cache-Control": "private, max-age=3600"}
    return FileResponse(path, media_type=TYPES[path.suffix], headers=headers)


async def _made(make: Callable[[], Path]) -> Path:
    try:
        return await run_in_threadpool(make)
    except PrepError as error:
        raise HTTPException(422, str(error)) from error
