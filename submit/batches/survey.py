"""Survey of all rows before anything starts: their problems, prices and steps. Makes and sends nothing."""

import os
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from heapq import nlargest
from typing import NamedTuple, TypeVar

from prep.errors import Cancelled, NonCompliantError, PrepError
from prep.inputs.access import Access
from prep.inputs.resolve import resolve
from prep.log import in_context
from prep.model.context import Where
from prep.model.limits import EndpointSpec
from prep.model.value import Value
from prep.net.network import Network
from prep.planning import plan_set
from prep.pricing.cost import Amount, Cost
from prep.render.text import advice
from prep.specs import load_spec
from prep.specs.parameters import for_generation
from prep.stages import open_context
from submit.batches.preparation import order_of
from submit.batches.row import BadRow, Row
from submit.request.cap import refuse_over
from submit.request.consent import offer_plan

S = TypeVar("S")
T = TypeVar("T")
AHEAD = 4  # rows in work per thread, however many there are
DEAREST = 10


class Surveyed(NamedTuple):
    """A row that can be sent: the *cost* of it, None if no price is known, and the kinds of the steps it needs."""

    row: Row
    cost: Cost | None
    steps: tuple[str, ...]


class Priced(Value):
    """One row and its price."""

    row: int
    id: str
    cost: Cost | None


class BatchOffer(Value):
    """What a batch will prepare, send and pay. *rows* counts all, *finished* those that need no more work.

    *cost* is that of the rows that are still to be sent, each of equal ones once; *unpriced* are the numbers of those
    without a known price. *dearest* are the ten dearest rows. *steps* counts the rows that need a kind of step, and
    *unchanged* those that need none. *left_out* are problems, by row, of rows that are left out; *made_ids* counts the
    rows that were given an id. *repeated* are the numbers of rows that are the same job as an earlier one. *spent_usd*
    is what earlier runs of the batch have spent of *budget_usd*.
    """

    rows: int
    to_send: int
    finished: int = 0
    cost: Cost
    unpriced: tuple[int, ...] = ()
    dearest: tuple[Priced, ...] = ()
    steps: Mapping[str, int] = {}
    unchanged: int = 0
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


def survey(rows: Iterable[Row | BadRow], look: Look) -> Iterator[Surveyed | BadRow]:
    """Open, probe and price every row, several at a time; yields them in order."""
    return in_order(lambda row: row if isinstance(row, BadRow) else _look_at(row, look), rows)


def _look_at(row: Row, look: Look) -> Surveyed | BadRow:
    """Raises Cancelled; whatever else is wrong is about the row."""
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
        return BadRow(row.number, row.id, row.place, _explained(error))
    kinds = dict.fromkeys(step.kind for entry in plan.entries for step in entry.steps)
    return Surveyed(row, offer.cost, tuple(kinds))


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


def offer_of(surveyed: Iterable[Surveyed], bad: Iterable[BadRow], finished: int = 0) -> BatchOffer:
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
        cost=total(item.cost for item in priced),
        unpriced=tuple(item.row.number for item in single if item.cost is None),
        dearest=tuple(
            Priced(row=item.row.number, id=item.row.id, cost=item.cost)
            for item in nlargest(DEAREST, priced, key=lambda item: item.cost.max_usd if item.cost else 0)
        ),
        steps=dict(steps.most_common()),
        unchanged=sum(not item.steps for item in rows),
        left_out=left_out,
        made_ids=sum(item.row.made_id for item in rows),
        repeated=repeated,
    )


def total(costs: Iterable[Cost | None]) -> Cost:
    """The sum of the costs that are known."""
    low, high = Decimal(0), Decimal(0)
    for cost in costs:
        low, high = low + (cost.min_usd if cost else 0), high + (cost.max_usd if cost else 0)
    return Cost(min_usd=low, max_usd=high)


def in_order(one: Callable[[T], S], items: Iterable[T]) -> Iterator[S]:
    """Yield what *one* returns for each of *items*, in order; a few per processor are in work at a time."""
    workers = os.cpu_count() or 1
    running: deque[Future[S]] = deque()
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="survey") as pool:
        try:
            for item in items:
                running.append(pool.submit(in_context(one), item))
                if len(running) >= AHEAD * workers:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()
