"""The limits of sides, area and shape as plain numbers: integers, and nothing of the rules."""

from math import sqrt
from typing import NamedTuple

from prep.model.limits import SideLimits
from prep.specs import load_spec
from tests.made import SEEDANCE_2, SEEDANCE_2_5

TWO, TWO_5 = load_spec(SEEDANCE_2), load_spec(SEEDANCE_2_5)


class Frame(NamedTuple):
    """The documented limits as plain numbers: sides 300..6000, w/h 0.4..2.5, and these areas."""

    name: str
    limits: SideLimits
    grid: int
    least_area: int
    most_area: float

    def __repr__(self) -> str:
        return self.name

    @property
    def slack(self) -> int:
        """How many pixels a side may grow only to become even."""
        return 0 if self.grid == 1 else self.grid

    def holds(self, width: int, height: int) -> bool:
        sides = min(width, height) >= 300 and max(width, height) <= 6000
        even = width % self.grid == 0 and height % self.grid == 0
        return sides and even and self.least_area <= width * height <= self.most_area and shaped(width, height)

    def above_the_floors(self, width: int, height: int) -> bool:
        return min(width, height) >= 300 and width * height >= self.least_area

    def ideal_scale(self, width: int, height: int) -> float:
        up = max(1.0, 300 / min(width, height), sqrt(self.least_area / (width * height)))
        return min(up, 6000 / max(width, height), sqrt(self.most_area / (width * height)))


def shaped(width: int, height: int) -> bool:
    """0.4 <= w/h <= 2.5, without division."""
    return 2 * width <= 5 * height and 2 * height <= 5 * width


IMAGE = Frame("image", TWO.image, 1, 90_000, float("inf"))
VIDEO = Frame("video", TWO.video, 2, 409_600, 927_408)
VIDEO_2_5 = Frame("video-2.5", TWO_5.video, 2, 0, float("inf"))
