"""What the platform says when it refuses, translated into findings that name the user's files."""

import itertools
import re
from typing import Any

from prep.model.finding import Finding
from prep.model.manifest import Manifest, ManifestEntry
from prep.model.redact import shown
from prep.model.reference import Reference
from prep.rules.catalogue import RULES
from prep.rules.catalogue.refusal import OTHERWISE, RESULT_GONE, refusal_rule
from submit.errors import Refusal
from submit.refusal.numbers import numbers_of

# The argument that holds the URLs of each kind.
KIND_OF = {"image_urls": "image", "video_urls": "video", "audio_urls": "audio"}
CONTENT = re.compile(r"`?content\[(\d{1,4})\]`?")
LONGEST = 500


def findings_of(refusal: Refusal, manifest: Manifest) -> tuple[Finding, ...]:
    """One finding for each problem that the platform lists, at least one; the echo of the request is left out.

    What comes from outside may have any shape: what is not as documented is told without a file.
    """
    problems = refusal.detail if isinstance(refusal.detail, list) else []
    found = tuple(_translated(item, manifest) for item in problems if isinstance(item, dict))
    return found or (_of_the_whole(refusal),)


def _of_the_whole(refusal: Refusal) -> Finding:
    gone = refusal.taken and refusal.status_code in (404, 410) and refusal.error_type is None
    said = refusal.detail if isinstance(refusal.detail, str) and refusal.detail else f"status {refusal.status_code}"
    return _finding(RESULT_GONE if gone else refusal.error_type or "", said, None, None)


def _translated(item: dict[str, Any], manifest: Manifest) -> Finding:
    said, kind = item.get("msg"), item.get("type")
    message = said if isinstance(said, str) and said else "refused without a reason"
    entry = _by_location(item.get("loc"), manifest) or _by_content(message, manifest)
    message = CONTENT.sub(lambda match: _name_of_content(match, manifest), message[:LONGEST])
    return _finding(kind if isinstance(kind, str) else "", message, entry, item.get("ctx"))


def _by_location(loc: Any, manifest: Manifest) -> ManifestEntry | None:
    """["body", "video_urls", 1] is the second video."""
    for name, index in itertools.pairwise(loc if isinstance(loc, list) else ()):
        if isinstance(name, str) and name in KIND_OF and isinstance(index, int):
            return _nth([entry for entry in manifest.entries if entry.kind == KIND_OF[name]], index)
    return None


def _by_content(message: str, manifest: Manifest) -> ManifestEntry | None:
    found = CONTENT.search(message)
    return _content(int(found[1]), manifest) if found else None


def _content(index: int, manifest: Manifest) -> ManifestEntry | None:
    """content[0] is the prompt; the references follow, images first, then videos, then sounds."""
    order = [entry for kind in ("image", "video", "audio") for entry in manifest.entries if entry.kind == kind]
    return _nth(order, index - 1)


def _name_of_content(match: re.Match[str], manifest: Manifest) -> str:
    index = int(match[1])
    entry = _content(index, manifest)
    if entry is not None:
        return f"{entry.tag} ({_called(entry)})"
    return "the prompt" if index == 0 else match[0]


def _nth(entries: list[ManifestEntry], index: int) -> ManifestEntry | None:
    return entries[index] if 0 <= index < len(entries) else None


def _called(entry: ManifestEntry) -> str:
    return Reference(location=entry.source.path).label


def _finding(error_type: str, said: str, entry: ManifestEntry | None, context: Any) -> Finding:
    rule = RULES[refusal_rule(error_type)]
    numbers = numbers_of(error_type, context, entry)
    meaning = rule.meaning.rstrip(".")
    told = [
        *([] if rule.name == OTHERWISE else [meaning[:1].lower() + meaning[1:]]),
        *([numbers.text] if numbers else []),
        f"the platform says: {shown(said)[:LONGEST].rstrip('.')}",
        *([rule.remedy] if rule.remedy and rule.name != OTHERWISE else []),
    ]
    actual = numbers.actual if numbers else None
    return Finding(
        rule=rule.name,
        severity="error",
        basis="upstream",
        subject=_called(entry) if entry else None,
        tag=entry.tag if entry else None,
        actual=shown(error_type)[:LONGEST] if actual is None else actual,
        allowed=numbers.allowed if numbers else "accepted",
        unit=numbers.unit if numbers and actual is not None else "",
        message="; ".join(told),
    )
