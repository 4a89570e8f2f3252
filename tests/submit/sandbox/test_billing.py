"""Prices of finished jobs."""

from decimal import Decimal

import pytest

from prep.specs import load_spec
from submit.sandbox.billing import charge
from submit.sandbox.judge.output import choose_output


@pytest.mark.parametrize(
    ("endpoint", "input_video_s", "usd"),
    [
        ("bytedance/seedance-2.0/reference-to-video", 0, Decimal("1.512")),  # 5 s at the page's $0.3024
        ("bytedance/seedance-2.0/reference-to-video", 5, Decimal("1.8144")),
        ("bytedance/seedance-2.0/fast/reference-to-video", 0, Decimal("1.2096")),
        ("bytedance/seedance-2.0/mini/reference-to-video", 5, None),
    ],
)
def test_the_published_prices(endpoint: str, input_video_s: float, usd: Decimal | None) -> None:
    spec = load_spec(endpoint)
    entry = charge(spec, "id", choose_output({"duration": "5"}, spec, None), input_video_s)
    assert entry.usd == usd
    assert entry.tokens == 1280 * 720 * (input_video_s + 5) * 24 / 1024


def test_a_resolution_without_price_has_units_and_no_usd() -> None:
    spec = load_spec()
    entry = charge(spec, "id", choose_output({"resolution": "1080p"}, spec, None), 0)
    assert entry.usd is None
    assert entry.billable_units == Decimal(108)
