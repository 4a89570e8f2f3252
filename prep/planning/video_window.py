"""Which part of a clip is kept, where it has to be cut and the user named none."""

from collections.abc import Sequence
from statistics import median
from typing import Literal

from prep.model.analysis import Glimpse
from prep.model.limits import Value

# What counts against and for a part, per share of its glimpses. A cut weighs most: a reference should be one shot.
BLACK_LIGHT, BLACK_CONTRAST = 0.08, 0.05
FROZEN_CHANGE = 0.004
CUT, BLACK, FROZEN, BLUR, STILL = 2.0, 3.0, 1.5, 1.0, 0.5


class Window(Value):
    """A part of a clip, and why it was chosen, in words."""

    start_s: float
    why: str


def choose_window(
    glimpses: Sequence[Glimpse], duration_s: float, length_s: float, how: Literal["start", "middle", "end", "best"]
) -> Window:
    """Where to begin keeping *length_s* of *duration_s* seconds. Without glimpses, "best" is the start."""
    spare_s = max(0.0, duration_s - length_s)
    if how == "middle":
        return Window(start_s=round(spare_s / 2, 3), why="the middle")
    if how == "end":
        return Window(start_s=round(spare_s, 3), why="the end")
    if how == "start" or not glimpses:
        return Window(start_s=0.0, why="the start")
    starts = sorted({0.0, *(glimpse.time_s for glimpse in glimpses if glimpse.time_s <= spare_s), spare_s})
    detail = max(glimpse.detail for glimpse in glimpses) or 1.0
    change = _usual_change(glimpses)
    best = max(starts, key=lambda start: (round(_worth(glimpses, start, length_s, detail, change), 3), -start))
    return Window(start_s=round(best, 3), why=_words(_inside(glimpses, best, length_s)))


def _worth(glimpses: Sequence[Glimpse], start_s: float, length_s: float, detail: float, change: float) -> float:
    inside = _inside(glimpses, start_s, length_s)
    if not inside:
        return -10.0
    count = len(inside)
    black = sum(_is_black(glimpse) for glimpse in inside) / count
    later = inside[1:]
    frozen = sum(_is_frozen(glimpse) for glimpse in later) / max(1, len(later))
    sharp = sum(glimpse.detail for glimpse in inside) / count / detail
    moving = sum(min(1.0, glimpse.change / change) for glimpse in later if not glimpse.cut) / max(1, len(later))
    cuts = sum(glimpse.cut for glimpse in later)
    broken = CUT * (1 + min(cuts, 3) / 3) if cuts else 0.0
    return BLUR * sharp + STILL * moving - BLACK * black - FROZEN * frozen - broken


def _inside(glimpses: Sequence[Glimpse], start_s: float, length_s: float) -> list[Glimpse]:
    return [glimpse for glimpse in glimpses if start_s <= glimpse.time_s < start_s + length_s]


def _is_black(glimpse: Glimpse) -> bool:
    return glimpse.light < BLACK_LIGHT and glimpse.contrast < BLACK_CONTRAST


def _is_frozen(glimpse: Glimpse) -> bool:
    return glimpse.change < FROZEN_CHANGE and not glimpse.cut


def _usual_change(glimpses: Sequence[Glimpse]) -> float:
    changes = [glimpse.change for glimpse in glimpses[1:] if not glimpse.cut]
    return max(FROZEN_CHANGE, median(changes) * 1.5) if changes else 1.0


def _words(inside: Sequence[Glimpse]) -> str:
    """What is true of the chosen part, in the order that it mattered."""
    later = inside[1:]
    cuts = sum(glimpse.cut for glimpse in later)
    frozen = sum(map(_is_frozen, later))
    shot = "one unbroken shot" if not cuts else f"the fewest cuts ({cuts})"
    motion = "with little motion" if later and frozen > len(later) / 2 else "moving"
    dark = ", partly black" if any(map(_is_black, inside)) else ""
    return f"{shot}, {motion}{dark}"
