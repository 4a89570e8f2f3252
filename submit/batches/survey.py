"""Survey of all rows before anything starts: their problems, prices and steps. Makes and sends nothing."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from heapq import nlargest
from pathlib import Path
from typing import NamedTuple

from prep.errors import Cancelled, NonCompliantError, PrepError, RefusedError, UsageError
from prep.inputs.access import Access
from prep.inputs.output import refuse_among_references
from prep.inputs.resolve import resolve
from prep.model.context import Where
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.media import ImageInfo
from prep.model.plan import Plan, PlanEntry, Trim, find
from prep.model.value import Value
from prep.net.network import Network
from prep.planning import plan_set
from prep.pricing.cost import Amount, Cost, total
from prep.render.steps import reasons
from prep.render.text import advice
from prep.rules.catalogue import RULES
from prep.specs import load_spec
from prep.specs.parameters import for_generation
from prep.stages import open_context
from prep.telemetry.names import ROW, SURVEYED
from prep.telemetry.spans import annotate, fail, traced
from prep.threads import in_order
from submit.batches.preparation import order_of
from submit.batches.results.results_file import ResultsFile
from submit.batches.row import BadRow, Row
from submit.errors import BadRows
from submit.request.agreement import offer_plan
from submit.request.cap import refuse_over

DEAREST = 10


class RowWarning(Value):
    """A warning about one row, or a note about its request."""

    row: int
    id: str
    finding: Finding


class RowTrim(Value):
    """A clip of one row that is shortened from *source_s* to *duration_s*, and why: rules, or "you asked".

    *start_s* None: the best part, which is chosen when the row is prepared, and may be shorter.
    """

    row: int
    id: str
    tag: str
    subject: str
    source_s: float
    start_s: float | None
    duration_s: float
    because: str


class Surveyed(NamedTuple):
    """A row that can be sent: the *cost* of it, None if no price is known, and the kinds of the steps it needs."""

    row: Row
    cost: Cost | None
    steps: tuple[str, ...]
    warnings: tuple[RowWarning, ...] = ()
    trims: tuple[RowTrim, ...] = ()


class Priced(Value):
    """One row and its price."""

    row: int
    id: str
    cost: Cost | None


class BatchOffer(Value):
    """What a batch will prepare, send and pay. *rows* counts all, *finished* those that need no more work.

    *cost* is that of the rows that are still to be sent, each of equal ones once; *unpriced* are the numbers of those
    without a known price. *dearest* are the ten dearest rows. *steps* counts the rows that need a kind of step, and
    *unchanged* those that need none. *warnings* and *trims* are those of all rows to send. *left_out* are problems, by
    row, of rows that are left out; *made_ids* counts the rows that were given an id. *repeated* are the numbers of rows
    that are the same job as an earlier one. *spent_usd* is what earlier runs of the batch have spent of *budget_usd*.
    """

    rows: int
    to_send: int
    finished: int = 0
    cost: Cost
    unpriced: tuple[int, ...] = ()
    dearest: tuple[Priced, ...] = ()
    steps: Mapping[str, int] = {}
    unchanged: int = 0
    warnings: tuple[RowWarning, ...] = ()
    trims: tuple[RowTrim, ...] = ()
    left_out: Mapping[int, str] = {}
    made_ids: int = 0
    repeated: tuple[int, ...] = ()
    spent_usd: Amount = Decimal(0)
    budget_usd: Amount | None = None


class Look(NamedTuple):
    """How rows are looked at; *specs* are those of the caller's own, by endpoint."""

    specs: Mapping[str, EndpointSpec]
    network: Network | None
    isolation: Where
    cancel: threading.Event

    def spec_of(self, endpoint: str | None) -> EndpointSpec:
        return self.specs.get(endpoint or "") or (load_spec(endpoint) if endpoint else load_spec())


class Survey(NamedTuple):
    """All rows: those to do, with their prices, those that are wrong, and the ids of all that can be sent."""

    rows: tuple[Surveyed, ...]
    bad: tuple[BadRow, ...]
    ids: frozenset[str]

    def refuse_bad(self, *, skip_bad: bool) -> None:
        """Raise BadRows unless bad rows are to be left out and others remain, and UsageError when there is no row."""
        if self.bad and not (skip_bad and self.ids):
            raise BadRows(self.bad, others=bool(self.ids))
        if not self.ids:
            raise UsageError("no jobs; the list has no row")

    def offer(self, budget_usd: Decimal | None, spent_usd: Decimal = Decimal(0)) -> BatchOffer:
        """Sum up what is to be sent. Raises RefusedError for a budget where a price is not known."""
        offer = _offer_of(self.rows, self.bad, len(self.ids) - len(self.rows))
        if offer.unpriced and budget_usd is not None:
            numbers = ", ".join(map(str, offer.unpriced[:10]))
            raise RefusedError(f"no price is known for rows {numbers}, so `max_cost` can't be kept")
        return offer.model_copy(update={"spent_usd": spent_usd, "budget_usd": budget_usd})


def survey_rows(rows: Iterable[Row | BadRow], look: Look, folder: Path | None = None) -> Survey:
    """Look at every row but those that are finished in *folder*, and gather all problems.

    Raises UsageError when *folder*, or that of a row in it, is a reference of any row.
    """
    results = ResultsFile(folder) if folder else None
    if results:
        results.refuse_foreign()
        results.refresh()
    ids: set[str] = set()
    references: set[str] = set()
    to_do: list[Surveyed] = []
    bad: list[BadRow] = []

    def look_at(row: Row | BadRow) -> Surveyed | BadRow:
        return row if isinstance(row, BadRow) else _look_at(row, look)

    def unfinished() -> Iterable[Row | BadRow]:
        for row in rows:
            if isinstance(row, Row):
                references.update(row.folders)
            if isinstance(row, Row) and results and results.is_final(row):
                ids.add(row.id)
            else:
                yield row

    for item in in_order(look_at, unfinished(), look.cancel):
        if isinstance(item, Surveyed):
            to_do.append(item)
            ids.add(item.row.id)
        else:
            bad.append(item)
    if folder:
        refuse_among_references((folder, *(folder / row_id for row_id in sorted(ids))), references)
    return Survey(tuple(to_do), tuple(bad), frozenset(ids))


@traced(SURVEYED)
def _look_at(row: Row, look: Look) -> Surveyed | BadRow:
    """Raises Cancelled; whatever else is wrong is about the row."""
    annotate({ROW: row.id})
    try:
        if look.cancel.is_set():
            raise Cancelled("cancelled; nothing was started")
        job = row.job
        spec = look.spec_of(job.endpoint)
        order = order_of(job, spec)
        options = for_generation(job.options, order.generation, spec)
        with open_context(spec, Access(look.network, look.isolation), options, cancel=look.cancel) as ctx:
            sources = resolve(job.references, ctx, fingerprints=False).all_readable().sources
            plan = plan_set(sources, spec, options)
        offer = offer_plan(plan, order, {})
        refuse_over(offer.cost, order)
    except Cancelled:
        raise
    except PrepError as error:
        fail(error)
        return BadRow(row.number, row.id, row.place, _explained(error))
    kinds = dict.fromkeys(step.kind for entry in plan.entries for step in entry.steps)
    warnings = tuple(
        RowWarning(row=row.number, id=row.id, finding=finding)
        for finding in offer.findings
        if finding.severity != "info" or RULES[finding.rule].about == "request"
    )
    return Surveyed(row, offer.cost, tuple(kinds), warnings, _trims(row, plan))


def _trims(row: Row, plan: Plan) -> tuple[RowTrim, ...]:
    trims = []
    for entry in plan.entries:
        if isinstance(entry.source, ImageInfo) or not (trim := find(entry.steps, Trim)):
            continue
        trims.append(
            RowTrim(
                row=row.number,
                id=row.id,
                tag=entry.tag,
                subject=entry.label,
                source_s=entry.source.duration_s,
                start_s=trim.start_s if _is_placed(entry, plan) else None,
                duration_s=trim.duration_s,
                because=next(reasons((trim,))),
            )
        )
    return tuple(trims)


def _is_placed(entry: PlanEntry, plan: Plan) -> bool:
    """Whether the user said which part to keep; otherwise it is found by decoding the clip, which a survey doesn't."""
    part = entry.reference.part
    return plan.options.window != "best" if part is None else part.best_s is None


def _explained(error: PrepError) -> PrepError:
    """*error* with the findings that it only counts, one on each line."""
    if isinstance(error, NonCompliantError):
        errors = [finding for finding in error.findings if finding.severity == "error"]
        lines = [
            f"{f'{finding.subject}: ' if finding.subject else ''}{finding.message}{advice(finding)} ({finding.rule})"
            for finding in errors
        ]
        explained = NonCompliantError("\n".join(lines) or str(error), ())
        explained.findings = error.findings
        return explained
    return error


def _offer_of(surveyed: Iterable[Surveyed], bad: Iterable[BadRow], finished: int = 0) -> BatchOffer:
    """Sum up what is to be sent."""
    rows, left_out = list(surveyed), {row.number: str(row) for row in bad}
    first: dict[str, int] = {}
    repeated = tuple(
        item.row.number for item in rows if first.setdefault(item.row.key, item.row.number) != item.row.number
    )
    single = [item for item in rows if first[item.row.key] == item.row.number]
    priced = [item for item in single if item.cost is not None]
    steps = Counter(kind for item in rows for kind in item.steps)
    return BatchOffer(
        rows=len(rows) + len(left_out) + finished,
        to_send=len(rows),
        finished=finished,
        cost=total(item.cost for item in single if item.cost),
        unpriced=tuple(item.row.number for item in single if item.cost is None),
        dearest=tuple(
            Priced(row=item.row.number, id=item.row.id, cost=item.cost)
            for item in nlargest(DEAREST, priced, key=lambda item: item.cost.max_usd if item.cost else 0)
        ),
        steps=dict(steps.most_common()),
        unchanged=sum(not item.steps for item in rows),
        warnings=tuple(warning for item in rows for warning in item.warnings),
        trims=tuple(trim for item in rows for trim in item.trims),
        left_out=left_out,
        made_ids=sum(item.row.made_id for item in rows),
        repeated=repeated,
    )
