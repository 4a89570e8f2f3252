"""When two jobs are the same: the same request about files of the same content."""

import hashlib
import json
from collections.abc import Mapping

from prep.errors import UsageError
from prep.model.manifest import Manifest, OutputFile
from submit.journal import JobRecord
from submit.request.build import Request


def by_content(manifest: Manifest) -> dict[str, str]:
    """What stands for the URL of each tag as long as there is none; the same content has the same.

    Content that stays at its own URL is known by that and by what was probed there.
    """
    return {
        entry.tag: f"sha256:{entry.output.sha256}" if entry.output.url is None else _of_url(entry.output)
        for entry in manifest.entries
    }


def _of_url(output: OutputFile) -> str:
    return "url:" + hashlib.sha256(f"{output.url} {output.info.model_dump_json()}".encode()).hexdigest()


def key_of(endpoint: str, request: Request) -> str:
    """The same for the same *request*, whose files are named by content."""
    told = json.dumps([endpoint, request.arguments()], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(told.encode()).hexdigest()


def with_urls(job: JobRecord, urls: Mapping[str, str]) -> Request:
    """The request of *job* as it is sent; *urls* are by the hash of the content.

    Raises UsageError when all that is known of the job comes from its receipt, which does not hold whole URLs.
    """
    kinds = ("image", "video", "audio")
    if any(file.url is not None and file.url.endswith("?…") for file in job.files):
        raise UsageError(f"job {job.id}: its receipt leaves the query of a URL out; run the whole job again")
    placed = {
        f"{kind}_urls": tuple(file.url or urls[file.sha256] for file in job.files if file.kind == kind)
        for kind in kinds
    }
    return job.request.model_copy(update=placed)
