"""The HTTP face of the list of an account's requests, as api.fal.ai answers it: the finished ones only."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from submit.sandbox.http.auth import require_key
from submit.sandbox.jobs import Job, JobQueue

MAX_LISTED = 100


def listing_routes(jobs: JobQueue) -> Sequence[Route]:
    async def listing(request: Request) -> Response:
        require_key(request)
        asked = request.query_params
        try:
            start = datetime.fromisoformat(asked["start"]) if "start" in asked else datetime.min.replace(tzinfo=UTC)
            page, limit = int(asked.get("cursor", 0)), int(asked.get("limit", 50))
        except ValueError as error:
            raise HTTPException(400, f"Bad parameter: {error}") from error
        endpoints = asked.getlist("endpoint_id")
        if not endpoints or not 1 <= limit <= MAX_LISTED:
            raise HTTPException(400, f"endpoint_id is required, limit goes from 1 to {MAX_LISTED}")
        found = [
            job
            for job in jobs.finished()  # by their end, the latest first
            if job.submitted.endpoint in endpoints and job.sent_at >= start
        ]
        shown = found[page * limit : (page + 1) * limit]
        more = len(found) > (page + 1) * limit
        items = [_item(job, "payloads" in asked.getlist("expand")) for job in shown]
        return JSONResponse({"items": items, "has_more": more, "next_cursor": str(page + 1) if more else None})

    return [Route("/v1/models/requests/by-endpoint", listing)]


def _item(job: Job, payloads: bool) -> dict[str, Any]:
    assert job.outcome is not None
    item = {
        "request_id": job.submitted.request_id,
        "endpoint_id": job.submitted.endpoint,
        "sent_at": job.sent_at.isoformat(),
        "status_code": job.outcome.status_code,
        "duration": round(job.finished_at - job.started_at, 3) if job.started_at else 0.0,
    }
    return item | ({"json_input": job.submitted.body, "json_output": job.outcome.body} if payloads else {})
