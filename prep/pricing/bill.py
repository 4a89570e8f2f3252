"""Bills: what the platform says that it charged, and how that compares with the price that was quoted."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from prep.model.value import Value
from prep.pricing.cost import CENT, HUNDREDTH_OF_A_CENT, Amount, Cost, is_amount
from prep.rules.findings import Findings, advice

TOLERATED = Decimal("0.01")  # a bill within 1 % of the quotation is as expected


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
    if not is_amount(amount):
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
