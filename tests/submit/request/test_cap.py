"""The cap on the price: at it, over it, and without a price."""

from decimal import Decimal

import pytest

from prep.errors import ExitCode, RefusedError
from prep.model.generation import Generation
from prep.pricing.cost import Cost
from prep.specs import load_spec
from submit.request.cap import refuse_over
from submit.request.offer import Order
from tests.made import SEEDANCE_2


def _order(cap: str | None, resolution: str = "720p") -> Order:
    max_cost = None if cap is None else Decimal(cap)
    return Order("@Image1", load_spec(SEEDANCE_2), Generation(resolution=resolution), max_cost)


ONE_82 = Cost(min_usd=Decimal("1.8220"), max_usd=Decimal("1.8220"))
RANGE = Cost(
    min_usd=Decimal("1.2222"), max_usd=Decimal("4.5486"), reasons=("the model chooses the length (4 to 15 s)",)
)


@pytest.mark.parametrize(
    ("cost", "cap"),
    [(ONE_82, "1.8220"), (ONE_82, "1.83"), (RANGE, "4.5486"), (RANGE, "5"), (ONE_82, None), (None, None)],
    ids=str,
)
def test_within_the_cap(cost: Cost | None, cap: str | None) -> None:
    refuse_over(cost, _order(cap))


@pytest.mark.parametrize(
    ("cost", "cap", "message"),
    [
        (ONE_82, "1.8219", "$1.8220 is over your $1.8219 cap; nothing was submitted"),
        (ONE_82, "1.82", "$1.8220 is over your $1.82 cap; nothing was submitted"),
        (ONE_82, "1.5", "$1.82 is over your $1.50 cap; nothing was submitted"),
        (ONE_82, "0", "$1.82 is over your $0.00 cap; nothing was submitted"),
        (
            RANGE,
            "4.5485",
            "$1.22–4.55 is over your $4.5485 cap; nothing was submitted. The price is a range because the model "
            "chooses the length (",
        ),
        (RANGE, "1.23", "$1.22–4.55 is over your $1.23 cap; "),
        (RANGE, "4", "$1.22–4.55 is over your $4.00 cap; "),
    ],
    ids=str,
)
def test_over_the_cap(cost: Cost, cap: str, message: str) -> None:
    with pytest.raises(RefusedError) as caught:
        refuse_over(cost, _order(cap))
    assert str(caught.value).startswith(message)
    assert caught.value.exit_code == ExitCode.REFUSED


def test_a_cap_on_an_unknown_price_can_not_be_kept() -> None:
    with pytest.raises(RefusedError, match=f"no price was found for 4k of {SEEDANCE_2}, so `max_cost` can't be kept"):
        refuse_over(None, _order("100", "4k"))
