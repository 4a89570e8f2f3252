"""Proposals for a job that is too expensive keep the cap and can be typed as they are."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from prep import plan, price
from prep.model.generation import Generation
from prep.pricing.price import price_of
from prep.specs import DEFAULT_ENDPOINT, load_spec
from submit.request.cheaper import cheaper

Media = Callable[[str], Path]
SPEC = load_spec(DEFAULT_ENDPOINT)
EIGHT = Generation(duration="8", resolution="720p", aspect_ratio="16:9")


@pytest.mark.parametrize("cap", ["1.60", "2.00", "2.50", "3.00"])
@pytest.mark.parametrize("fragment", ["", "#t=1.5,9.5", "#t=3,11&xywh=percent:0,0,100,100"])
def test_what_is_proposed_keeps_the_cap(media: Media, cap: str, fragment: str) -> None:
    photo, clip = media("at_limit_300.png"), media("clip_1080p_20s.mp4")
    planned = plan([photo, f"walk={clip}{fragment}"])
    found = cheaper(planned, SPEC, EIGHT, Decimal(cap))
    assert all(item.cost.max_usd <= Decimal(cap) for item in found)
    for item in found:
        if item.arguments[0].startswith("--"):
            continue
        *references, seconds = item.arguments if "--duration" in item.arguments else (*item.arguments, "8")
        again = plan([photo, *(word for word in references if word != "--duration")])
        assert not again.unfixable
        video_s = sum(getattr(entry.predicted, "duration_s", 0.0) for entry in again.entries)
        cost = price_of(SPEC, EIGHT.model_copy(update={"duration": seconds}), video_s)
        assert cost is not None and cost.max_usd <= Decimal(cap)
        assert item.arguments[0].startswith(f"walk={clip}#t=")
        assert ("xywh" in item.arguments[0]) == ("xywh" in fragment)


def test_shorter_references_come_first_and_are_as_long_as_the_cap_allows(media: Media) -> None:
    """8 s of 720p and T s of reference cost (8 + T) x $0.1814 and a frame."""
    planned = plan([f"{media('clip_1080p_20s.mp4')}#t=2,12"])
    first, *others = cheaper(planned, SPEC, EIGHT, Decimal("2.5478"))
    assert first.arguments[0].endswith("#t=2,8")
    assert first.cost.max_usd == Decimal("2.5478")
    assert [item.arguments[0] for item in others] == ["--duration", "--resolution"]


def test_references_are_not_cut_below_what_is_charged_at_least(media: Media) -> None:
    """8 s of result are charged as 14 s in all: below that fewer seconds of reference save nothing by themselves."""
    planned = plan([f"{media('clip_1080p_20s.mp4')}#t=2,12"])
    least = cheaper(planned, SPEC, EIGHT, Decimal("2.5478"))[0].cost
    assert least.reasons == ()
    proposals = cheaper(planned, SPEC, EIGHT, Decimal("2.5477"))
    assert [item.arguments[-2] for item in proposals] == ["--duration", "--resolution"]
    assert len(proposals[0].arguments) == 3, "and the reference is cut as well"


def test_both_are_shortened_where_one_is_not_enough(media: Media) -> None:
    """15 s of reference and 4 s of result cost more than $3, and so do 2 s of reference and up to 15 s of result."""
    photo, clip = media("at_limit_300.png"), media("clip_1080p_20s.mp4")
    auto = EIGHT.model_copy(update={"duration": "auto"})
    both, smaller = cheaper(plan([photo, f"{clip}#t=0,14.9"]), SPEC, auto, Decimal("3.00"))
    reference, *flag = both.arguments
    assert (flag, smaller.arguments[0]) == (["--duration", "4"], "--resolution")
    (entry,) = [entry for entry in plan([photo, reference]).entries if entry.tag == "@Video1"]
    cost = price_of(SPEC, EIGHT.model_copy(update={"duration": "4"}), getattr(entry.predicted, "duration_s", 0.0))
    assert cost is not None and Decimal("2.90") < cost.max_usd <= Decimal("3.00")


def test_a_shorter_video_needs_less_of_a_clip_that_is_cut(media: Media) -> None:
    """As much as it lasts itself: 8 s and 8 s of reference keep the cap."""
    photo, clip = media("at_limit_300.png"), media("clip_1080p_20s.mp4")
    auto = EIGHT.model_copy(update={"duration": "auto"})
    shorter, *_ = cheaper(plan([photo, clip]), SPEC, auto, Decimal("3.00"))
    assert shorter.arguments == ("--duration", "8")
    assert shorter.cost == price([photo, clip], generation=EIGHT)


def test_nothing_is_proposed_that_is_not_enough(media: Media) -> None:
    planned = plan([media("clip_1080p_20s.mp4")])
    assert cheaper(planned, SPEC, EIGHT, Decimal("0.10")) == ()


def test_several_clips_share_what_is_left(media: Media) -> None:
    planned = plan([f"{media('clip_1080p_20s.mp4')}#t=0,9", f"{media('clip_720p.mp4')}#t=0,2.5"])
    first = cheaper(planned, SPEC, EIGHT, Decimal("2.60"))[0]
    long, short = first.arguments
    assert short.endswith("#t=0,2.5"), "a short clip stays whole"
    assert 2 <= float(long.rpartition(",")[2]) < 9
