"""Queue handlers: submit, status, result and cancel, as queue.fal.run answers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from prep.specs import all_specs
from submit.sandbox.faults.http import At
from submit.sandbox.http.reading import read_json, require_key
from submit.sandbox.jobs import Job, JobQueue

QUEUE_URL = "https://queue.fal.run"
MAX_BODY_BYTES = 64 * 1024 * 1024
_REQUEST = "/{owner}/{alias}/requests/{request_id}"


def queue_routes(jobs: JobQueue, at: At) -> Sequence[Route]:
    """Routes of queue.fal.run; *at* lets the faults of a place strike its handler."""
    handlers = _Handlers(jobs)
    return [
        Route(f"{_REQUEST}/status", at("status", handlers.status)),
        Route(f"{_REQUEST}/cancel", handlers.cancel, methods=["PUT"]),
        Route(_REQUEST, at("result", handlers.result)),
        Route("/{endpoint:path}", at("submit", handlers.submit), methods=["POST"]),
    ]


@dataclass(frozen=True)
class _Handlers:
    jobs: JobQueue

    async def submit(self, request: Request) -> Response:
        """Accept any JSON for a known endpoint: only the result reports a bad request, as on the platform."""
        require_key(request)
        endpoint = request.path_params["endpoint"]
        if endpoint not in all_specs():
            raise HTTPException(404, f"Application '{endpoint}' not found")
        body = await read_json(request, MAX_BODY_BYTES)
        headers = {name: value for name, value in request.headers.items() if name.startswith("x-fal-")}
        job = self.jobs.submit(endpoint, body, request.query_params.get("fal_webhook"), headers)
        return _answer(job, {"status": "IN_QUEUE", "queue_position": self.jobs.position(job), **_links(job)})

    async def status(self, request: Request) -> Response:
        job = _job(self.jobs, request)
        logs = job.logs if request.query_params.get("logs", "").lower() in ("1", "true") else None
        answer: dict[str, Any] = {"status": job.state, **_links(job)}
        if job.state == "IN_QUEUE":
            return _answer(job, {**answer, "queue_position": self.jobs.position(job)}, 202)
        if job.outcome is None:
            return _answer(job, {**answer, "logs": logs}, 202)
        # The platform has no failed state: a refused request is COMPLETED as well, and only its result says so.
        inference_s = job.finished_at - job.started_at if job.started_at else 0.0
        answer |= {"logs": logs, "metrics": {"inference_time": round(inference_s, 3)}}
        if job.outcome.body.get("error_type"):
            answer |= {"error": job.outcome.body["detail"], "error_type": job.outcome.body["error_type"]}
        return _answer(job, answer)

    async def result(self, request: Request) -> Response:
        job = _job(self.jobs, request)
        if job.outcome is None:
            raise HTTPException(400, "Request is still in progress")
        if self.jobs.is_lost(job):
            raise HTTPException(404, "Request not found")
        return _answer(job, job.outcome.body, job.outcome.status_code, job.outcome.headers)

    async def cancel(self, request: Request) -> Response:
        try:
            job = _job(self.jobs, request)
        except HTTPException as error:
            if error.status_code != 404:
                raise
            return JSONResponse({"status": "NOT_FOUND"}, 404)
        if self.jobs.cancel(job):
            return _answer(job, {"status": "CANCELLATION_REQUESTED"}, 202)
        return _answer(job, {"status": "ALREADY_COMPLETED"}, 400)


def _job(jobs: JobQueue, request: Request) -> Job:
    require_key(request)
    job = jobs.find(request.path_params["request_id"])
    if job is None or _app(job) != (request.path_params["owner"], request.path_params["alias"]):
        raise HTTPException(404, "Request not found")
    return job


def _app(job: Job) -> tuple[str, str]:
    """Owner and alias of the endpoint: the part of its path that a job's URLs contain."""
    owner, alias, *_ = job.submitted.endpoint.split("/")
    return owner, alias


def _links(job: Job) -> dict[str, str]:
    request_id = job.submitted.request_id
    url = f"{QUEUE_URL}/{'/'.join(_app(job))}/requests/{request_id}"
    links = {"response_url": url, "status_url": f"{url}/status", "cancel_url": f"{url}/cancel"}
    return {"request_id": request_id, **links}


def _answer(job: Job, body: object, status_code: int = 200, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(body, status_code, {"X-Fal-Request-Id": job.submitted.request_id, **(headers or {})})
