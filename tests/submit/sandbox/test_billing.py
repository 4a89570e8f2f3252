"""The bills of the sandbox: what the platform is known to charge."""

from decimal import Decimal

import pytest

from prep.specs import load_spec
from submit.sandbox.billing import charge
from submit.sandbox.judge.output import choose_output
from tests.made import FAST, MINI, SEEDANCE_2, SEEDANCE_2_5


@pytest.mark.parametrize(
    ("endpoint", "video_s", "usd"),
    [
        pytest.param(SEEDANCE_2, 0, "1.5246", id="2.0"),
        pytest.param(SEEDANCE_2, 5, "1.82196", id="2.0-video"),
        pytest.param(FAST, 0, "1.21968", id="fast"),
        pytest.param(MINI, 0, "0.7623", id="mini"),
        pytest.param(MINI, 5, "1.2159", id="mini-video"),
        pytest.param(SEEDANCE_2_5, 5, "2.784996", id="2.5-video"),
        # 9 s in all are the least that the provider charges
        pytest.param(SEEDANCE_2, 2, "1.64052", id="2.0-least"),
        pytest.param(SEEDANCE_2, 4, "1.64052", id="2.0-at-the-least"),
        pytest.param(SEEDANCE_2, 4.5, "1.73124", id="2.0-over-the-least"),
    ],
)
def test_five_seconds_of_720p(endpoint: str, video_s: float, usd: str) -> None:
    spec = load_spec(endpoint)
    assert charge(spec, "id", choose_output({"duration": "5"}, spec, None), video_s).usd == Decimal(usd)


@pytest.mark.parametrize(("duration", "tokens"), [("4", 87_300), ("5", 108_900), ("6", 130_500)])
def test_bills_that_were_seen(duration: str, tokens: int) -> None:
    spec = load_spec(SEEDANCE_2)
    entry = charge(spec, "id", choose_output({"duration": duration}, spec, None), 0)
    assert (entry.tokens, entry.billable_units) == (tokens, Decimal(tokens) / 1000)


def test_a_resolution_without_price_has_units_and_no_usd() -> None:
    spec = load_spec()
    entry = charge(spec, "id", choose_output({"resolution": "4k", "duration": "5"}, spec, None), 0)
    assert (entry.usd, entry.billable_units) == (None, Decimal("980.1"))


def test_an_endpoint_without_price_has_units_and_no_usd() -> None:
    spec = load_spec().model_copy(update={"price": None})
    entry = charge(spec, "id", choose_output({"duration": "5"}, spec, None), 5)
    assert (entry.usd, entry.billable_units) == (None, Decimal(216))
