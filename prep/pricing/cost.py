"""Values: a price, as `price.py` computes it, and the bill for the job."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated

from pydantic import Field, PlainSerializer

from prep.model.value import Value
from prep.rules.findings import Findings, advice

CENT, HUNDREDTH_OF_A_CENT = Decimal("0.01"), Decimal("0.0001")
TOLERATED = Decimal("0.01")  # a bill within 1 % of the quotation is as expected
MOST = 10**9  # more units, or dollars, is no bill
Amount = Annotated[Decimal, Field(ge=0, le=MOST), PlainSerializer(float, float, "json")]  # JSON has it as a number


class Cost(Value):
    """US dollars. A range where the endpoint chooses length or aspect ratio, or where its figures differ: *reasons* say
    which.

    *unit_usd* is the price of one billable unit; None: a quotation from before it was kept.
    """

    min_usd: Amount
    max_usd: Amount
    unit_usd: Amount | None = None
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self._written(CENT)

    @property
    def is_range(self) -> bool:
        return self.min_usd != self.max_usd

    def exactly(self) -> str:
        """To a hundredth of a cent, for a comparison with a cap."""
        return self._written(HUNDREDTH_OF_A_CENT)

    def _written(self, step: Decimal) -> str:
        low, high = (usd.quantize(step, ROUND_HALF_UP) for usd in (self.min_usd, self.max_usd))
        return f"${low}" if low == high else f"${low}–{high}"


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of *costs*; that of none is 0."""
    known = tuple(costs)
    return Cost(
        min_usd=sum((cost.min_usd for cost in known), Decimal(0)),
        max_usd=sum((cost.max_usd for cost in known), Decimal(0)),
    )


class Bill(Value):
    """What the platform billed: *units* of its own, *usd* by the unit price of the quotation (None: not known)."""

    units: Amount
    usd: Amount | None = None


def read_bill(units: str | None, cost: Cost | None) -> Bill | None:
    """The bill behind the *units* that the platform states; None: it states none, or what can't be one."""
    try:
        amount = Decimal(units or "")
    except InvalidOperation:
        return None
    if not (amount.is_finite() and 0 <= amount <= MOST):
        return None
    unit_usd = cost.unit_usd if cost else None
    usd = None if unit_usd is None else (amount * unit_usd).quantize(HUNDREDTH_OF_A_CENT, ROUND_HALF_UP)
    return Bill(units=amount, usd=usd)


def bill_text(bill: Bill, cost: Cost | None) -> str:
    """`billed 119.7 units; at $0.014 a unit that is $1.68`."""
    billed = f"billed {bill.units.normalize():f} units"
    if bill.usd is None or cost is None or cost.unit_usd is None:
        return f"{billed}; the price of a unit is not known"
    return f"{billed}; at ${cost.unit_usd} a unit that is ${bill.usd.quantize(CENT, ROUND_HALF_UP)}"


def check_bill(bill: Bill | None, cost: Cost | None) -> Findings:
    """One finding when the bill is more than 1 % outside what was quoted."""
    if bill is None or bill.usd is None or cost is None:
        return ()
    if cost.min_usd * (1 - TOLERATED) <= bill.usd <= cost.max_usd * (1 + TOLERATED):
        return ()
    message = f"{bill_text(bill, cost)}; quoted was {cost}"
    return advice("request-bill-differs", float(bill.usd), str(cost), message)
