"""Job identity: two jobs are the same when they send the same request about files of the same content."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from prep.errors import UsageError
from prep.model.manifest import Manifest, OutputFile
from prep.model.plan import Plan
from submit.journal import JobRecord
from submit.request.build import Request


def content_urls(manifest: Manifest) -> dict[str, str]:
    """Map each tag to a stand-in for its URL that depends on the content only.

    Content that stays at its own URL is identified by that URL and by what was probed there.
    """
    return {
        entry.tag: f"sha256:{entry.output.sha256}" if entry.output.url is None else _hash_of_url(entry.output)
        for entry in manifest.entries
    }


def _hash_of_url(output: OutputFile) -> str:
    return "url:" + hashlib.sha256(f"{output.url} {output.info.model_dump_json()}".encode()).hexdigest()


def planned_urls(plan: Plan) -> dict[str, str]:
    """Map each tag to a stand-in for its URL that depends on the source's content and the steps planned for it."""
    return {
        entry.tag: "plan:" + hashlib.sha256(entry.model_dump_json(exclude=_NOT_CONTENT).encode()).hexdigest()
        for entry in plan.entries
    }


# Where a source lies and what it is called do not matter, unless it is read from its URL.
_NOT_CONTENT: Any = {"tag": True, "reference": {"name", "location"}, "unfixable": True}


def job_key(endpoint: str, request: Request) -> str:
    """Hash *request*, whose files are named by content: equal for equal jobs."""
    text = json.dumps([endpoint, request.arguments()], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def request_with_urls(job: JobRecord, urls: Mapping[str, str]) -> Request:
    """The request of *job* as it is sent; *urls* maps the hash of each file to its URL.

    Raises UsageError when the job is known from its receipt only, which holds no complete URLs.
    """
    if any(file.url is not None and file.url.endswith("?…") for file in job.files):
        raise UsageError(f"job {job.id}: its receipt leaves the query of a URL out; run the whole job again")
    lists = {
        f"{kind}_urls": tuple(file.url or urls[file.sha256] for file in job.files if file.kind == kind)
        for kind in ("image", "video", "audio")
    }
    return job.request.model_copy(update=lists)
