"""The price before anything is spent: the figures that the platform publishes."""

import json
from decimal import Decimal

import pytest

from prep.errors import ExitCode, RefusedError
from prep.model.generation import Generation
from prep.specs import load_spec
from submit.request.cost import Cost, price, refuse_over
from tests.made import FAST, MINI, SEEDANCE_2, SEEDANCE_2_5


def _cost(endpoint: str, input_video_s: float, duration: str, resolution: str = "720p", aspect: str = "16:9") -> Cost:
    generation = Generation(resolution=resolution, duration=duration, aspect_ratio=aspect)
    cost = price(load_spec(endpoint), generation, input_video_s)
    assert cost is not None
    return cost


@pytest.mark.parametrize(
    ("endpoint", "input_video_s", "duration", "usd"),
    [
        # 5 s at $0.3024 a second; 5 s in and 5 s out at $0.1814
        (SEEDANCE_2, 0, "5", "1.5120"),
        (SEEDANCE_2, 5, "5", "1.8144"),
        (SEEDANCE_2, 0, "10", "3.0240"),
        (SEEDANCE_2, 0, "15", "4.5360"),
        (SEEDANCE_2, 15, "15", "5.4432"),
        (SEEDANCE_2, 2.5, "4", "1.1794"),
        (SEEDANCE_2, 0, "4", "1.2096"),
        # $0.2419 and $0.14515 a second
        (FAST, 0, "10", "2.4192"),
        (FAST, 5, "5", "1.4515"),
        (SEEDANCE_2_5, 0, "10", "4.6224"),
        (SEEDANCE_2_5, 5, "5", "2.7734"),
        (SEEDANCE_2_5, 0, "30", "13.8672"),
    ],
)
def test_720p_16_9(endpoint: str, input_video_s: float, duration: str, usd: str) -> None:
    cost = _cost(endpoint, input_video_s, duration)
    assert cost == Cost(min_usd=Decimal(usd), max_usd=Decimal(usd))


@pytest.mark.parametrize(
    ("resolution", "aspect", "usd"),
    [
        # width × height × 24 / 1024 × 10 s × $0.014 / 1000
        ("480p", "16:9", "1.4062"),
        ("480p", "4:3", "1.3818"),
        ("480p", "1:1", "1.3440"),
        ("480p", "21:9", "1.4062"),
        ("720p", "4:3", "3.0431"),
        ("720p", "3:4", "3.0431"),
        ("720p", "1:1", "3.0240"),
        ("720p", "9:16", "3.0240"),
        ("720p", "21:9", "3.0388"),
    ],
)
def test_the_price_follows_the_pixels_of_the_output(resolution: str, aspect: str, usd: str) -> None:
    assert _cost(SEEDANCE_2, 0, "10", resolution, aspect).max_usd == Decimal(usd)


def test_an_unknown_length_is_a_range() -> None:
    assert _cost(SEEDANCE_2, 0, "auto") == Cost(min_usd=Decimal("1.2096"), max_usd=Decimal("4.5360"))
    assert _cost(SEEDANCE_2_5, 0, "auto") == Cost(min_usd=Decimal("1.8490"), max_usd=Decimal("13.8672"))
    assert _cost(SEEDANCE_2, 5, "auto") == Cost(min_usd=Decimal("1.6330"), max_usd=Decimal("3.6288"))


def test_an_unknown_shape_is_a_range() -> None:
    assert _cost(SEEDANCE_2, 0, "10", aspect="auto") == Cost(min_usd=Decimal("3.0240"), max_usd=Decimal("3.0431"))


def test_both_unknown() -> None:
    assert _cost(SEEDANCE_2, 0, "auto", aspect="auto") == Cost(min_usd=Decimal("1.2096"), max_usd=Decimal("4.5646"))


def test_each_second_of_reference_video_is_billed() -> None:
    """A reference lowers the unit and adds its seconds: one of 3.33 s costs as much as none, for 5 s."""
    assert _cost(SEEDANCE_2, 3, "5").max_usd < _cost(SEEDANCE_2, 0, "5").max_usd < _cost(SEEDANCE_2, 4, "5").max_usd
    assert _cost(SEEDANCE_2, 6, "5").max_usd - _cost(SEEDANCE_2, 5, "5").max_usd == Decimal("0.1814")


@pytest.mark.parametrize(
    ("endpoint", "resolution", "aspect"),
    [
        pytest.param(MINI, "720p", "16:9", id="mini"),
        pytest.param(SEEDANCE_2, "1080p", "16:9", id="2.0-1080p"),
        pytest.param(SEEDANCE_2_5, "1080p", "16:9", id="2.5-1080p-has-a-unit-but-no-size"),
        pytest.param(SEEDANCE_2_5, "1080p", "auto", id="2.5-1080p-auto"),
    ],
)
def test_no_price_is_published(endpoint: str, resolution: str, aspect: str) -> None:
    generation = Generation(resolution=resolution, duration="5", aspect_ratio=aspect)
    assert price(load_spec(endpoint), generation, 5) is None


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        ("1.8144", "1.8144", "$1.81"),
        ("1.2096", "4.5360", "$1.21 to $4.54"),
        ("1.5120", "1.5149", "$1.51"),
        ("0.005", "0.005", "$0.01"),
        ("12", "12", "$12.00"),
    ],
)
def test_a_price_in_words(low: str, high: str, text: str) -> None:
    assert str(Cost(min_usd=Decimal(low), max_usd=Decimal(high))) == text


def test_a_price_in_json_is_two_numbers_and_comes_back() -> None:
    cost = Cost(min_usd=Decimal("1.2096"), max_usd=Decimal("4.5360"))
    assert json.loads(cost.model_dump_json()) == {"min_usd": 1.2096, "max_usd": 4.536}
    assert Cost.model_validate_json(cost.model_dump_json()) == cost


ONE_81 = Cost(min_usd=Decimal("1.8144"), max_usd=Decimal("1.8144"))
RANGE = Cost(min_usd=Decimal("1.2096"), max_usd=Decimal("4.5360"))


@pytest.mark.parametrize(
    ("cost", "cap"),
    [(ONE_81, "1.8144"), (ONE_81, "1.82"), (RANGE, "4.5360"), (RANGE, "5"), (ONE_81, None), (None, None)],
    ids=str,
)
def test_within_the_cap(cost: Cost | None, cap: str | None) -> None:
    refuse_over(cost, None if cap is None else Decimal(cap))


@pytest.mark.parametrize(
    ("cost", "cap"),
    [(ONE_81, "1.8143"), (ONE_81, "1.5"), (ONE_81, "0"), (RANGE, "4.5359"), (RANGE, "1.21"), (RANGE, "4")],
    ids=str,
)
def test_over_the_cap(cost: Cost, cap: str) -> None:
    with pytest.raises(RefusedError) as caught:
        refuse_over(cost, Decimal(cap))
    message = str(caught.value)
    assert f"over `max_cost` ${cap}; nothing was submitted" in message
    assert caught.value.exit_code == ExitCode.REFUSED


@pytest.mark.parametrize("cap", ["1.81", "1.814", "1.8143"])
def test_a_price_just_over_the_cap_does_not_look_the_same(cap: str) -> None:
    with pytest.raises(RefusedError) as caught:
        refuse_over(ONE_81, Decimal(cap))
    found = str(caught.value).removeprefix("the price is ").partition(",")[0]
    assert Decimal(found.removeprefix("$")) > Decimal(cap)


def test_a_cap_on_an_unknown_price_can_not_be_kept() -> None:
    with pytest.raises(RefusedError, match=r"no price is published.*`max_cost`"):
        refuse_over(None, Decimal(100))
