"""Rendering of a drift for people."""

from collections.abc import Iterable
from textwrap import wrap

from prep.model.redact import shown
from prep.render.describe import describe_value
from prep.render.text import aligned
from prep.rules.amounts import count
from prep.specs.drift import Difference, Drift, Statement

WIDTH = 100


def drift_text(drift: Drift, document: str) -> str:
    """What differs as a table, then what could not be compared, then a line that sums up. *document* is its name."""
    named = f", which describes {shown(drift.document)}" if drift.document not in (None, drift.endpoint) else ""
    parts = [
        [f"{drift.endpoint} compared with {shown(document)}{named}"],
        _table(drift.differences),
        _statements("stated in the document; the spec has nothing to compare it with:", drift.beyond),
        _statements("changed by the endpoint rather than refused:", drift.reshaped),
        _statements("descriptions in the document, of which only numbers and formats are compared:", drift.prose),
        _not_stated(drift),
        [_verdict(drift)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _table(differences: Iterable[Difference]) -> list[str]:
    rows = [
        (one.limit, _here(one), "nothing" if one.there is None else describe_value(one.limit, one.there), one.key)
        for one in differences
    ]
    if not rows:
        return []
    return aligned([("limit", "spec", "document", "stated at"), *(tuple(map(shown, row)) for row in rows)])


def _here(one: Difference) -> str:
    if one.here is None:
        return "nothing"
    accepted = f" (accepted {describe_value(one.limit, one.accepted)})" if one.accepted is not None else ""
    return describe_value(one.limit, one.here) + accepted


def _statements(title: str, statements: Iterable[Statement]) -> list[str]:
    lines = []
    for one in statements:
        said = wrap(shown(f"{one.key}: {one.value}"), WIDTH, initial_indent="  ", subsequent_indent="    ")
        lines += said
    return [title, *lines] if lines else []


def _not_stated(drift: Drift) -> list[str]:
    names = ", ".join(drift.not_stated)
    return wrap(f"not stated in the document: {names}", WIDTH, subsequent_indent="  ") if names else []


def _verdict(drift: Drift) -> str:
    words = f", {len(drift.in_words)} of them in words" if drift.in_words else ""
    agreed = f"{count(len(drift.agreed), 'limit')} agree{words}"
    return f"{count(len(drift.differences), 'difference') if drift.differences else 'no difference'}; {agreed}"
