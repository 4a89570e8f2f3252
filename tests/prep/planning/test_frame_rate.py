"""Frame rates: motion stays even, and the rate ends up inside 24..60."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prep.model.media import exact_rate
from prep.planning.frame_rate import even_rate, inside, whole_frames, whole_frames_up
from prep.specs import load_spec
from tests.made import video

LIMITS = load_spec().video


@pytest.mark.parametrize(
    ("fps", "expected"),
    [
        (23.976, 24),
        (120, 60),
        (240, 60),
        (10, 30),
        (15, 30),
        (12, 24),
        (12.5, 25),
        (100, 50),
        (60.1, 60),
        (90, 45),
        (24, 24),
        (25, 25),
        (30, 30),
        (48, 48),
        (50, 50),
        (60, 60),
        (8, 24),
        (6, 24),
        (5, 25),
        (1, 24),
        (20, 40),
        (72, 36),
        (144, 48),
        (1000, Fraction(1000, 17)),
    ],
)
def test_a_constant_rate(fps: float, expected: float) -> None:
    assert even_rate(video(fps=fps), LIMITS) == expected


@pytest.mark.parametrize(
    ("fps", "expected"),
    [(29.97, Fraction(30_000, 1001)), (59.94, Fraction(60_000, 1001)), (119.88, Fraction(60_000, 1001))],
)
def test_the_rates_of_television_are_kept(fps: float, expected: Fraction) -> None:
    assert float(even_rate(video(fps=fps), LIMITS)) == pytest.approx(float(expected), abs=0.001)


@pytest.mark.parametrize(
    ("fps", "expected"),
    [
        (23.976, Fraction(24_000, 1001)),
        (29.97, Fraction(30_000, 1001)),
        (59.94, Fraction(60_000, 1001)),
        (119.88, Fraction(120_000, 1001)),
        (14.985, Fraction(15_000, 1001)),
        (25.0, Fraction(25)),
        (12.5, Fraction(25, 2)),
    ],
)
def test_rates_are_ratios(fps: float, expected: Fraction) -> None:
    """A probe rounds to three digits; 29.97 is 30000/1001."""
    assert exact_rate(fps) == expected


@pytest.mark.parametrize(
    ("fps", "expected"), [(7.22, 24), (13.3, 24), (24.4, 24), (27.9, 30), (31, 30), (58.2, 60), (90, 60), (1000, 60)]
)
def test_a_variable_rate_becomes_a_usual_one(fps: float, expected: float) -> None:
    rate = even_rate(video(fps=fps, vfr=True), LIMITS)
    assert 24 <= rate <= 60
    assert float(rate) == pytest.approx(expected, abs=2)


@given(fps=st.floats(0.5, 1000).map(lambda fps: round(fps, 3)), vfr=st.booleans())
@settings(deadline=None)
def test_every_rate_comes_inside(fps: float, vfr: bool) -> None:
    rate = even_rate(video(fps=fps, vfr=vfr), LIMITS)
    assert 24 <= rate <= 60


@given(fps=st.floats(0.5, 1000).map(lambda fps: round(fps, 3)))
@settings(deadline=None)
def test_every_frame_is_shown_equally_long(fps: float) -> None:
    """Frames are repeated, or dropped, by a whole number; only what is near a bound is moved onto it."""
    rate = float(even_rate(video(fps=fps), LIMITS))
    if 22.56 < fps < 63.6:
        assert fps * 0.935 <= rate <= fps * 1.065
    elif rate < fps:
        assert rate * round(fps / rate) == pytest.approx(fps, abs=0.0011)
    elif (times := round(rate / fps)) * fps > 60 or rate == 24:
        assert rate == 24, "no whole number of repeats is inside"
    else:
        assert rate == pytest.approx(times * fps, abs=0.0011 * times)


@pytest.mark.parametrize("vfr", [False, True])
def test_a_rate_that_is_not_known(vfr: bool) -> None:
    """A clip of one frame has none."""
    assert 24 <= even_rate(video(fps=0.0, vfr=vfr), LIMITS) <= 60


@pytest.mark.parametrize(
    ("fps", "fine"), [(23.976, False), (23.999, False), (24, True), (60, True), (60.001, False), (42.4, True)]
)
def test_inside(fps: float, fine: bool) -> None:
    assert inside(fps, LIMITS) is fine


RATES = st.sampled_from([Fraction(24), Fraction(25), Fraction(30_000, 1001), Fraction(30), Fraction(60)])


@given(seconds=st.floats(0.1, 300), rate=RATES)
@settings(deadline=None)
def test_whole_frames(seconds: float, rate: Fraction) -> None:
    down, up = whole_frames(seconds, rate), whole_frames_up(seconds, rate)
    for length in (down, up):
        assert length * rate == pytest.approx(round(length * rate), abs=1e-6)
    frame_s = float(1 / rate)
    assert seconds - frame_s < down <= seconds + frame_s / 999
    assert seconds - frame_s / 999 <= up < seconds + frame_s


@pytest.mark.parametrize(("seconds", "rate"), [(5.0, 24), (2.0, 25), (14.9, 30), (1.9999999999999998, 24)])
def test_whole_frames_of_whole_seconds(seconds: float, rate: int) -> None:
    assert whole_frames(seconds, Fraction(rate)) == pytest.approx(seconds)
    assert whole_frames_up(seconds, Fraction(rate)) == pytest.approx(seconds)
