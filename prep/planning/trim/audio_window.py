"""Choice of the part of a sound that is kept: most speech, else the loudest, from one pause to another."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby
from typing import NamedTuple

from prep.model.analysis import HEARD_STEP_S, Heard
from prep.model.plan import Window

# Shorter gaps are within words. The longer one is, up to SENTENCE_S, the likelier it is between sentences.
PAUSE_S, SENTENCE_S = 0.1, 0.5
# A start moves to a pause this close; an end moves back by up to so much for the end of a word, or of a sentence.
NEAR_S, EARLIER_S = 0.3, 3.0
# A cut leaves a little of the pause: a breath before, the room's echo after.
BEFORE_S, AFTER_S = 0.08, 0.12
# A step is quiet when it is at most this far up from the quietest to the loudest ones, and this far below those.
QUIET_SHARE, QUIET_DB = 0.3, 20
# Below the first nothing is heard; below the second there is not even a room's noise to measure pauses by.
SILENT_DBFS, DIGITAL_DBFS = -60, -70
# With less speech than this in all of it, loudness decides.
SPEECH_S = 1.0
# The worth of a level beside speech.
LEVEL = 0.1
# The worth of an end that cuts no word, and how much more it is worth where it cuts no sentence; in seconds of speech,
# and in seconds of sound.
WORD_S, SENTENCE, SPOKEN, LOUD = 1.0, 0.2, 1.0, 0.4
END_S = WORD_S * (1 + SENTENCE)
# As long as so much of the best is kept, clean ends are worth this many times as much.
ENOUGH, TIMES = 0.96, 5
GRID_S = 0.5
# Parts that are worth this much less than the best one are as good: the first of them is taken.
ALIKE_S = 0.2
# An alternative has at most this share of its seconds in common with a better part.
COMMON = 0.5


class _Pause(NamedTuple):
    """A run of quiet steps: its first one, and the one after its last."""

    first: int
    after: int

    @property
    def worth_s(self) -> float:
        return WORD_S * (1 + SENTENCE * min(1.0, (self.after - self.first) / _steps(SENTENCE_S)))


class _Cut(NamedTuple):
    """A part in steps, and the worth of its ends: 0 within a word, if it is one."""

    start: int
    end: int
    start_worth_s: float
    end_worth_s: float

    @property
    def ends_s(self) -> float:
        return self.start_worth_s + self.end_worth_s


class _Part(NamedTuple):
    """A part of *stretch*, and the worth of what is heard in it."""

    inside_s: float
    stretch: Heard
    cut: _Cut


def best_stretches(
    heard: Sequence[Heard], duration_s: float, length_s: float, least_s: float, most: int = 4
) -> tuple[Window, ...]:
    """The best part of at most *length_s* out of *duration_s* seconds, and then others; empty where nothing is heard.

    It may be up to EARLIER_S shorter so that its end lies in a pause, but not shorter than *least_s*.
    """
    levels = sorted(level for stretch in heard for level in stretch.levels_dbfs)
    if not levels or levels[-1] < SILENT_DBFS:
        return ()
    quiet_dbfs = _quiet(levels)
    speaking = sum(sum(stretch.speech) for stretch in heard if stretch.speech) * HEARD_STEP_S >= SPEECH_S
    parts: list[_Part] = []
    for stretch in heard:
        worth = _worth(stretch, speaking)
        cuts = _cuts(stretch, _pauses(stretch, quiet_dbfs, speaking), (duration_s, length_s, least_s))
        parts += (_Part(worth[cut.end] - worth[cut.start], stretch, cut) for cut in cuts)
    windows: list[Window] = []
    while parts and len(windows) < most:
        best = _best(parts, SPOKEN if speaking else LOUD)
        windows.append(_window(best, duration_s, length_s, speaking))
        parts = [part for part in parts if _common(part, best) <= COMMON]
    return tuple(windows)


def _best(parts: Sequence[_Part], ends: float) -> _Part:
    """The best of *parts*; *ends* is the worth of a clean end beside that of what is heard."""
    enough_s = ENOUGH * max(part.inside_s for part in parts)
    clean = [part for part in parts if part.inside_s >= enough_s and part.cut.start_worth_s and part.cut.end_worth_s]
    if clean:
        parts, ends = clean, ends * TIMES
    worth_s = [part.inside_s + ends * part.cut.ends_s for part in parts]
    return next(part for part, each_s in zip(parts, worth_s, strict=True) if each_s >= max(worth_s) - ALIKE_S)


def _quiet(levels: Sequence[int]) -> float:
    """The level up to which a step is quiet, from all levels in order."""
    heard = levels[bisect_right(levels, DIGITAL_DBFS) :]
    low, high = heard[len(heard) // 200], heard[-1 - len(heard) // 20]
    return max(DIGITAL_DBFS, min(low + QUIET_SHARE * (high - low), high - QUIET_DB))


def _worth(stretch: Heard, speaking: bool) -> list[float]:
    """The worth of everything before each step, in seconds."""
    loud = [max(0.0, 1 - level / SILENT_DBFS) for level in stretch.levels_dbfs]
    if speaking:
        spoken = stretch.speech or (False,) * len(loud)
        each = [said + LEVEL * level for said, level in zip(spoken, loud, strict=True)]
    else:
        each = loud
    return [value * HEARD_STEP_S for value in accumulate(each, initial=0.0)]


def _pauses(stretch: Heard, quiet_dbfs: float, speaking: bool) -> list[_Pause]:
    """Where nobody speaks, whatever else is heard; without knowledge of speech, where it is quiet."""
    if speaking and stretch.speech:
        quiet = [not spoken for spoken in stretch.speech]
    else:
        quiet = [level <= quiet_dbfs for level in stretch.levels_dbfs]
    pauses, at = [], 0
    for is_pause, run in groupby(quiet):
        count = sum(1 for _ in run)
        if is_pause and count >= _steps(PAUSE_S):
            pauses.append(_Pause(at, at + count))
        at += count
    return pauses


def _cuts(stretch: Heard, pauses: Sequence[_Pause], seconds: tuple[float, float, float]) -> Iterator[_Cut]:
    """A part for every moment at which sound sets in, and for every GRID_S, each moved to the pauses around it.

    *seconds* are those of the whole sound, and the most and the least to keep.
    """
    duration_s, length_s, least_s = seconds
    count, length = len(stretch.levels_dbfs), _steps(length_s)
    at_end = stretch.start_s + count * HEARD_STEP_S >= duration_s - NEAR_S
    last = max(0, count - length)
    starts = {*range(0, last + 1, _steps(GRID_S)), last}
    starts |= {min(last, pause.after) for pause in pauses}
    begun = set()
    for wanted in sorted(starts):
        start, start_worth_s = _start(wanted, pauses, last)
        if start == 0 and stretch.start_s == 0:
            start_worth_s = END_S
        if start in begun:
            continue
        begun.add(start)
        most = min(count, start + length)
        yield _Cut(start, most, start_worth_s, END_S if at_end and most == count else 0.0)
        for end, end_worth_s in _ends(start, most, pauses, _steps(least_s)):
            yield _Cut(start, end, start_worth_s, end_worth_s)


def _start(wanted: int, pauses: Sequence[_Pause], last: int) -> tuple[int, float]:
    """*wanted*, or the end of the pause that it lies in or near: what is kept begins with sound; and its worth."""
    near = _steps(NEAR_S)
    index = bisect_left(pauses, wanted - near, key=lambda pause: pause.after)
    for pause in pauses[index:]:
        if pause.first > wanted + near:
            break
        at = max(pause.first, pause.after - _steps(BEFORE_S))
        if pause.first <= wanted < pause.after or abs(at - wanted) <= near:
            inside = pause.first <= min(at, last) < pause.after
            return min(at, last), pause.worth_s if inside else 0.0
    return wanted, 0.0


def _ends(start: int, most: int, pauses: Sequence[_Pause], least: int) -> Iterator[tuple[int, float]]:
    """*most* in a pause, and the beginnings of the pauses before it, each with its worth."""
    earliest = max(start + least, most - _steps(EARLIER_S))
    index = bisect_right(pauses, earliest, key=lambda pause: pause.after)
    for pause in pauses[index:]:
        if pause.first >= most:
            return
        at = min(pause.after, most, pause.first + _steps(AFTER_S))
        if at >= earliest:
            yield at, pause.worth_s
        if pause.after >= most:
            yield most, pause.worth_s


def _window(part: _Part, duration_s: float, length_s: float, speaking: bool) -> Window:
    start_s = round(part.stretch.start_s + part.cut.start * HEARD_STEP_S, 3)
    kept_s = min(length_s, (part.cut.end - part.cut.start) * HEARD_STEP_S, duration_s - start_s)
    why = _words(part.cut, _share(part) if speaking else None)
    return Window(start_s=start_s, duration_s=round(kept_s, 3), why=why)


def _common(part: _Part, other: _Part) -> float:
    """The share of the shorter of two parts that both have."""
    (a, b), (c, d) = (
        (each.stretch.start_s + each.cut.start * HEARD_STEP_S, each.stretch.start_s + each.cut.end * HEARD_STEP_S)
        for each in (part, other)
    )
    return max(0.0, min(b, d) - max(a, c)) / max(HEARD_STEP_S, min(b - a, d - c))


def _share(part: _Part) -> float:
    spoken = (part.stretch.speech or ())[part.cut.start : part.cut.end]
    return sum(spoken) / len(spoken) if spoken else 0.0


def _words(cut: _Cut, speech: float | None) -> str:
    what = "the loudest part" if speech is None else f"{speech:.0%} speech"
    starts, ends = cut.start_worth_s > 0, cut.end_worth_s > 0
    if starts and ends:
        return f"{what}, from one pause to another"
    return what + (", starts in a pause" if starts else ", ends in a pause" if ends else "")


def _steps(seconds: float) -> int:
    return int(seconds / HEARD_STEP_S + 0.001)
