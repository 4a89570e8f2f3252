"""When two jobs are the same: the same request about files of the same content."""

import hashlib
import json
from collections.abc import Mapping

from prep.model.manifest import Manifest
from submit.journal import JobRecord
from submit.request import Request


def by_content(manifest: Manifest) -> dict[str, str]:
    """What stands for the URL of each tag as long as there is none; the same content has the same."""
    return {entry.tag: f"sha256:{entry.output.sha256}" for entry in manifest.entries}


def key_of(endpoint: str, request: Request) -> str:
    """The same for the same *request*, whose files are named by content."""
    told = json.dumps([endpoint, request.arguments()], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(told.encode()).hexdigest()


def with_urls(job: JobRecord, urls: Mapping[str, str]) -> Request:
    """The request of *job* as it is sent; *urls* are by the hash of the content."""
    kinds = ("image", "video", "audio")
    placed = {f"{kind}_urls": tuple(urls[file.sha256] for file in job.files if file.kind == kind) for kind in kinds}
    return job.request.model_copy(update=placed)
