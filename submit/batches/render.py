"""Text and JSON about batches."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice

from prep.errors import ExitCode
from prep.flag_names import in_flags
from prep.model.finding import SEVERITIES
from prep.model.redact import shown
from prep.pricing.cost import Cost
from prep.render.steps import KINDS
from prep.render.text import MARKS, finding_line
from prep.rules.amounts import count, span, tenths
from submit.batches.results.page import PAGE, states_text
from submit.batches.results.result import BatchSummary, RowResult, RowState
from submit.batches.survey import BatchOffer, RowTrim, RowWarning

MOST_LISTED = 20
MOST_RULES, MOST_TRIMS, MOST_IDS = 10, 5, 5
LISTS_ALL = "--dry-run --json lists all"
REMOTE: tuple[RowState, ...] = ("refused", "cancelled", "uncertain", "running")


def offer_text(offer: BatchOffer, *, sandbox: bool) -> str:
    """Everything to know before paying for a batch."""
    finished = f", {offer.finished} finished already" if offer.finished else ""
    lines = [f"{count(offer.rows, 'row')}{finished}; {offer.to_send} to send"]
    lines += [f"✗ left out: {in_flags(problem)}" for problem in islice(offer.left_out.values(), MOST_LISTED)]
    if len(offer.left_out) > MOST_LISTED:
        lines.append(f"✗ and {len(offer.left_out) - MOST_LISTED} more")
    if offer.made_ids:
        lines.append(f"· {count(offer.made_ids, 'row')} without an id got one made of the content")
    if offer.repeated:
        numbers = ", ".join(map(str, offer.repeated[:MOST_LISTED]))
        lines.append(f"! the same job as an earlier row, whose video they share: row {numbers}")
    if offer.steps or offer.unchanged:
        steps = ", ".join(f"{KINDS[kind]} ({rows:,})" for kind, rows in offer.steps.items())
        needs = "needs" if offer.unchanged == 1 else "need"
        unchanged = f"; {count(offer.unchanged, 'row')} {needs} no change" if offer.unchanged else ""
        lines.append(f"To prepare (in how many rows): {steps or 'nothing'}{unchanged}")
    lines += _trim_lines(offer.trims)
    lines += _warning_lines(offer.warnings)
    if offer.dearest:
        rows = "; ".join(f'"{item.id}" {item.cost}' for item in offer.dearest)
        lines.append(f"Most expensive row{'s' if len(offer.dearest) > 1 else ''}: {rows}")
    lines.append(f"Price: {_price(offer.cost, sandbox=sandbox)}{_unpriced(offer)}")
    if offer.budget_usd is not None:
        lines.append(_budget_line(offer, offer.budget_usd))
    return "\n".join(lines)


def _warning_lines(warnings: Sequence[RowWarning]) -> Iterator[str]:
    """A line for each rule, the worst first, then the most frequent: the rows, and what it says about the first."""
    by_rule: dict[str, list[RowWarning]] = {}
    for warning in warnings:
        by_rule.setdefault(warning.finding.rule, []).append(warning)
    groups = sorted(by_rule.values(), key=lambda group: (-SEVERITIES.index(group[0].finding.severity), -len(group)))
    for group in groups[:MOST_RULES]:
        finding, ids = group[0].finding, list(dict.fromkeys(warning.id for warning in group))
        listed = ", ".join(ids[:MOST_IDS])
        more = f" and {len(ids) - MOST_IDS:,} more" if len(ids) > MOST_IDS else ""
        rows = f"{count(len(ids), 'row')} ({listed}{more}), such as" if len(ids) > 1 else f"{ids[0]}:"
        yield f"{MARKS[finding.severity]} {rows} {finding_line(finding)}"
    if rest := sum(map(len, groups[MOST_RULES:])):
        yield f"! and {count(rest, 'more warning')}; {LISTS_ALL}"


def _trim_lines(trims: Sequence[RowTrim]) -> Iterator[str]:
    for trim in trims[:MOST_TRIMS]:
        if trim.start_s is None:
            kept = f"keep the best {tenths(trim.duration_s)} of {tenths(trim.source_s)}"
        else:
            kept = f"keep {span(trim.start_s, trim.duration_s)} of {tenths(trim.source_s)}"
        yield f'Trimmed: "{trim.id}" {trim.tag} {shown(trim.subject)}: {kept}  because {trim.because}'
    if len(trims) > MOST_TRIMS:
        yield f"Trimmed: and {len(trims) - MOST_TRIMS:,} more; {LISTS_ALL}"


def question(offer: BatchOffer) -> str:
    """The one question before paying."""
    rows = count(offer.to_send, "job")
    return f"Pay {offer.cost} for {rows}{_unpriced(offer)}?"


def _unpriced(offer: BatchOffer) -> str:
    return f", and an unknown price for {count(len(offer.unpriced), 'row')}" if offer.unpriced else ""


def _budget_line(offer: BatchOffer, budget: Decimal) -> str:
    spent = f", of which ${offer.spent_usd:.2f} are spent" if offer.spent_usd else ""
    left = budget - offer.spent_usd
    short = "; it may not be enough for all rows" if offer.cost.max_usd > left else ""
    return f"Budget: ${budget:.2f}{spent}{short}"


def _price(cost: Cost, *, sandbox: bool) -> str:
    return f"sandbox, $0.00 (would be {cost})" if sandbox else str(cost)


def summary_text(summary: BatchSummary, results: Iterable[RowResult], folder: str) -> str:
    """How the batch in *folder* ended, with the first of the rows that did not end well."""
    lines = list(_rows_that_failed(results, folder))
    return "\n".join([*lines, *([""] if lines else []), status_text(summary, folder)])


def idle_text(summary: BatchSummary) -> str:
    """Why a run had nothing to send."""
    ended, left_out = sum(summary.states.values()), len(summary.left_out)
    state = f"{_are(ended)} done" if set(summary.states) == {"done"} else f"{'has' if ended == 1 else 'have'} ended"
    others = f", {left_out} {_are(left_out)} left out" if left_out else ""
    return f"Nothing to do: {count(ended, 'row')} {state}{others}."


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def status_text(summary: BatchSummary, folder: str) -> str:
    """The state of the batch in *folder*."""
    lines = [f"rows         {summary.rows}: {states_text(summary) or 'none begun'}"]
    if summary.left_out:
        plural = "s" if len(summary.left_out) > 1 else ""
        lines.append(f"left out     row{plural} {', '.join(map(str, summary.left_out[:MOST_LISTED]))}")
    lines.append(f"price        {_paid(summary)}")
    lines.append(f"results      {folder}/results.jsonl, {PAGE}")
    lines += _advice(summary)
    return "\n".join(lines)


def _paid(summary: BatchSummary) -> str:
    if summary.sandbox:
        return f"sandbox, $0.00 ({f'would be {summary.quoted}' if summary.quoted else 'nothing quoted yet'})"
    quoted = f"{summary.quoted} quoted" if summary.quoted else "nothing quoted yet"
    open_usd = summary.spent_usd - summary.billed_usd
    reserved = f", up to ${open_usd:.2f} for jobs without a bill" if open_usd > 0 else ""
    budget = f", of at most ${summary.budget_usd:.2f}" if summary.budget_usd is not None else ""
    return f"{quoted}, ${summary.billed_usd:.2f} billed{reserved}{budget}"


def _advice(summary: BatchSummary) -> Iterator[str]:
    if summary.states.get("over-budget"):
        yield "The budget left doesn't cover the remaining rows; raise --max-cost and run the same command again."
    if summary.states.get("uncertain"):
        doubt = "Uncertain jobs may have been sent"
        yield (
            f"{doubt}; nothing was billed."
            if summary.sandbox
            else f"{doubt}; the same command looks for them again. 'prep-and-submit resume JOB --resubmit' sends one "
            "again, and may pay twice."
        )
    if summary.states.get("refused"):
        yield "A refused row is not sent again until it is changed."


def _rows_that_failed(results: Iterable[RowResult], folder: str) -> Iterator[str]:
    failed = [result for result in results if result.state != "done"]
    for result in failed[:MOST_LISTED]:
        job = f", job {result.job}" if result.job else ""
        yield f"✗ {result.id} (row {result.row}{job}): {result.state}: {result.error}"
    if len(failed) > MOST_LISTED:
        yield f"✗ and {len(failed) - MOST_LISTED} more; {folder}/{PAGE} shows them"


def exit_code(summary: BatchSummary, results: Iterable[RowResult]) -> int:
    """0 if every row is done; otherwise 4 if the platform is the reason, else that of the first row that failed, or 5
    if there was no budget left.
    """
    if any(summary.states.get(state) for state in REMOTE):
        return int(ExitCode.REMOTE)
    failed = next((result.exit_code for result in results if result.state == "failed"), None)
    if failed is not None:
        return failed or int(ExitCode.BUG)
    if summary.states.get("over-budget"):
        return int(ExitCode.REFUSED)
    return int(ExitCode.REMOTE) if summary.states.get("unsent") else int(ExitCode.OK)
