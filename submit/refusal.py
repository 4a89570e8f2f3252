"""What the platform says when it refuses, translated into findings that name the user's files."""

import itertools
import re
from collections.abc import Iterable
from typing import Any

from prep.model.finding import Finding
from prep.model.manifest import Manifest, ManifestEntry
from submit.ports import Refusal

# The argument that holds the URLs of each kind.
KIND_OF = {"image_urls": "image", "video_urls": "video", "audio_urls": "audio"}
CONTENT = re.compile(r"content\[(\d+)\]")


def findings_of(refusal: Refusal, manifest: Manifest) -> tuple[Finding, ...]:
    """One finding for each problem that the platform lists; the echo of the request in its answer is left out."""
    if not isinstance(refusal.detail, list):
        return (_finding(str(refusal), refusal.error_type or "refused", None),)
    return tuple(_translated(item, manifest) for item in refusal.detail if isinstance(item, dict))


def _translated(item: dict[str, Any], manifest: Manifest) -> Finding:
    message = str(item.get("msg", "refused"))
    entry = _by_location(item.get("loc") or (), manifest) or _by_content(message, manifest)
    return _finding(message, str(item.get("type", "refused")), entry)


def _by_location(loc: Iterable[Any], manifest: Manifest) -> ManifestEntry | None:
    """["body", "video_urls", 1] is the second video."""
    parts = list(loc)
    for name, index in itertools.pairwise(parts):
        if name in KIND_OF and isinstance(index, int):
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
        rule=f"refused-{error_type.replace('_', '-')}",
        severity="error",
        basis="upstream",
        subject=entry.source.path if entry else None,
        tag=entry.tag if entry else None,
        actual="refused",
        allowed="accepted",
        message=message,
    )
