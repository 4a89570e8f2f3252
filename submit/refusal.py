"""What the platform says when it refuses, translated into findings that name the user's files."""

import itertools
import re
from pathlib import PurePath
from typing import Any

from prep.model.finding import Finding
from prep.model.manifest import Manifest, ManifestEntry
from prep.rules.catalogue.refusal import refusal_rule
from submit.ports import Refusal

# The argument that holds the URLs of each kind.
KIND_OF = {"image_urls": "image", "video_urls": "video", "audio_urls": "audio"}
CONTENT = re.compile(r"content\[(\d{1,4})\]")


def findings_of(refusal: Refusal, manifest: Manifest) -> tuple[Finding, ...]:
    """One finding for each problem that the platform lists, at least one; the echo of the request is left out.

    What comes from outside may have any shape: what is not as documented is told without a file.
    """
    problems = refusal.detail if isinstance(refusal.detail, list) else []
    found = tuple(_translated(item, manifest) for item in problems if isinstance(item, dict))
    return found or (_finding(str(refusal), refusal.error_type or "refused", None),)


def _translated(item: dict[str, Any], manifest: Manifest) -> Finding:
    said, kind = item.get("msg"), item.get("type")
    message = said if isinstance(said, str) and said else "refused without a reason"
    entry = _by_location(item.get("loc"), manifest) or _by_content(message, manifest)
    return _finding(message, kind if isinstance(kind, str) and kind else "refused", entry)


def _by_location(loc: Any, manifest: Manifest) -> ManifestEntry | None:
    """["body", "video_urls", 1] is the second video."""
    for name, index in itertools.pairwise(loc if isinstance(loc, list) else ()):
        if isinstance(name, str) and name in KIND_OF and isinstance(index, int):
            return _nth([entry for entry in manifest.entries if entry.kind == KIND_OF[name]], index)
    return None


def _by_content(message: str, manifest: Manifest) -> ManifestEntry | None:
    """content[0] is the prompt; the references follow, images first, then videos, then sounds."""
    found = CONTENT.search(message)
    if not found or found[1] == "0":
        return None
    order = [entry for kind in ("image", "video", "audio") for entry in manifest.entries if entry.kind == kind]
    return _nth(order, int(found[1]) - 1)


def _nth(entries: list[ManifestEntry], index: int) -> ManifestEntry | None:
    return entries[index] if 0 <= index < len(entries) else None


def _finding(message: str, error_type: str, entry: ManifestEntry | None) -> Finding:
    return Finding(
        rule=refusal_rule(error_type),
        severity="error",
        basis="upstream",
        subject=PurePath(entry.source.path).name if entry else None,
        tag=entry.tag if entry else None,
        actual=error_type,
        allowed="accepted",
        message=message,
    )
