"""The price through the library: planned, without a key, without a file made."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import submit
from prep import Cost, Generation, aprice, price
from prep.errors import NonCompliantError, UnreadableError, UsageError
from prep.specs import load_spec
from tests.made import FAST, MINI, SEEDANCE_2, SEEDANCE_2_5

Media = Callable[[str], Path]
FIVE = Generation(duration=5, aspect_ratio="16:9")


def test_a_picture_costs_what_the_result_does(media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)
    cost = price(media("at_limit_300.png"), generation=FIVE)
    assert cost == Cost(min_usd=Decimal("1.5246"), max_usd=Decimal("1.5246"), unit_usd=Decimal("0.014"))


@pytest.mark.parametrize(
    ("fragment", "usd"),
    [
        pytest.param("#t=0,5", "$1.82", id="part"),
        pytest.param("#t=0,2", "$1.28–1.64", id="under-the-least"),
        pytest.param("", "$1.82", id="cut-to-the-generation"),
        pytest.param("#t=best:14.9", "$3.62", id="as-much-as-is-allowed"),
    ],
)
def test_a_clip_costs_the_seconds_that_would_be_kept(media: Media, fragment: str, usd: str) -> None:
    assert str(price(f"{media('clip_1080p_20s.mp4')}{fragment}", generation=FIVE)) == usd


@pytest.mark.parametrize(
    ("endpoint", "usd"), [(SEEDANCE_2, "$1.52"), (FAST, "$1.22"), (MINI, "$0.76–0.77"), (SEEDANCE_2_5, "$2.33–2.37")]
)
def test_every_endpoint_has_a_price(media: Media, endpoint: str, usd: str) -> None:
    assert str(price(media("at_limit_300.png"), endpoint, generation=FIVE)) == usd
    assert str(price(media("at_limit_300.png"), load_spec(endpoint), generation=FIVE)) == usd


def test_no_price_for_4k(media: Media) -> None:
    assert price(media("at_limit_300.png"), generation=Generation(resolution="4k")) is None


def test_the_defaults_are_a_range(media: Media) -> None:
    cost = price(media("at_limit_300.png"))
    assert cost is not None and str(cost) == "$1.22–4.58"
    assert cost.reasons == ("the model chooses the length (4 to 15 s) and the aspect ratio",)


def test_the_event_loop_gets_the_same(media: Media) -> None:
    photo = media("at_limit_300.png")
    assert asyncio.run(aprice(photo, generation=FIVE)) == price(photo, generation=FIVE)


def test_submit_exports_it() -> None:
    assert (submit.price, submit.aprice, submit.Cost) == (price, aprice, Cost)


@pytest.mark.parametrize(
    ("references", "options", "error", "told"),
    [
        (["missing.png"], {}, UnreadableError, "missing.png"),
        (["at_limit_300.png"], {"generation": Generation(duration=3)}, UsageError, "duration '3' is not allowed"),
        (["at_limit_300.png"], {"generation": Generation(task="editing")}, UsageError, "has no parameter 'task'"),
        (["at_limit_300.png"], {"generation": {"duration": 5}}, UsageError, "generation: should be Generation"),
        (["voice.mp3"], {}, NonCompliantError, "audio-without-visual"),
    ],
)
def test_what_has_no_price(
    media: Media, references: list[str], options: dict[str, Any], error: type[Exception], told: str
) -> None:
    places = [name if name == "missing.png" else str(media(name)) for name in references]
    with pytest.raises(error, match=told):
        price(places, **options)


def test_an_unreadable_reference_can_be_skipped(media: Media) -> None:
    assert price([media("at_limit_300.png"), "missing.png"], generation=FIVE, skip_unreadable=True) is not None
