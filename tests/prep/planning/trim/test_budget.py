"""Seconds: shared so that short clips stay whole, the user's parts stay theirs, and the sum is kept."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from prep.model.reference import Part
from prep.planning.trim.budget import Clip, TimeLimits, share_seconds
from prep.planning.trim.part import Length, requested_length
from prep.specs import load_spec
from tests.made import SEEDANCE_2, SEEDANCE_2_5, sources, video


def _limits(endpoint: str = SEEDANCE_2, *, lengthen: bool = True) -> TimeLimits:
    limits = load_spec(endpoint).video
    return TimeLimits(
        least=limits.min_duration_s,
        most=limits.max_duration_s,
        total=limits.max_total_duration_s,
        too_long="video-too-long",
        set_too_long="videos-too-long",
        lengthen=lengthen,
    )


TWO = _limits()


def _clip(duration_s: float, part: Part | None = None, *, remade: bool = False, most_s: float | None = None) -> Clip:
    info = video(duration_s=duration_s)
    (source,) = sources((info, part) if part else info)
    fixed = part is not None and part.end_s is not None
    return Clip(asked=requested_length(source, duration_s, most_s), fixed=fixed, remade=remade)


def _part(start_s: float, end_s: float | None = None) -> Part:
    return Part(start_s=start_s, end_s=end_s)


def _whole(seconds: float) -> Length:
    return Length(duration_s=seconds, needed_s=seconds)


def _used(clips: list[Clip], limits: TimeLimits = TWO) -> list[float]:
    return [round(length.needed_s, 6) for length in share_seconds(clips, limits)]


@pytest.mark.parametrize(
    "seconds",
    [(5.0, 5.0, 5.0), (15.0,), (15.1,), (15.2,), (2.0,), (1.8,), (1.9, 2.0), (10.0, 5.2), (4.0, 5.0, 6.0)],
    ids=str,
)
def test_clips_that_are_inside_stay_whole(seconds: tuple[float, ...]) -> None:
    """The very numbers come back; so do those between the strict and the accepted value, which are left alone."""
    assert share_seconds([_clip(length) for length in seconds], TWO) == tuple(_whole(length) for length in seconds)


@pytest.mark.parametrize(
    ("clips", "used"),
    [
        pytest.param([_clip(15.1, remade=True)], [14.9], id="15.1 that is re-made is cut"),
        pytest.param([_clip(15.0, remade=True)], [15.0], id="15 that is re-made is whole"),
        pytest.param([_clip(15.21)], [14.9], id="15.21 is cut"),
        pytest.param([_clip(300.0)], [14.9], id="5 minutes"),
        pytest.param([_clip(20.0), _clip(5.0)], [9.9, 5.0], id="the short one stays whole"),
        pytest.param([_clip(5.0), _clip(20.0)], [5.0, 9.9], id="in any order"),
        pytest.param([_clip(60.0), _clip(60.0), _clip(60.0)], [14.9 / 3] * 3, id="equal shares"),
        pytest.param([_clip(3.0), _clip(60.0), _clip(60.0)], [3.0, 5.95, 5.95], id="the rest shares"),
        pytest.param([_clip(5.1), _clip(5.05), _clip(5.05, remade=True)], [14.9 / 3] * 3, id="15.2 with one re-made"),
        pytest.param([_clip(1.9, remade=True)], [2.0], id="1.9 that is re-made grows"),
        pytest.param([_clip(1.0)], [2.0], id="1 grows"),
        pytest.param([_clip(1.0), _clip(60.0)], [2.0, 12.9], id="what grows counts as it will be"),
        pytest.param([_clip(60.0, _part(10, 20)), _clip(60.0)], [10.0, 4.9], id="the user's part first"),
        pytest.param([_clip(60.0, _part(10)), _clip(60.0)], [7.45, 7.45], id="a start alone is no length"),
        pytest.param([_clip(60.0, _part(0, 14)), _clip(60.0)], [14.0, 2.0], id="at least 2 s each"),
        pytest.param([_clip(60.0, _part(0, 20))], [20.0], id="a part that is too long is the user's to say"),
        pytest.param([_clip(60.0, _part(0, 1))], [2.0], id="a part that is too short grows"),
        pytest.param([_clip(30.0)] * 8, [2.0] * 8, id="too many for all"),
        pytest.param([_clip(30.0, most_s=6)], [6.0], id="6 of 30"),
        pytest.param([_clip(30.0, Part(best_s=6), most_s=3)], [6.0], id="its own 6 of 30"),
        pytest.param([_clip(6.0, most_s=6), _clip(6.01, most_s=6)], [6.0, 6.01], id="6 of 6, within a frame"),
        pytest.param([_clip(4.0, most_s=6)], [4.0], id="6 of 4"),
        pytest.param([_clip(30.0, most_s=20)], [14.9], id="20 are too many for a limit"),
        pytest.param([_clip(30.0, most_s=6)] * 3, [14.9 / 3] * 3, id="3 times 6 share"),
        pytest.param([_clip(30.0, most_s=4), _clip(30.0)], [4.0, 10.9], id="the other gets the rest"),
        pytest.param([_clip(30.0, most_s=1)], [2.0], id="1 is too short, and grows"),
    ],
)
def test_shares(clips: list[Clip], used: list[float]) -> None:
    assert _used(clips) == pytest.approx(used)


def test_2_5_has_no_tolerance_and_more_seconds() -> None:
    limits = _limits(SEEDANCE_2_5)
    assert _used([_clip(30.2)], limits) == [30.2]
    assert _used([_clip(30.21)], limits) == pytest.approx([30.1])
    assert _used([_clip(1.8)], limits) == [1.8]
    assert _used([_clip(1.0)], limits) == [1.8]


def test_who_asked_for_the_cut() -> None:
    by_file, by_set, by_user, both = share_seconds(
        [_clip(40.0), _clip(9.0), _clip(60.0, _part(3, 6)), _clip(60.0, _part(3))], TWO
    )
    assert by_file.because == ("video-too-long", "videos-too-long")
    assert by_set.because == ("videos-too-long",)
    assert (by_user.because, by_user.start_s, by_user.duration_s) == (("asked",), 3, 3)
    assert (both.because[0], both.start_s) == ("asked", 3)
    assert by_file.cut and by_set.cut and by_user.cut and both.cut
    (strict,) = share_seconds([_clip(15.1, remade=True)], TWO)
    assert strict.because == ("video-too-long",)


def test_nothing_grows_unless_it_may() -> None:
    assert share_seconds([_clip(1.0)], _limits(lengthen=False)) == (_whole(1.0),)


def test_without_limits_everything_stays() -> None:
    none = TimeLimits(least=None, most=None, total=None, too_long="a", set_too_long="b")
    assert share_seconds([_clip(0.1), _clip(9000.0)], none) == (_whole(0.1), _whole(9000.0))
    assert share_seconds([], TWO) == ()


@pytest.mark.parametrize("start", [0.1, 0.3, 1.1, 3.3, 17.1, 100.7])
@pytest.mark.parametrize("seconds", [2, 5, 15])
def test_a_part_has_the_length_that_was_written(start: float, seconds: int) -> None:
    """2.3 − 0.3 is not 2 in binary: a part of exactly 2 s must not come out as too short."""
    end = round(start + seconds, 3)
    (length,) = share_seconds([_clip(200.0, _part(start, end))], TWO)
    assert length.duration_s == pytest.approx(seconds)
    assert length.needed_s == length.duration_s, "it is neither too short nor too long"


SECONDS = st.floats(0.1, 120).map(lambda value: round(value, 3))
WHOLE = st.builds(lambda seconds, remade: _clip(seconds, remade=remade), SECONDS, st.booleans())
PARTS = st.builds(
    lambda seconds, start, length, remade: _clip(
        seconds, _part(start * seconds, start * seconds + length), remade=remade
    ),
    SECONDS,
    st.floats(0, 0.9),
    st.floats(0.5, 10),
    st.booleans(),
)
WHOLE_CLIPS = st.lists(WHOLE, min_size=1, max_size=3)
CLIPS = st.lists(WHOLE | PARTS, min_size=1, max_size=3)


@given(clips=CLIPS)
@settings(deadline=None, max_examples=300)
def test_the_users_parts_are_never_changed(clips: list[Clip]) -> None:
    for clip, length in zip(clips, share_seconds(clips, TWO), strict=True):
        if clip.fixed:
            assert (length.start_s, length.duration_s) == (clip.asked.start_s, clip.asked.duration_s)


@given(clips=WHOLE_CLIPS)
@settings(deadline=None, max_examples=300)
def test_the_sum_is_kept_and_each_has_its_least(clips: list[Clip]) -> None:
    lengths = share_seconds(clips, TWO)
    assert round(sum(length.needed_s for length in lengths), 6) <= 15.2
    for clip, length in zip(clips, lengths, strict=True):
        assert length.duration_s <= clip.asked.duration_s
        assert length.needed_s >= (2.0 if clip.remade or length.cut or clip.asked.duration_s < 1.8 else 1.8)
        assert length.needed_s <= 15.2
        assert length.cut is (length.duration_s < clip.asked.duration_s)
        assert bool(length.because) is length.cut
    if any(length.cut or clip.remade for clip, length in zip(clips, lengths, strict=True)):
        assert round(sum(length.needed_s for length in lengths), 6) <= 15.0, "what is made meets the strict value"


@given(clips=WHOLE_CLIPS)
@settings(deadline=None, max_examples=300)
def test_short_clips_stay_whole_and_long_ones_get_the_same(clips: list[Clip]) -> None:
    lengths = share_seconds(clips, TWO)
    cut = [length.needed_s for length in lengths if length.cut]
    assume(cut)
    assert max(cut) == pytest.approx(min(cut))
    assert all(length.needed_s <= max(cut) + 1e-9 for length in lengths)


@given(clips=CLIPS, padding_s=st.sampled_from([0.02, 0.08, 0.5]))
@settings(deadline=None, max_examples=300)
def test_nothing_is_lost_to_padding_that_can_be_left_out(clips: list[Clip], padding_s: float) -> None:
    padded = [clip.model_copy(update={"padding_s": padding_s, "unpadded_s": 99.0}) for clip in clips]
    asked = [clip.asked.duration_s for clip in clips]
    bare = share_seconds(clips, TWO)
    assume([length.duration_s for length in bare] == asked)
    assume(sum(length.needed_s for length in bare) <= 15)
    assert [length.duration_s for length in share_seconds(padded, TWO)] == asked
