"""Rendering of a drift for people."""

from collections.abc import Collection, Iterable
from textwrap import wrap

from prep.model.redact import shown
from prep.render.describe import describe_value
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
        _paragraph("not stated in the document: ", drift.not_stated),
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
    rows.insert(0, ("limit", "spec", "document", "stated at"))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return ["  ".join([*(row[at].ljust(widths[at]) for at in range(3)), row[3]]) for row in map(_printable, rows)]


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


def _paragraph(title: str, names: Iterable[str]) -> list[str]:
    names = ", ".join(names)
    return wrap(f"{title}{names}", WIDTH, subsequent_indent="  ") if names else []


def _verdict(drift: Drift) -> str:
    words = f", {len(drift.in_words)} of them in words" if drift.in_words else ""
    agreed = f"{_count(drift.agreed, 'limit')} agree{words}"
    return f"{_count(drift.differences, 'difference') if drift.differences else 'no difference'}; {agreed}"


def _count(things: Collection[object], word: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"


def _printable(row: tuple[str, str, str, str]) -> tuple[str, str, str, str]:
    return shown(row[0]), shown(row[1]), shown(row[2]), shown(row[3])
