"""Amounts of US dollars, as callers and users write them."""

import re
from decimal import Decimal, InvalidOperation

from prep.errors import UsageError
from prep.validation import short

Dollars = Decimal | float | str  # to a type checker an int is a float

# Decimal also reads 1e400, 1_0 and the digits of other scripts: no cap should be a slip of the finger.
PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{0,12})?|\.[0-9]{1,12}")


def read_dollars(value: object) -> Decimal:
    """Read 3, 1.5, Decimal("1.5"), "1.50" or "$1.50". Raises ValueError for anything else, and below zero."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError(f"{short(value)} is not an amount in US dollars")
    text = value.strip().removeprefix("$") if isinstance(value, str) else str(value)
    try:
        amount = Decimal(text if not isinstance(value, str) or PLAIN.fullmatch(text) else "NaN")
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
