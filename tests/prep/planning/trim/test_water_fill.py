"""Shares of a common budget."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prep.planning.trim.budget import water_fill

WANTS = st.lists(st.floats(0.01, 300), min_size=1, max_size=10)


@pytest.mark.parametrize(
    ("wants", "budget", "shares"),
    [
        ([], 15, ()),
        ([5, 5, 5], 15, (5, 5, 5)),
        ([5, 5, 5], 16, (5, 5, 5)),
        ([20], 15, (15,)),
        ([20, 20, 20], 15, (5, 5, 5)),
        ([2, 20, 20], 15, (2, 6.5, 6.5)),
        ([20, 2, 20], 15, (6.5, 2, 6.5)),
        ([2, 4, 20], 15, (2, 4, 9)),
        ([3, 8, 9], 15, (3, 6, 6)),
        ([10, 10], 0, (0, 0)),
        ([10, 10], -5, (0, 0)),
    ],
    ids=str,
)
def test_shares(wants: list[float], budget: float, shares: tuple[float, ...]) -> None:
    assert water_fill(wants, budget) == pytest.approx(shares)


@given(wants=WANTS, budget=st.floats(-10, 500))
@settings(deadline=None)
def test_the_sum_keeps_the_budget_and_nobody_gets_more_than_wanted(wants: list[float], budget: float) -> None:
    shares = water_fill(wants, budget)
    assert len(shares) == len(wants)
    assert sum(shares) <= max(budget, 0) + 1e-9
    assert all(0 <= share <= want for share, want in zip(shares, wants, strict=True))


@given(wants=WANTS, budget=st.floats(0, 500))
@settings(deadline=None)
def test_small_wants_are_met_whole_and_the_rest_share_equally(wants: list[float], budget: float) -> None:
    shares = water_fill(wants, budget)
    cut = [share for share, want in zip(shares, wants, strict=True) if share != want]
    if not cut:
        return
    assert max(cut) == pytest.approx(min(cut))
    whole = [share for share, want in zip(shares, wants, strict=True) if share == want]
    assert all(share <= max(cut) + 1e-9 for share in whole)
    assert sum(shares) == pytest.approx(budget)


@given(wants=WANTS)
@settings(deadline=None)
def test_what_fits_comes_back_untouched(wants: list[float]) -> None:
    assert water_fill(wants, sum(wants) + 0.001) == tuple(wants)
