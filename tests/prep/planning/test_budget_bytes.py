"""Bytes: what is re-made shares what the untouched files leave, and the sum stays under 50 MB."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prep.planning.budget_bytes import Footage, share_bytes
from prep.specs import load_spec
from tests.made import SEEDANCE_2, SEEDANCE_2_5

TWO, TWO_5 = load_spec(SEEDANCE_2).video, load_spec(SEEDANCE_2_5).video
MB = 1_000_000


def _shares(*videos: tuple[int, float, bool]) -> tuple[int | None, ...]:
    """Each video as (bytes, seconds, encoded anew whatever its size)."""
    return share_bytes([Footage(size_bytes=size, seconds=s, encoded=anew) for size, s, anew in videos], TWO)


def _total(videos: list[tuple[int, float, bool]], shares: tuple[int | None, ...]) -> int:
    return sum(size if share is None else share for (size, _, _), share in zip(videos, shares, strict=True))


@pytest.mark.parametrize(
    "videos",
    [
        [(49_999_999, 5.0, False)],
        [(52_428_800, 15.0, False)],
        [(17 * MB, 5.0, False)] * 3,
        [(1 * MB, 5.0, False)],
    ],
    ids=["under 50 MB", "50 MiB is accepted", "three", "small"],
)
def test_untouched_files_keep_every_byte(videos: list[tuple[int, float, bool]]) -> None:
    assert _shares(*videos) == (None,) * len(videos)


def test_of_files_that_are_too_large_the_largest_is_re_made() -> None:
    small, large, middle = _shares((10 * MB, 5.0, False), (40 * MB, 5.0, False), (12 * MB, 5.0, False))
    assert (small, middle) == (None, None)
    assert large is not None and large < 50 * MB - 22 * MB


def test_one_file_that_is_too_large() -> None:
    (share,) = _shares((52_428_801, 15.0, False))
    assert share is not None and 40 * MB < share < 50 * MB


def test_a_re_made_file_leaves_the_large_ones_alone() -> None:
    kept, made = _shares((45 * MB, 5.0, False), (90 * MB, 5.0, True))
    assert kept is None
    assert made is not None and 1 * MB < made < 5 * MB


def test_a_large_file_gives_way_when_too_little_is_left_for_the_others() -> None:
    """49 MB that stay would leave 5 s of video less than 0.25 MB a second."""
    large, made = _shares((49 * MB, 5.0, False), (90 * MB, 5.0, True))
    assert large is not None and made is not None
    assert large + made < 50 * MB


def test_shares_are_by_the_second() -> None:
    short, long = _shares((90 * MB, 3.0, True), (90 * MB, 12.0, True))
    assert short is not None and long is not None
    assert long == pytest.approx(4 * short, rel=0.01)
    assert short + long < 50 * MB


def test_a_short_clip_is_not_blown_up() -> None:
    (share,) = _shares((2 * MB, 2.0, True))
    assert share is not None and share <= 2 * 5 * MB


def test_with_a_limit_for_each_file_and_none_for_all() -> None:
    def shares(size: int, seconds: float, encoded: bool) -> int | None:
        return share_bytes([Footage(size_bytes=size, seconds=seconds, encoded=encoded)], TWO_5)[0]

    assert shares(190 * MB, 30.0, False) is None
    share = shares(300 * MB, 30.2, True)
    assert share is not None and share <= 200 * MB


def _remuxed(size: int) -> Footage:
    return Footage(size_bytes=size, seconds=5.0, remuxed=True)


def test_a_new_container_is_made_and_has_to_be_strict() -> None:
    """Only what is untouched may be between 50 MB and 50 MiB, and a container has bytes of its own."""
    assert share_bytes([_remuxed(49_000_000)], TWO) == (None,)
    for size in (49_950_000, 50_000_000, 52_400_000):
        (share,) = share_bytes([_remuxed(size)], TWO)
        assert share is not None and share < 50_000_000


def test_a_new_container_beside_large_files() -> None:
    """One of them gives way, and the sum is under 50 MB."""
    videos = [_remuxed(1 * MB), Footage(size_bytes=49 * MB, seconds=5.0)]
    kept, made = share_bytes(videos, TWO)
    assert kept is None and made is not None
    assert 1 * MB + made < 50 * MB


def test_no_videos() -> None:
    assert share_bytes([], TWO) == ()


VIDEOS = st.lists(
    st.tuples(st.integers(1, 120 * MB), st.floats(1.8, 15), st.booleans()),
    min_size=1,
    max_size=3,
)


@given(videos=VIDEOS)
@settings(deadline=None, max_examples=500)
def test_all_together_stay_under_50_mb(videos: list[tuple[int, float, bool]]) -> None:
    shares = _shares(*videos)
    remade = [share for share in shares if share is not None]
    assert all(share > 0 for share in remade)
    assert all(share is not None for (_, _, encoded), share in zip(videos, shares, strict=True) if encoded)
    if remade:
        assert _total(videos, shares) < 50_000_000
    else:
        assert sum(size for size, _, _ in videos) <= 52_428_800


@given(videos=VIDEOS)
@settings(deadline=None, max_examples=500)
def test_no_file_is_re_made_without_need(videos: list[tuple[int, float, bool]]) -> None:
    """Whatever gives way is at least as large as all that stay, and would not have fitted with the rest."""
    shares = _shares(*videos)
    stay = [size for (size, _, _), share in zip(videos, shares, strict=True) if share is None]
    gave_way = [
        size for (size, _, encoded), share in zip(videos, shares, strict=True) if share is not None and not encoded
    ]
    if gave_way:
        assert min(gave_way) >= max(stay, default=0)
        anew_s = sum(seconds for _, seconds, encoded in videos if encoded)
        assert sum(size for size, _, encoded in videos if not encoded) > 48 * MB - anew_s * MB / 2
