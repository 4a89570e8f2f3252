"""batch.html: one page about a batch, which loads nothing and stays quick with thousands of rows.

The rows are JSON in blocks of one screenful each; the script reads a block when it is shown. Everything of a user's or
the platform's is put into the page as text.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

from prep import __version__
from prep.media.io.files import replacing
from prep.model.redact import shown
from prep.pricing.cost import Cost
from submit.batches.results.card import read_card
from submit.batches.results.result import BatchSummary, RowResult, RowState

PAGE = "batch.html"
AT_ONCE = 48  # cards in a block
ORDER: tuple[RowState, ...] = (
    "done",
    "running",
    "refused",
    "cancelled",
    "failed",
    "uncertain",
    "over-budget",
    "unsent",
)
WORDS = {"over-budget": "over budget", "unsent": "not sent"}


def write_page(folder: Path, summary: BatchSummary, command: str, results: Iterable[RowResult]) -> None:
    """Write the page into *folder*; *results* are those of its rows, *command* runs the batch again."""
    with replacing(folder / PAGE) as file:
        for text in _page(folder, summary, command, results):
            file.write(text.encode())


def _page(folder: Path, summary: BatchSummary, command: str, results: Iterable[RowResult]) -> Iterator[str]:
    """The page in pieces: that of ten thousand rows is never in memory as a whole."""
    template = _template("batch.html")
    style, script = _template("batch.css"), _template("batch.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    head, _, tail = template.partition("{{rows}}")
    values = {
        "digest": digest,
        "style": style,
        "tools": escape(f"prep-and-submit {__version__}"),
        "title": escape(_title(summary)),
        "lead": f'<p class="lead">{escape(lead)}</p>' if (lead := _lead(summary)) else "",
        "folder": escape(shown(summary.folder)),
        "figures": "".join(_figure(name, text) for name, text in _figures(summary)),
        "command": escape(shown(command)),
        "again": "" if command and set(summary.states) != {"done"} else " hidden",
    }
    yield _filled(head, values)
    rows = iter(results)
    number = 0
    while block := list(islice(rows, AT_ONCE)):
        cards = [_card(folder, result) for result in block]
        yield f'<script type="application/json" class="block" id="block-{number}">{_json(cards)}</script>\n'
        number += 1
    yield _filled(tail, {"script": script})


def _template(name: str) -> str:
    return files("submit.batches.results").joinpath("templates", name).read_text("utf-8")


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    return text


def _json(value: Any) -> str:
    """JSON that no element of a page can end."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _card(folder: Path, result: RowResult) -> dict[str, Any]:
    card = read_card(folder / result.id)
    return {
        "id": result.id,
        "row": result.row,
        "state": result.state,
        "word": WORDS.get(result.state, result.state),
        "prompt": shown(card.prompt) if card else "",
        "frame": card.frame.model_dump() if card and card.frame else None,
        "references": [item.model_dump() | {"name": shown(item.name)} for item in (card.references if card else ())],
        "quoted": _price(result.quoted, sandbox=result.sandbox),
        "billed": _billed(result),
        "job": result.job or "",
        "video": result.paths.video or "",
        "error": "\n".join(map(shown, result.error.split("\n"))),
        "next": _command(result),
    }


def _price(cost: Cost | None, *, sandbox: bool) -> str:
    if cost is None:
        return ""
    return f"sandbox, $0.00 (would be {cost})" if sandbox else f"{cost} quoted"


def _billed(result: RowResult) -> str:
    if result.sandbox or result.found or result.billed is None or result.billed.usd is None:
        return "the video of an equal row" if result.found else ""
    return f"${result.billed.usd:.2f} billed"


def _command(result: RowResult) -> str:
    """The command that continues a row; empty where the batch does so when it runs again."""
    if result.job and result.state in ("uncertain", "running") and not result.sandbox:
        return f"prep-and-submit resume {result.job}"
    return ""


def _title(summary: BatchSummary) -> str:
    done = summary.states.get("done", 0)
    return f"{done} of {summary.rows} done"


def _lead(summary: BatchSummary) -> str:
    """The rows by state and why the batch was paused; empty where the title says it all."""
    if set(summary.states) == {"done"} and not summary.paused:
        return ""
    paused = f" Paused: {shown(summary.paused)}." if summary.paused else ""
    return f"{states_text(summary) or 'no row'}.{paused}"


def states_text(summary: BatchSummary) -> str:
    """`3 done, 1 refused`; empty where no row has begun."""
    states = [state for state in ORDER if summary.states.get(state)]
    return ", ".join(f"{summary.states[state]} {WORDS.get(state, state)}" for state in states)


def _figures(summary: BatchSummary) -> Iterator[tuple[str, str]]:
    sandbox = summary.sandbox
    yield "Rows", f"{summary.rows}{f', {len(summary.left_out)} left out' if summary.left_out else ''}"
    if summary.quoted is not None:
        yield "Quoted", f"sandbox, $0.00 (would be {summary.quoted})" if sandbox else str(summary.quoted)
    if not sandbox:
        yield "Billed", f"${summary.billed_usd:.2f}"
        if (waiting := summary.spent_usd - summary.billed_usd) > 0:
            yield "Without a bill yet", f"up to ${waiting:.2f}"
        if summary.budget_usd is not None:  # the one that was given, or the price that was agreed to
            yield "At most", f"${summary.budget_usd:.2f}"


def _figure(name: str, text: str) -> str:
    return f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>"
