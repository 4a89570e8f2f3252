"""Answer to a job: a refusal, or a video and its charge."""

import asyncio
import hashlib
import json
from typing import Any

from prep.specs import load_spec
from submit.sandbox.billing import charge
from submit.sandbox.jobs import Job, Outcome
from submit.sandbox.judge.output import choose_output
from submit.sandbox.judge.render import remove_work, render
from submit.sandbox.judge.request import judge
from submit.sandbox.storage import Storage


async def answer(job: Job, storage: Storage) -> Outcome:
    """Judge the request: refuse it with 422 and no charge, or render the video, store it and charge for it."""
    request = job.submitted
    spec = load_spec(request.endpoint)
    job.log("reading the references")
    verdict = await asyncio.to_thread(judge, request.body, spec, storage.path_of)
    if verdict.problems:
        job.log(f"refused: {len(verdict.problems)} problems")
        return Outcome(status_code=422, body={"detail": [item.as_json(request.body) for item in verdict.problems]})

    references = verdict.references
    aspect = next((visual.width / visual.height for visual in references.visuals), None)
    output = choose_output(request.body, spec, aspect)
    job.log(f"generating {output.duration_s} s of {output.width}×{output.height}")
    work = storage.scratch()
    try:
        video = await render(references, output, work)
        stored = storage.commit(storage.reserve("output.mp4", "video/mp4", None), video)
    finally:
        remove_work(work)
    cost = charge(spec, request.request_id, output, references.video_s)
    file = {"url": stored.url, "content_type": stored.content_type, "file_name": stored.file_name}
    return Outcome(
        status_code=200,
        body={"video": {**file, "file_size": stored.size_bytes}, "seed": _seed(request.body)},
        headers={"X-Fal-Billable-Units": str(cost.billable_units)},
        charge=cost,
    )


def _seed(body: dict[str, Any]) -> int:
    """The requested seed, or one derived from the request."""
    if body.get("seed") is not None:
        return int(body["seed"])
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
