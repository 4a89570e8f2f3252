"""The price before anything is spent: published figures and bills that were seen."""

from decimal import Decimal
from typing import Any

import pytest

from prep.model.generation import Generation
from prep.pricing.cost import Cost
from prep.pricing.price import price_of, without_price
from prep.specs import all_specs, load_spec
from submit.sandbox.billing import charge
from submit.sandbox.judge.output import choose_output
from tests.made import ENDPOINTS, FAST, MINI, SEEDANCE_2, SEEDANCE_2_5


def _cost(endpoint: str, video_s: float, duration: str, resolution: str = "720p", **others: Any) -> Cost:
    generation = Generation(**({"aspect_ratio": "16:9"} | others), resolution=resolution, duration=duration)
    cost = price_of(load_spec(endpoint), generation, video_s)
    assert cost is not None
    return cost


def _usd(cost: Cost) -> tuple[str, str]:
    return str(cost.min_usd), str(cost.max_usd)


@pytest.mark.parametrize(("duration", "units"), [("4", "87.3"), ("5", "108.9"), ("6", "130.5")])
def test_bills_that_were_seen(duration: str, units: str) -> None:
    """4, 5 and 6 s at 720p were billed as these thousands of tokens: a frame more than the published formula says."""
    usd = (Decimal(units) * Decimal("0.014")).quantize(Decimal("0.0001"))
    cost = _cost(SEEDANCE_2, 0, duration)
    assert (cost.min_usd, cost.max_usd, cost.unit_usd) == (usd, usd, Decimal("0.014"))


def test_five_seconds_cost_one_frame_more_than_the_page_says() -> None:
    assert _usd(_cost(SEEDANCE_2, 0, "5")) == ("1.5246", "1.5246")


@pytest.mark.parametrize(
    ("endpoint", "video_s", "duration", "low", "high"),
    [
        # the page's rates are $0.3024 a second, $0.1814 with video in; one frame of 720p is $0.0126, $0.00756
        pytest.param(SEEDANCE_2, 0, "10", "3.0366", "3.0366", id="2.0"),
        pytest.param(SEEDANCE_2, 0, "15", "4.5486", "4.5486", id="2.0-longest"),
        pytest.param(SEEDANCE_2, 5, "5", "1.8220", "1.8220", id="2.0-video"),
        pytest.param(SEEDANCE_2, 15, "15", "5.4508", "5.4508", id="2.0-most-video"),
        # $0.2419 and $0.14515
        pytest.param(FAST, 0, "10", "2.4293", "2.4293", id="fast"),
        pytest.param(FAST, 5, "5", "1.4576", "1.4576", id="fast-video"),
        # the page states $0.1547 a second, 0.6 times that for the seconds that go in alone; its formula gives $0.1512
        pytest.param(MINI, 0, "5", "0.7623", "0.7735", id="mini"),
        pytest.param(MINI, 5, "5", "1.2159", "1.2376", id="mini-video"),
        # the page states $0.4730 a second, $0.2838 with video in; its formula gives $0.46224
        pytest.param(SEEDANCE_2_5, 0, "5", "2.3305", "2.3650", id="2.5"),
        pytest.param(SEEDANCE_2_5, 5, "5", "2.7850", "2.8380", id="2.5-video"),
        pytest.param(SEEDANCE_2_5, 0, "30", "13.8865", "14.1900", id="2.5-longest"),
    ],
)
def test_720p_16_9(endpoint: str, video_s: float, duration: str, low: str, high: str) -> None:
    assert _usd(_cost(endpoint, video_s, duration)) == (low, high)


@pytest.mark.parametrize(
    ("endpoint", "resolution", "aspect", "low", "high"),
    [
        # width × height × 241 / 1024 × unit / 1000, and 10 × the rate where one is stated
        (SEEDANCE_2, "480p", "16:9", "1.4121", "1.4121"),
        (SEEDANCE_2, "480p", "4:3", "1.3876", "1.3876"),
        (SEEDANCE_2, "480p", "1:1", "1.3496", "1.3496"),
        (SEEDANCE_2, "480p", "21:9", "1.4121", "1.4121"),
        (SEEDANCE_2, "720p", "4:3", "3.0558", "3.0558"),
        (SEEDANCE_2, "720p", "9:16", "3.0366", "3.0366"),
        (SEEDANCE_2, "720p", "21:9", "3.0515", "3.0515"),
        (SEEDANCE_2, "1080p", "16:9", "6.8324", "6.8324"),
        (SEEDANCE_2, "1080p", "21:9", "6.8761", "6.8761"),
        (SEEDANCE_2_5, "480p", "16:9", "2.0646", "2.2050"),
        (SEEDANCE_2_5, "480p", "21:9", "2.1584", "2.2050"),
        (SEEDANCE_2_5, "1080p", "16:9", "11.4198", "11.6400"),
        (SEEDANCE_2_5, "1080p", "3:4", "11.4368", "11.6400"),
        (SEEDANCE_2_5, "1080p", "21:9", "11.4929", "11.6400"),
        (MINI, "480p", "16:9", "0.7061", "0.7210"),
    ],
)
def test_the_price_follows_the_pixels_of_the_result(
    endpoint: str, resolution: str, aspect: str, low: str, high: str
) -> None:
    assert _usd(_cost(endpoint, 0, "10", resolution, aspect_ratio=aspect)) == (low, high)


@pytest.mark.parametrize(
    ("duration", "usd"), [("4", "0.65"), ("5", "0.84"), ("6", "0.93"), ("7", "1.11"), ("8", "1.30"), ("9", "1.39")]
)
def test_the_least_charges_that_a_reseller_lists(duration: str, usd: str) -> None:
    """Its table of 720p with video in: $0.0043 a thousand tokens, by the formula without the extra frame."""
    spec = load_spec(SEEDANCE_2)
    assert spec.price is not None
    own = {"usd_per_1000_tokens": {"720p": Decimal("0.0043")}, "video_factor": Decimal(1), "extra_frames": 0}
    reseller = spec.model_copy(update={"price": spec.price.model_copy(update=own | {"usd_per_s": {}})})
    cost = price_of(reseller, Generation(resolution="720p", duration=duration, aspect_ratio="16:9"), 2)
    assert cost is not None
    assert str(cost).partition("–")[2] == usd


@pytest.mark.parametrize(
    ("duration", "seconds"), [("4", 7), ("5", 9), ("6", 10), ("7", 12), ("8", 14), ("9", 15), ("10", 17), ("15", 25)]
)
def test_the_provider_charges_at_least_five_thirds_of_the_result(duration: str, seconds: int) -> None:
    short, enough = _cost(SEEDANCE_2, 2, duration), _cost(SEEDANCE_2, seconds - int(duration), duration)
    assert short.max_usd == enough.max_usd == enough.min_usd > short.min_usd
    assert enough.reasons == ()
    (reason,) = short.reasons
    assert reason == (
        f"the provider of the model bills at least {seconds} s (references and result), and this job has only "
        f"{int(duration) + 2} s; fal may bill only those {int(duration) + 2} s"
    )


@pytest.mark.parametrize(
    ("video_s", "low", "high"),
    [
        pytest.param(2, "1.2777", "1.6406", id="under"),
        pytest.param(3.9, "1.6224", "1.6406", id="just-under"),
        pytest.param(4, "1.6406", "1.6406", id="at"),
        pytest.param(4.1, "1.6587", "1.6587", id="over"),
    ],
)
def test_at_the_least_that_the_provider_charges(video_s: float, low: str, high: str) -> None:
    """5 s of result are charged as 9 s in all."""
    assert _usd(_cost(SEEDANCE_2, video_s, "5")) == (low, high)


def test_without_video_nothing_is_charged_at_least() -> None:
    assert _cost(SEEDANCE_2, 0, "5").reasons == ()


def test_mini_is_cheaper_for_the_seconds_that_go_in_alone() -> None:
    one_more = _cost(MINI, 11, "5").min_usd - _cost(MINI, 10, "5").min_usd
    without = _cost(MINI, 0, "6").min_usd - _cost(MINI, 0, "5").min_usd
    assert abs(one_more - without * Decimal("0.6")) <= Decimal("0.0001")
    assert _cost(MINI, 5, "5").min_usd > _cost(MINI, 0, "5").min_usd


def test_each_second_of_reference_video_is_billed() -> None:
    """A reference makes every second of 2.0 cheaper and adds its own."""
    assert _cost(SEEDANCE_2, 3, "5").min_usd < _cost(SEEDANCE_2, 0, "5").min_usd < _cost(SEEDANCE_2, 4, "5").max_usd
    assert _cost(SEEDANCE_2, 6, "5").max_usd - _cost(SEEDANCE_2, 5, "5").max_usd == Decimal("0.1814")


def test_an_unknown_length_is_a_range() -> None:
    assert _usd(_cost(SEEDANCE_2, 0, "auto")) == ("1.2222", "4.5486")
    assert _cost(SEEDANCE_2, 0, "auto").reasons == ("the model chooses the length (4 to 15 s)",)
    assert _usd(_cost(SEEDANCE_2_5, 0, "auto")) == ("1.8683", "14.1900")
    assert _usd(_cost(SEEDANCE_2, 5, "auto")) == ("1.6406", "4.5436")


def test_an_unknown_shape_is_a_range() -> None:
    assert _usd(_cost(SEEDANCE_2, 0, "10", aspect_ratio="auto")) == ("3.0366", "3.0558")
    assert _cost(SEEDANCE_2, 0, "10", aspect_ratio="auto").reasons == ("the model chooses the aspect ratio",)


def test_both_unknown() -> None:
    assert _usd(_cost(SEEDANCE_2, 0, "auto", aspect_ratio="auto")) == ("1.2222", "4.5773")


def test_a_task_that_resets_the_length_makes_it_unknown() -> None:
    fixed, editing = _cost(SEEDANCE_2_5, 5, "5"), _cost(SEEDANCE_2_5, 5, "5", task="editing")
    assert editing.max_usd == _cost(SEEDANCE_2_5, 5, "auto", aspect_ratio="auto").max_usd > fixed.max_usd
    extension = _cost(SEEDANCE_2_5, 5, "5", task="extension")
    assert extension == _cost(SEEDANCE_2_5, 5, "5", aspect_ratio="auto")


def test_4k_has_no_price() -> None:
    spec, generation = load_spec(SEEDANCE_2), Generation(resolution="4k", duration="5", aspect_ratio="16:9")
    assert price_of(spec, generation, 5) is None
    assert without_price(spec, generation) == f"no price was found for 4k of {SEEDANCE_2}"


def test_an_endpoint_without_prices() -> None:
    spec = load_spec(SEEDANCE_2).model_copy(update={"price": None})
    generation = Generation(resolution="720p", duration="5", aspect_ratio="16:9")
    assert price_of(spec, generation, 0) is None
    assert without_price(spec, Generation()) == f"no price was found for 720p of {SEEDANCE_2}"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_resolution_but_4k_has_a_price(endpoint: str) -> None:
    spec = all_specs()[endpoint]
    for resolution in spec.request.resolution.choices or ():
        cost = price_of(spec, Generation(resolution=resolution, duration="5", aspect_ratio="auto"), 2.5)
        assert (cost is None) == (resolution == "4k"), resolution


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_the_sandbox_bills_is_within_the_quotation(endpoint: str) -> None:
    """The sandbox computes bills by itself; they differ by rounding to whole tokens."""
    spec = load_spec(endpoint)
    for resolution in spec.request.resolution.choices or ():
        for aspect in spec.request.aspect_ratio.choices or ():
            for duration in ("auto", "4", "5", "9", "15"):
                for video_s in (0.0, 2.0, 4.033, 15.0):
                    asked = {"resolution": resolution, "aspect_ratio": aspect, "duration": duration}
                    quoted = price_of(spec, Generation(**asked), video_s)
                    usd = charge(spec, "id", choose_output(asked, spec, None), video_s).usd
                    if quoted is None or usd is None:
                        assert quoted is usd is None
                    else:
                        assert quoted.min_usd - Decimal("0.0002") <= usd <= quoted.max_usd + Decimal("0.0002"), asked
