"""Cost: the value of a price, which `price` computes and `bill` compares with what was charged."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, PlainSerializer

from prep.model.value import Value

CENT, HUNDREDTH_OF_A_CENT = Decimal("0.01"), Decimal("0.0001")
MOST, MOST_DIGITS = 10**9, 40  # more units, or dollars, is no bill; nor is what takes a million digits to write


def is_amount(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and 0 <= value <= MOST and abs(exponent) <= MOST_DIGITS


def _check_amount(value: Decimal) -> Decimal:
    if not is_amount(value):
        raise ValueError("no amount of units or dollars")
    return value


# JSON has it as a number
Amount = Annotated[Decimal, Field(ge=0, le=MOST), AfterValidator(_check_amount), PlainSerializer(float, float, "json")]


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
