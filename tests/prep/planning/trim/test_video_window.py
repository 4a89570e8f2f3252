"""The part of a long clip that is kept when the user named none."""

from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prep.model.analysis import Cuts, Glimpse, Scan, Unseen
from prep.model.plan import Options, Trim, find
from prep.model.reference import Part, Reference
from prep.model.source import Source
from prep.planning import plan_set
from prep.planning.trim.video_window import choose_windows
from prep.specs import load_spec
from tests.made import audio, image, video

How = Literal["start", "middle", "end", "best"]
ANY_HOW: st.SearchStrategy[How] = st.sampled_from(["start", "middle", "end", "best"])


def _glimpse(time_s: float, **seen: float | bool) -> Glimpse:
    fields = {"light": 0.5, "contrast": 0.2, "crisp": 0.2, "plain": 0.1, "change": 0.05} | seen
    return Glimpse.model_validate({"time_s": time_s, **fields})


def _scan(glimpses: list[Glimpse], cuts: Cuts | None = None) -> Scan:
    return Scan(glimpses=tuple(glimpses), cuts=cuts or Cuts())


@pytest.mark.parametrize(
    ("how", "start_s", "why"),
    [("start", 0, "the start"), ("middle", 7.5, "the middle"), ("end", 15, "the end"), ("best", 0, "the start")],
)
def test_without_a_look(how: How, start_s: float, why: str) -> None:
    window = choose_windows(Scan(), 30.0, 15.0, how)[0]
    assert (window.start_s, window.why) == (start_s, why)


@pytest.mark.parametrize("how", ["start", "middle", "end", "best"])
def test_nothing_to_choose(how: How) -> None:
    scan = _scan([_glimpse(time) for time in range(10)])
    assert choose_windows(scan, 10.0, 10.0, how)[0].start_s == 0
    assert choose_windows(scan, 10.0, 12.0, how)[0].start_s == 0


def test_black_at_the_start_is_left_out() -> None:
    dark = [_glimpse(time, light=0.01, contrast=0.01, crisp=0, plain=1) for time in range(6)]
    window = choose_windows(_scan([*dark, *(_glimpse(time) for time in range(6, 30))]), 30.0, 15.0, "best")[0]
    assert 6 <= window.start_s <= 15
    assert window.why == "one steady shot, sharp"


def test_a_cut_is_left_out() -> None:
    glimpses = [_glimpse(time, change=0.6 if time == 13 else 0.05) for time in range(30)]
    window = choose_windows(_scan(glimpses, Cuts(times_s=(12.34,))), 30.0, 15.0, "best")[0]
    assert window.duration_s == 15
    assert 12.34 <= window.start_s <= 15
    assert window.why == "one steady shot, sharp"


def test_a_part_may_begin_with_a_shot() -> None:
    cuts = Cuts(times_s=(3.3, 12.34, 27.36))
    assert choose_windows(_scan([_glimpse(time) for time in range(30)], cuts), 30.0, 15.0, "best")[0].start_s == 12.34


def test_blurred_footage_that_may_have_cuts_goes_before_a_test_card() -> None:
    footage = [_glimpse(time, crisp=0.2 if time % 3 == 0 else 0.08, change=0.4) for time in range(15)]
    card = [_glimpse(time, plain=0.9, contrast=0.5, change=0.02) for time in range(15, 30)]
    cuts = Cuts(unseen=tuple(Unseen(start_s=time, end_s=time + 1, chance=0.9) for time in range(15)))
    assert choose_windows(_scan([*footage, *card], cuts), 30.0, 14.0, "best")[0].start_s <= 1


@pytest.mark.parametrize(
    ("cuts", "why"),
    [
        (Cuts(times_s=(4, 8, 12, 16, 20, 24, 28)), "4 shots, sharp"),
        (Cuts(unseen=(Unseen(start_s=0, end_s=30, chance=0.2),)), "sharp"),
        (Cuts(times_s=(14,), unseen=(Unseen(start_s=16, end_s=18, chance=0.2),)), "one steady shot, sharp"),
        (None, "sharp"),
    ],
    ids=["cuts everywhere", "nobody looked", "nobody looked elsewhere", "nobody looked at all"],
)
def test_what_is_not_known_is_not_claimed(cuts: Cuts | None, why: str) -> None:
    glimpses = tuple(_glimpse(time) for time in range(30))
    assert choose_windows(Scan(glimpses=glimpses, cuts=cuts), 30.0, 14.0, "best")[0].why == why


def test_of_parts_that_nobody_looked_into_the_one_with_less_chance_of_cuts() -> None:
    unseen = (Unseen(start_s=0, end_s=14, chance=0.9), Unseen(start_s=14, end_s=30, chance=0.2))
    window = choose_windows(_scan([_glimpse(time) for time in range(30)], Cuts(unseen=unseen)), 30.0, 15.0, "best")[0]
    assert window.start_s >= 13


def test_somebody_who_moves_goes_before_an_empty_room() -> None:
    glimpses = [_glimpse(time, change=0.01 if 20 <= time < 35 else 0.003) for time in range(60)]
    window = choose_windows(_scan(glimpses), 60.0, 10.0, "best")[0]
    assert window.start_s >= 19 and window.start_s + window.duration_s <= 35


def test_a_frozen_picture_is_left_out() -> None:
    glimpses = [_glimpse(time, change=0.0 if time < 15 else 0.05) for time in range(30)]
    assert choose_windows(_scan(glimpses), 30.0, 10.0, "best")[0].start_s >= 13


def test_a_blurred_part_is_left_out() -> None:
    glimpses = [_glimpse(time, crisp=0.07 if time >= 12 else 0.2) for time in range(30)]
    assert choose_windows(_scan(glimpses), 30.0, 10.0, "best")[0].start_s <= 2


def test_of_equals_the_first_is_taken() -> None:
    assert choose_windows(_scan([_glimpse(time) for time in range(30)]), 30.0, 10.0, "best")[0].start_s == 0


JUNK = {
    "black": {"light": 0.01, "contrast": 0.01, "crisp": 0, "plain": 1},
    "static": {"crisp": 0.7, "contrast": 0.2, "change": 0.2},
    "credits": {"plain": 0.9, "light": 0.1, "crisp": 0.4},
    "test card": {"plain": 0.8, "crisp": 0.2, "change": 0.01},
    "motion blur": {"crisp": 0.07, "change": 0.3},
}


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("first", [True, False])
def test_junk_is_left_out(junk: str, first: bool) -> None:
    """However much moves in it, and however sharp it is; ten of twenty seconds."""
    glimpses = [_glimpse(time / 2, **(JUNK[junk] if (time < 20) is first else {"change": 0.01})) for time in range(40)]
    for cuts in (Cuts(), Cuts(times_s=(10,))):
        window = choose_windows(_scan(glimpses, cuts), 20.0, 9.5, "best")[0]
        assert window.start_s >= 9.9 if first else window.start_s + window.duration_s <= 10.1
        assert "partly" not in window.why


@pytest.mark.parametrize(
    ("cuts_s", "kept"),
    [
        ((6.0, 12.0, 18.0, 24.0), (0.0, 5.95)),  # of equals the first
        ((4.0, 10.0, 14.0, 18.0, 22.0, 26.0), (4.0, 5.95)),
        ((4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 28.0), None),  # no whole shot of 5 s
    ],
)
def test_a_whole_shot_goes_before_more_seconds(cuts_s: tuple[float, ...], kept: tuple[float, float] | None) -> None:
    window = choose_windows(_scan([_glimpse(time) for time in range(30)], Cuts(times_s=cuts_s)), 30.0, 14.9, "best")[0]
    if kept:
        assert (window.start_s, round(window.duration_s, 3), window.why) == (*kept, "one steady shot, sharp")
    else:
        assert window.duration_s == 14.9


def test_alternatives_are_other_parts() -> None:
    windows = choose_windows(_scan([_glimpse(time) for time in range(60)]), 60.0, 14.9, "best")
    assert len(windows) == 4
    ends = sorted((window.start_s, window.start_s + window.duration_s) for window in windows)
    assert all(one[1] - other[0] <= 7.46 for one, other in pairwise(ends))


GLIMPSES = st.lists(
    st.builds(
        Glimpse,
        time_s=st.floats(0, 60).map(lambda time: round(time, 3)),
        light=st.floats(0, 1),
        contrast=st.floats(0, 1),
        crisp=st.floats(0, 1),
        plain=st.floats(0, 1),
        change=st.floats(0, 1),
    ),
    max_size=20,
).map(lambda glimpses: sorted(glimpses, key=lambda glimpse: glimpse.time_s))


CUTS = st.lists(st.floats(0, 60), max_size=5).map(lambda times: Cuts(times_s=tuple(sorted(times))))


@example(
    glimpses=[_glimpse(time_s) for time_s in (1.0, 12.0, 15.0, 18.0)],
    cuts=Cuts(times_s=(19.0,)),
    duration_s=10.0,
    length_s=9.0,
    how="best",
)
@given(glimpses=GLIMPSES, cuts=st.none() | CUTS, duration_s=st.floats(2, 60), length_s=st.floats(1, 60), how=ANY_HOW)
@settings(deadline=None)
def test_the_window_lies_inside_the_clip(
    glimpses: list[Glimpse], cuts: Cuts | None, duration_s: float, length_s: float, how: How
) -> None:
    window = choose_windows(Scan(glimpses=tuple(glimpses), cuts=cuts), duration_s, length_s, how)[0]
    assert window.start_s >= 0
    assert window.start_s + window.duration_s <= duration_s + 0.001
    assert window.duration_s <= length_s
    assert window.why


def _planned(info: object, how: How, part: Part | None = None, scan: Scan | None = None) -> Trim:
    source = Source(
        tag="@Video1" if getattr(info, "kind", "") == "video" else "@Audio1",
        reference=Reference(location="a", part=part),
        info=info,  # type: ignore[arg-type]
        scan=scan or Scan(),
    )
    see = Source(tag="@Image1", reference=Reference(location="b"), info=image())
    trim = find(plan_set((source, see), load_spec(), Options(window=how)).entries[0].steps, Trim)
    assert trim is not None
    return trim


def test_what_one_clip_leaves_over_goes_to_the_others() -> None:
    """Each of two has 7.45 s; a whole shot of 5.5 s is the best of the first."""
    glimpses = tuple(_glimpse(time) for time in range(30))
    shots = Cuts(times_s=(4.0, 9.55, 11.0, 14.0, 17.0, 20.0, 23.0, 26.0))
    sources = [
        Source(
            tag=f"@Video{number}",
            reference=Reference(location=f"{number}"),
            info=video(duration_s=30),
            scan=Scan(glimpses=glimpses, cuts=cuts),
        )
        for number, cuts in enumerate((shots, Cuts()), 1)
    ]
    first, second = (find(entry.steps, Trim) for entry in plan_set(sources, load_spec(), Options()).entries)
    assert first is not None and (first.start_s, first.duration_s) == (4.0, pytest.approx(5.5, abs=0.05))
    assert second is not None and second.duration_s == pytest.approx(14.9 - first.duration_s, abs=0.05)


@pytest.mark.parametrize(("how", "start_s"), [("start", 0), ("middle", 22.55), ("end", 45.1), ("best", 0)])
def test_the_plan_keeps_the_window(how: How, start_s: float) -> None:
    for info in (video(duration_s=60), audio(60)):
        assert _planned(info, how).start_s == pytest.approx(start_s, abs=0.1)


def test_the_plan_says_why_this_part() -> None:
    assert _planned(video(duration_s=60), "end").note == "the end"


@pytest.mark.parametrize("how", ["middle", "end", "best"])
def test_the_users_start_is_the_start(how: How) -> None:
    assert _planned(video(duration_s=60), how, Part(start_s=3)).start_s == 3
    assert _planned(video(duration_s=60), how, Part(start_s=3, end_s=9)).start_s == 3


def test_a_part_between_keyframes_is_copied() -> None:
    """Both ends within a frame of a keyframe: the picture is not encoded again."""
    source = Source(
        tag="@Video1",
        reference=Reference(location="a", part=Part(start_s=2, end_s=6)),
        info=video(duration_s=60),
        scan=Scan(keyframes_s=(0.0, 2.0, 4.0, 6.0)),
    )
    (entry,) = plan_set((source,), load_spec(), Options()).entries
    assert [step.kind for step in entry.steps] == ["trim", "remux"]
    trim = find(entry.steps, Trim)
    assert trim is not None and (trim.start_s, trim.duration_s) == (2, 4)


def test_a_part_off_the_keyframes_is_encoded() -> None:
    source = Source(
        tag="@Video1",
        reference=Reference(location="a", part=Part(start_s=2.5, end_s=6)),
        info=video(duration_s=60),
        scan=Scan(keyframes_s=(0.0, 2.0, 4.0, 6.0)),
    )
    (entry,) = plan_set((source,), load_spec(), Options()).entries
    assert [step.kind for step in entry.steps] == ["trim", "encode-video"]
