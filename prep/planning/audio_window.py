"""Choice of the part of a sound that is kept: most speech, else most sound, cut in pauses."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby
from typing import NamedTuple

from prep.model.analysis import HEARD_STEP_S, Heard
from prep.model.limits import Value

# A cut is moved to a pause that lies this close, so that no word is cut.
NEAR_S = 0.3
# Shorter gaps are within words. A cut leaves a little of the pause: a breath before, the room's echo after.
PAUSE_S, BEFORE_S, AFTER_S = 0.1, 0.06, 0.12
# A step is quiet when it is at most this far up from the quietest to the loudest ones, and this far below those.
QUIET_SHARE, QUIET_DB = 0.3, 20
# Below the first nothing is heard; below the second there is not even a room's noise to measure pauses by.
SILENT_DBFS, DIGITAL_DBFS = -60, -70
# With less speech than this in all of it, loudness decides.
SPEECH_S = 1.0
# What a level is worth beside speech, and what a cut in a pause is worth, in seconds of speech.
LEVEL, CLEAN_S = 0.2, 0.4
GRID_S = 0.5
# Parts that are worth this much less than the best one are as good: the first of them is taken.
ALIKE_S = 0.2


class Stretch(Value):
    """The part of a sound that is kept, and why, in words."""

    start_s: float
    duration_s: float
    why: str


class _Cut(NamedTuple):
    """Where a part could begin and end, in steps, and whether each end is in a pause or an end of the sound."""

    start: int
    end: int
    clean_start: bool
    clean_end: bool


def best_stretch(heard: Sequence[Heard], duration_s: float, length_s: float, least_s: float) -> Stretch | None:
    """The best part of at most *length_s* out of *duration_s* seconds; None where nothing is heard.

    It may be up to NEAR_S shorter so that its end lies in a pause, but not shorter than *least_s*.
    """
    levels = sorted(level for stretch in heard for level in stretch.levels_dbfs)
    if not levels or levels[-1] < SILENT_DBFS:
        return None
    quiet_dbfs = _quiet(levels)
    speaking = sum(sum(stretch.speech) for stretch in heard if stretch.speech) * HEARD_STEP_S >= SPEECH_S
    parts: list[tuple[float, Heard, _Cut]] = []
    for stretch in heard:
        worth = _worth(stretch, speaking)
        for cut in _cuts(stretch, quiet_dbfs, duration_s, length_s, least_s):
            clean_s = CLEAN_S * (cut.clean_start + cut.clean_end)
            parts.append((worth[cut.end] - worth[cut.start] + clean_s, stretch, cut))
    most = max(value for value, _, _ in parts)
    _, stretch, cut = next(each for each in parts if each[0] >= most - ALIKE_S)
    start_s = round(stretch.start_s + cut.start * HEARD_STEP_S, 3)
    length_s = min(length_s, (cut.end - cut.start) * HEARD_STEP_S, duration_s - start_s)
    return Stretch(
        start_s=start_s, duration_s=round(length_s, 3), why=_words(cut, _share(stretch, cut) if speaking else None)
    )


def _quiet(levels: Sequence[int]) -> float:
    """The level up to which a step is quiet, from all levels in order."""
    heard = levels[bisect_right(levels, DIGITAL_DBFS) :]
    low, high = heard[len(heard) // 200], heard[-1 - len(heard) // 20]
    return max(DIGITAL_DBFS, min(low + QUIET_SHARE * (high - low), high - QUIET_DB))


def _worth(stretch: Heard, speaking: bool) -> list[float]:
    """The worth of everything before each step, in seconds."""
    loud = [max(0.0, 1 - level / SILENT_DBFS) for level in stretch.levels_dbfs]
    if speaking and stretch.speech:
        each = [spoken + LEVEL * level for spoken, level in zip(stretch.speech, loud, strict=True)]
    else:
        each = loud
    return [value * HEARD_STEP_S for value in accumulate(each, initial=0.0)]


def _cuts(stretch: Heard, quiet_dbfs: float, duration_s: float, length_s: float, least_s: float) -> Iterator[_Cut]:
    """A part for every moment at which sound sets in, and for every GRID_S, each moved to the pauses around it."""
    count, length = len(stretch.levels_dbfs), _steps(length_s)
    at_end = stretch.start_s + count * HEARD_STEP_S >= duration_s - NEAR_S
    pauses = _pauses(stretch, quiet_dbfs)
    last = max(0, count - length)
    starts = {*range(0, last + 1, _steps(GRID_S)), last}
    starts |= {min(last, end) for _, end in pauses}
    for wanted in sorted(starts):
        start, clean_start = _start(wanted, pauses, last)
        end, clean_end = _end(start, min(count, start + length), pauses, _steps(least_s))
        whole_start = start == 0 and stretch.start_s == 0
        yield _Cut(start, end, clean_start or whole_start, clean_end or (at_end and end == count))


def _pauses(stretch: Heard, quiet_dbfs: float) -> list[tuple[int, int]]:
    """Runs of quiet steps, as (first, after the last)."""
    pauses, at = [], 0
    for quiet, run in groupby(level <= quiet_dbfs for level in stretch.levels_dbfs):
        count = sum(1 for _ in run)
        if quiet and count >= _steps(PAUSE_S):
            pauses.append((at, at + count))
        at += count
    return pauses


def _start(wanted: int, pauses: Sequence[tuple[int, int]], last: int) -> tuple[int, bool]:
    """*wanted*, or the end of the pause that it lies in or near: what is kept begins with sound."""
    near = _steps(NEAR_S)
    for first, after in pauses:
        at = max(first, after - _steps(BEFORE_S))
        if first <= wanted < after or abs(at - wanted) <= near:
            return min(at, last), first <= min(at, last) < after
    return wanted, False


def _end(start: int, most: int, pauses: Sequence[tuple[int, int]], least: int) -> tuple[int, bool]:
    """*most*, or the beginning of the last pause that lies close before it."""
    for first, after in reversed(pauses):
        if first < most <= after:
            return most, True
        at = min(after, first + _steps(AFTER_S))
        if at <= most and most - after <= _steps(NEAR_S):
            kept = max(at, most - _steps(NEAR_S))
            return (kept, True) if kept - start >= least else (most, False)
    return most, False


def _share(stretch: Heard, cut: _Cut) -> float:
    spoken = (stretch.speech or ())[cut.start : cut.end]
    return sum(spoken) / len(spoken) if spoken else 0.0


def _words(cut: _Cut, speech: float | None) -> str:
    what = "the most sound" if speech is None else f"the most speech ({speech:.0%})"
    if cut.clean_start and cut.clean_end:
        return f"{what}, cut in pauses"
    return what + (", starting in a pause" if cut.clean_start else ", ending in a pause" if cut.clean_end else "")


def _steps(seconds: float) -> int:
    return int(seconds / HEARD_STEP_S + 0.001)
