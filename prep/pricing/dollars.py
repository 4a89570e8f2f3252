"""Amounts of US dollars, as callers and users write them."""

from decimal import Decimal, InvalidOperation

from prep.errors import UsageError
from prep.validation import short

Dollars = Decimal | float | str  # to a type checker an int is a float


def read_dollars(value: object) -> Decimal:
    """Read 3, 1.5, Decimal("1.5"), "1.50" or "$1.50". Raises ValueError for anything else, and below zero."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError(f"{short(value)} is not an amount in US dollars")
    try:
        amount = Decimal(str(value).strip().removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{short(value)} is not an amount in US dollars")
    return amount


def dollars(name: str, value: Dollars | None) -> Decimal | None:
    """The amount of the argument *name*; None stays None. Raises UsageError."""
    try:
        return None if value is None else read_dollars(value)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None
