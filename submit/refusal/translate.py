"""Translation of the platform's refusals into findings that name the user's files."""

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
from submit.refusal.numbers import read_numbers

# The argument that holds the URLs of each kind.
KIND_OF = {"image_urls": "image", "video_urls": "video", "audio_urls": "audio"}
CONTENT = re.compile(r"`?content\[(\d{1,4})\]`?")
LONGEST = 500


def findings_of(refusal: Refusal, manifest: Manifest) -> tuple[Finding, ...]:
    """Return a finding for each problem the platform lists, at least one, without the echo of the request.

    The answer may have any shape: a problem that is not as documented becomes a finding without a file.
    """
    problems = refusal.detail if isinstance(refusal.detail, list) else []
    findings = tuple(_finding_of_problem(item, manifest) for item in problems if isinstance(item, dict))
    return findings or (_finding_of_whole(refusal),)


def gone_finding(reason: str) -> Finding:
    """The finding for a result that the platform no longer has."""
    return _finding(RESULT_GONE, reason, None, None)


def _finding_of_whole(refusal: Refusal) -> Finding:
    reason = refusal.detail if isinstance(refusal.detail, str) and refusal.detail else f"status {refusal.status_code}"
    return _finding(refusal.error_type or "", reason, None, None)


def _finding_of_problem(item: dict[str, Any], manifest: Manifest) -> Finding:
    reason, kind = item.get("msg"), item.get("type")
    message = reason if isinstance(reason, str) and reason else "refused without a reason"
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
    match = CONTENT.search(message)
    return _content(int(match[1]), manifest) if match else None


def _content(index: int, manifest: Manifest) -> ManifestEntry | None:
    """content[0] is the prompt; the references follow, images first, then videos, then sounds."""
    order = [entry for kind in ("image", "video", "audio") for entry in manifest.entries if entry.kind == kind]
    return _nth(order, index - 1)


def _name_of_content(match: re.Match[str], manifest: Manifest) -> str:
    index = int(match[1])
    entry = _content(index, manifest)
    if entry is not None:
        return f"{entry.tag} ({_label(entry)})"
    return "the prompt" if index == 0 else match[0]


def _nth(entries: list[ManifestEntry], index: int) -> ManifestEntry | None:
    return entries[index] if 0 <= index < len(entries) else None


def _label(entry: ManifestEntry) -> str:
    return Reference(location=entry.source.path).label


def _finding(error_type: str, reason: str, entry: ManifestEntry | None, context: Any) -> Finding:
    rule = RULES[refusal_rule(error_type)]
    numbers = read_numbers(error_type, context, entry)
    meaning = rule.meaning.rstrip(".")
    sentences = [
        *([] if rule.name == OTHERWISE else [meaning[:1].lower() + meaning[1:]]),
        *([numbers.text] if numbers else []),
        f'the platform says: "{shown(reason)[:LONGEST]}"',
        *([f"Fix: {rule.remedy}"] if rule.remedy and rule.name != OTHERWISE else []),
    ]
    actual = numbers.actual if numbers else None
    return Finding(
        rule=rule.name,
        severity="error",
        basis="upstream",
        subject=_label(entry) if entry else None,
        tag=entry.tag if entry else None,
        actual=shown(error_type)[:LONGEST] if actual is None else actual,
        allowed=numbers.allowed if numbers else "accepted",
        unit=numbers.unit if numbers and actual is not None else "",
        message="; ".join(sentences),
    )
