"""Choice of where the part of a clip lies that is kept, where the user named none.

`budget` says how long it may be, `part` what the user asked for, and `draft` puts them together.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, groupby, pairwise
from typing import Literal, NamedTuple

from prep.model.analysis import Cuts, Glimpse, Scan
from prep.model.plan import Window

# A picture is black or blank, dim or too bright, blurred, noise, or a title. Measured on footage, and on made static,
# credits and test cards.
BLACK_LIGHT, FLAT_CONTRAST = 0.08, 0.05
DIM, BRIGHT = 0.12, 0.88
BLURRED, SHARP = 0.075, 0.115
NOISE, NOISE_CONTRAST = 0.5, 0.03
TITLE = 0.55
# Quality counts beside that of the better glimpses of a clip.
USUAL, LEAST_QUALITY = 0.8, 0.2
# Between two glimpses: nothing moves; no more than grain; somebody moves in front of a camera that rests; it moves
# calmly; it is another picture.
FROZEN_CHANGE, GRAIN_CHANGE, MOVING_CHANGE, CALM_CHANGE, WILD_CHANGE = 0.002, 0.003, 0.012, 0.1, 0.3
# What counts for and against a part, each per share of its glimpses. A cut weighs more than all that is good, since a
# reference should be one shot; what is bad weighs more than any cuts.
CUT, BAD, FROZEN, GOOD, CALM, MOVING, LONG = 2.0, 5.0, 1.0, 1.0, 0.3, 0.2, 0.6
# A whole shot of so many seconds goes before a longer part with cuts. Shorter parts are tried, where more is worse.
WHOLE_SHOT_S, SHORTER_S = 5.0, (8.0, 5.0)
# The ends may still move by so much, onto frames.
FRAME_S, ROUNDING_S = 0.05, 0.002
# The better part, and how many others are offered, with at most this share in common.
MOST, COMMON = 4, 0.5


class _Part(NamedTuple):
    start_s: float
    end_s: float
    worth: float


class _Sums(NamedTuple):
    """The glimpses of a clip: their times, and sums over all before each, of what counts for and against a part."""

    times_s: tuple[float, ...]
    quality: tuple[float, ...]
    calm: tuple[float, ...]
    moving: tuple[float, ...]
    bad: tuple[float, ...]
    frozen: tuple[float, ...]

    def worth(self, start_s: float, end_s: float) -> float:
        """The worth of the pictures in a part; what is seen first has no change within."""
        first, last = bisect_left(self.times_s, start_s), bisect_left(self.times_s, end_s)
        if first == last:
            return -BAD
        count, changes = last - first, max(1, last - first - 1)
        quality, bad = (sums[last] - sums[first] for sums in (self.quality, self.bad))
        calm, moving, frozen = (sums[last] - sums[first + 1] for sums in (self.calm, self.moving, self.frozen))
        return (GOOD * quality - BAD * bad) / count + (CALM * calm + MOVING * moving - FROZEN * frozen) / changes


@lru_cache(maxsize=64)  # a plan asks more than once, and a page for every move of a part
def choose_windows(
    scan: Scan, duration_s: float, length_s: float, how: Literal["start", "middle", "end", "best"]
) -> tuple[Window, ...]:
    """Where to keep *length_s* of *duration_s* seconds, the best first. Without glimpses, "best" is the start.

    The best part may be shorter: a whole shot, or all that is good.
    """
    length_s = min(length_s, duration_s)
    spare_s = duration_s - length_s
    starts_s = {"middle": (spare_s / 2, "the middle"), "end": (spare_s, "the end"), "start": (0.0, "the start")}
    if how != "best" or not scan.glimpses:
        start_s, why = starts_s[how if how != "best" else "start"]
        return (Window(start_s=round(start_s, 3), duration_s=length_s, why=why),)
    if scan.cuts is not None:  # a header that counts too little may leave some behind the end
        scan = scan.model_copy(update={"cuts": scan.cuts.within(0.0, duration_s)})
    sums, cuts = _sums(scan.glimpses), scan.cuts or Cuts()
    parts = [
        _Part(start_s, end_s, round(sums.worth(start_s, end_s) + _whole(cuts, start_s, end_s, length_s), 2))
        for start_s, end_s in _candidates(scan, duration_s, length_s)
    ]
    windows: list[Window] = []
    while parts and len(windows) < MOST:
        best = max(parts, key=lambda part: (part.worth, -part.start_s))
        start_s, kept_s = round(best.start_s, 3), min(length_s, round(best.end_s - best.start_s, 3))
        windows.append(Window(start_s=start_s, duration_s=kept_s, why=_words(scan, start_s, start_s + kept_s)))
        parts = [part for part in parts if _common(part, best) <= COMMON]
    return tuple(windows)


def _sums(glimpses: Sequence[Glimpse]) -> _Sums:
    qualities = sorted(_quality(glimpse) for glimpse in glimpses if not _is_bad(glimpse)) or [1.0]
    usual = max(LEAST_QUALITY, qualities[round(USUAL * (len(qualities) - 1))])
    measures: tuple[Callable[[Glimpse], float], ...] = (
        lambda glimpse: min(1.0, _quality(glimpse) / usual),
        _calm,
        _moving,
        _is_bad,
        _is_frozen,
    )
    columns = (tuple(accumulate(map(measure, glimpses), initial=0.0)) for measure in measures)
    return _Sums(tuple(glimpse.time_s for glimpse in glimpses), *columns)


def _candidates(scan: Scan, duration_s: float, length_s: float) -> Iterator[tuple[float, float]]:
    """Starts and ends: parts of *length_s*, and shorter ones, among them whole shots and all before or after junk."""
    cuts = (scan.cuts or Cuts()).times_s
    ends = (0.0, duration_s, *cuts)
    for seconds in (length_s, *(shorter_s for shorter_s in SHORTER_S if shorter_s < length_s)):
        last_s = duration_s - seconds
        times = (0.0, last_s, *cuts, *(glimpse.time_s for glimpse in scan.glimpses))
        late = (end_s - FRAME_S - seconds for end_s in cuts)
        for start_s in sorted({time_s for time_s in (*times, *late) if 0 <= time_s <= last_s}):
            part = _strictly_within(scan.cuts or Cuts(), start_s, start_s + seconds)
            if seconds == length_s or part == Cuts():
                yield start_s, start_s + seconds
    shots = [(start_s, end_s - FRAME_S * (end_s < duration_s)) for start_s, end_s in pairwise(sorted(ends))]
    for start_s, end_s in (*shots, *(run for shot in shots for run in _runs(scan, *shot))):
        if WHOLE_SHOT_S - FRAME_S <= end_s - start_s < length_s:
            yield start_s, end_s


def _runs(scan: Scan, start_s: float, end_s: float) -> Iterator[tuple[float, float]]:
    """The parts of a shot without anything bad."""
    for is_bad, run in groupby(_inside(scan, start_s, end_s), key=_is_bad):
        times = [glimpse.time_s for glimpse in run]
        if not is_bad:
            yield times[0], times[-1]


def _whole(cuts: Cuts, start_s: float, end_s: float, length_s: float) -> float:
    """How whole a part is: long, and without cuts."""
    return LONG * (end_s - start_s) / length_s - _broken(_strictly_within(cuts, start_s, end_s))


def _strictly_within(cuts: Cuts, start_s: float, end_s: float) -> Cuts:
    """Also those that leave only a few pictures of another shot."""
    times_s = tuple(time_s for time_s in cuts.times_s if start_s + ROUNDING_S < time_s < end_s - ROUNDING_S)
    return cuts.within(start_s, end_s).model_copy(update={"times_s": times_s})


def _broken(cuts: Cuts) -> float:
    """The penalty for the cuts in a part; those that may be there count by their chance."""
    count = len(cuts.times_s) + sum(stretch.chance for stretch in cuts.unseen)
    return CUT * (min(count, 1) + min(count, 3) / 3)


def _inside(scan: Scan, start_s: float, end_s: float) -> list[Glimpse]:
    return [glimpse for glimpse in scan.glimpses if start_s <= glimpse.time_s < end_s]


def _quality(glimpse: Glimpse) -> float:
    """Sharp and well lit, 0..1; more than enough is no better."""
    sharp = _ramp(glimpse.crisp, BLURRED, SHARP)
    lit = _ramp(glimpse.light, 0.0, DIM) * _ramp(1 - glimpse.light, 0.0, 1 - BRIGHT)
    return sharp * lit * (1 - _ramp(glimpse.plain, TITLE / 2, TITLE))


def _is_bad(glimpse: Glimpse) -> bool:
    return any(is_so(glimpse) for is_so in BAD_KINDS.values())


def _is_black(glimpse: Glimpse) -> bool:
    return glimpse.light < BLACK_LIGHT and glimpse.contrast < FLAT_CONTRAST


def _is_blank(glimpse: Glimpse) -> bool:
    return glimpse.plain > TITLE and glimpse.contrast < FLAT_CONTRAST and not _is_black(glimpse)


def _is_noise(glimpse: Glimpse) -> bool:
    return glimpse.crisp > NOISE and glimpse.contrast > NOISE_CONTRAST


def _is_title(glimpse: Glimpse) -> bool:
    """Text or graphics: few tones make up most of it."""
    return glimpse.plain > TITLE and glimpse.contrast >= FLAT_CONTRAST


BAD_KINDS = {"black": _is_black, "blank": _is_blank, "noise": _is_noise, "text or graphics": _is_title}


def _is_frozen(glimpse: Glimpse) -> bool:
    return glimpse.change < FROZEN_CHANGE


def _calm(glimpse: Glimpse) -> float:
    return 1 - _ramp(glimpse.change, CALM_CHANGE, WILD_CHANGE)


def _moving(glimpse: Glimpse) -> float:
    """More than a camera at rest sees of an empty room; beyond that, more is no better."""
    return _ramp(glimpse.change, GRAIN_CHANGE, MOVING_CHANGE)


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _common(part: _Part, other: _Part) -> float:
    """The share of the shorter of two parts that both have."""
    common_s = min(part.end_s, other.end_s) - max(part.start_s, other.start_s)
    return max(0.0, common_s) / max(FRAME_S, min(part.end_s - part.start_s, other.end_s - other.start_s))


def _words(scan: Scan, start_s: float, end_s: float) -> str:
    """The merits of a part, the weightiest first. Nothing about cuts where some may be unseen."""
    inside = _inside(scan, start_s, end_s)
    later = inside[1:]
    calm = bool(later) and all(glimpse.change <= CALM_CHANGE for glimpse in later)
    shots = _shots(scan.cuts, start_s, end_s, calm) if scan.cuts else ""
    sharpness = _mean([_ramp(glimpse.crisp, BLURRED, SHARP) for glimpse in inside])
    bad = [word for word, is_so in BAD_KINDS.items() if any(map(is_so, inside))]
    sharp = "" if bad or not inside else "sharp" if sharpness > 0.7 else "blurred" if sharpness < 0.3 else ""
    still = "little motion" if later and sum(map(_is_frozen, later)) > len(later) / 2 else ""
    partly = f"partly {' and '.join(bad)}" if bad else ""
    return ", ".join(part for part in (shots, sharp, still, partly) if part) or "the best part"


def _shots(cuts: Cuts, start_s: float, end_s: float, calm: bool) -> str:
    fewest, most = cuts.within(start_s + FRAME_S, end_s - FRAME_S), cuts.within(start_s - FRAME_S, end_s + FRAME_S)
    if most.unseen or fewest.times_s != most.times_s:
        return ""
    if most.times_s:
        return f"{len(most.times_s) + 1} shots"
    return "one steady shot" if calm else "one shot"
