"""The cap on the price of a request."""

from decimal import Decimal

from prep.errors import RefusedError
from prep.pricing.cost import Cost
from prep.pricing.price import without_price
from submit.request.offer import Order


def refuse_over(cost: Cost | None, order: Order) -> None:
    """Raise RefusedError when *cost* may exceed the cap of *order*, or is unknown and there is a cap."""
    refuse_above(cost, order.max_cost, without_price(order.spec, order.generation))


def refuse_above(cost: Cost | None, cap: Decimal | None, unknown: str) -> None:
    """Raise RefusedError when *cost* may exceed *cap*, or is None, which *unknown* says, and there is a cap."""
    if cap is None:
        return
    if cost is None:
        raise RefusedError(f"{unknown}, so `max_cost` can't be kept; leave it out to pay any price")
    if cost.max_usd > cap:
        why = f". The price is a range because {' and because '.join(cost.reasons)}" if cost.reasons else ""
        raise RefusedError(f"{_distinct(cost, cap)} is over your ${_amount(cap)} cap; nothing was submitted{why}")


def _distinct(cost: Cost, cap: Decimal) -> str:
    """*cost* in cents, or more exactly where cents would hide that it is over the cap."""
    return str(cost) if round(cost.max_usd, 2) > cap else cost.exactly()


def _amount(usd: Decimal) -> str:
    return f"{usd:.2f}" if usd == round(usd, 2) else f"{usd}"
