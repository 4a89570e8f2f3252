"""Choice of where the part of a clip lies that is kept, where the user named none.

`budget_seconds` says how long it may be, `part` what the user asked for, and `draft` puts them together.
"""

from collections.abc import Sequence
from statistics import median
from typing import Literal

from prep.model.analysis import Cuts, Glimpse, Scan
from prep.model.plan import Window

# What counts against and for a part, per share of its glimpses. A cut weighs most: a reference should be one shot.
BLACK_LIGHT, BLACK_CONTRAST = 0.08, 0.05
FROZEN_CHANGE = 0.004
CUT, BLACK, FROZEN, BLUR, STILL = 2.0, 3.0, 1.5, 1.0, 0.5
# The ends may still move by so much, onto frames.
FRAME_S = 0.05


def choose_windows(
    scan: Scan, duration_s: float, length_s: float, how: Literal["start", "middle", "end", "best"]
) -> tuple[Window, ...]:
    """Where to keep *length_s* of *duration_s* seconds. Without glimpses, "best" is the start."""
    glimpses, cuts = scan.glimpses, scan.cuts or Cuts()
    spare_s = max(0.0, duration_s - length_s)
    if how == "middle":
        return (Window(start_s=round(spare_s / 2, 3), duration_s=length_s, why="the middle"),)
    if how == "end":
        return (Window(start_s=round(spare_s, 3), duration_s=length_s, why="the end"),)
    if how == "start" or not glimpses:
        return (Window(start_s=0.0, duration_s=length_s, why="the start"),)
    times = (0.0, spare_s, *cuts.times_s, *(glimpse.time_s for glimpse in glimpses))
    starts = sorted({time_s for time_s in times if time_s <= spare_s})
    detail = max(glimpse.detail for glimpse in glimpses) or 1.0
    change = _usual_change(glimpses)

    def worth(start_s: float) -> float:
        inside = _inside(glimpses, start_s, length_s)
        return _worth(inside, detail, change) - _broken(cuts.within(start_s, start_s + length_s))

    best = max(starts, key=lambda start_s: (round(worth(start_s), 3), -start_s))
    return (Window(start_s=round(best, 3), duration_s=length_s, why=_words(scan, best, length_s)),)


def _worth(inside: Sequence[Glimpse], detail: float, change: float) -> float:
    """How good the glimpses of a part are; *detail* is the most in any, *change* a lively one."""
    if not inside:
        return -10.0
    count = len(inside)
    black = sum(_is_black(glimpse) for glimpse in inside) / count
    later = inside[1:]
    frozen = sum(_is_frozen(glimpse) for glimpse in later) / max(1, len(later))
    sharp = sum(glimpse.detail for glimpse in inside) / count / detail
    moving = sum(min(1.0, glimpse.change / change) for glimpse in later) / max(1, len(later))
    return BLUR * sharp + STILL * moving - BLACK * black - FROZEN * frozen


def _broken(cuts: Cuts) -> float:
    """The penalty for the cuts in a part; those that may be there count by their chance."""
    count = len(cuts.times_s) + sum(stretch.chance for stretch in cuts.unseen)
    return CUT * (min(count, 1) + min(count, 3) / 3)


def _inside(glimpses: Sequence[Glimpse], start_s: float, length_s: float) -> list[Glimpse]:
    return [glimpse for glimpse in glimpses if start_s <= glimpse.time_s < start_s + length_s]


def _is_black(glimpse: Glimpse) -> bool:
    return glimpse.light < BLACK_LIGHT and glimpse.contrast < BLACK_CONTRAST


def _is_frozen(glimpse: Glimpse) -> bool:
    return glimpse.change < FROZEN_CHANGE


def _usual_change(glimpses: Sequence[Glimpse]) -> float:
    changes = [glimpse.change for glimpse in glimpses[1:]]
    return max(FROZEN_CHANGE, median(changes) * 1.5) if changes else 1.0


def _words(scan: Scan, start_s: float, length_s: float) -> str:
    """The merits of the chosen part, the weightiest first. Nothing about cuts where some may be unseen."""
    inside = _inside(scan.glimpses, start_s, length_s)
    shots = _shots(scan.cuts, start_s, start_s + length_s) if scan.cuts else ""
    later = inside[1:]
    frozen = sum(map(_is_frozen, later))
    motion = "little motion" if later and frozen > len(later) / 2 else "moving"
    dark = "partly black" if any(map(_is_black, inside)) else ""
    return ", ".join(part for part in (shots, motion, dark) if part)


def _shots(cuts: Cuts, start_s: float, end_s: float) -> str:
    fewest, most = cuts.within(start_s + FRAME_S, end_s - FRAME_S), cuts.within(start_s - FRAME_S, end_s + FRAME_S)
    if most.unseen or fewest.times_s != most.times_s:
        return ""
    return f"{len(most.times_s) + 1} shots" if most.times_s else "one unbroken shot"
