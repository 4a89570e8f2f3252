"""Request list: an account's finished requests, as api.fal.ai lists them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from submit.sandbox.http.reading import require_key
from submit.sandbox.jobs import Job, JobQueue

MAX_LISTED = 100


def listing_routes(jobs: JobQueue) -> Sequence[Route]:
    async def listing(request: Request) -> Response:
        require_key(request)
        query = request.query_params
        try:
            start = datetime.fromisoformat(query["start"]) if "start" in query else datetime.min.replace(tzinfo=UTC)
            page, limit = int(query.get("cursor", 0)), int(query.get("limit", 50))
        except ValueError as error:
            raise HTTPException(400, f"Bad parameter: {error}") from error
        endpoints = query.getlist("endpoint_id")
        if not endpoints or not 1 <= limit <= MAX_LISTED:
            raise HTTPException(400, f"endpoint_id is required, limit is 1 to {MAX_LISTED}")
        matches = [
            job
            for job in jobs.finished()  # the latest end first
            if job.submitted.endpoint in endpoints and job.sent_at >= start
        ]
        page_of_jobs = matches[page * limit : (page + 1) * limit]
        more = len(matches) > (page + 1) * limit
        items = [_item(job, "payloads" in query.getlist("expand")) for job in page_of_jobs]
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
