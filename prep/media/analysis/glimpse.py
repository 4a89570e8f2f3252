"""One small picture of a clip, measured: its light, how sharp it is, how much of it is of few tones."""

from typing import Any

from PIL import Image, ImageChops, ImageStat

from prep.model.analysis import Glimpse

# Small enough to be cheap, large enough that blur shows.
WIDTH, HEIGHT = 320, 180
# Neighbours, and pixels that are FAR from each other, are compared for sharpness.
FAR = 4
# So many of the commonest of 256 tones are counted; black bars are no brighter than this.
TONES, BLACK = 8, 20
MIN_LEFT = 4


class Glimpses:
    """Measures frames of a clip whose clock begins at *begins_s*."""

    def __init__(self, begins_s: float) -> None:
        self._begins_s = begins_s
        self._last: Image.Image | None = None
        self.all: list[Glimpse] = []

    def add(self, frame: Any) -> None:
        """Measure *frame*, which comes after those before it."""
        plane = frame.reformat(width=WIDTH, height=HEIGHT, format="gray").planes[0]
        small = Image.frombuffer("L", (WIDTH, HEIGHT), bytes(plane), "raw", "L", plane.line_size, 1)
        changed = ImageChops.difference(self._last or small, small)
        self._last = small
        inside = _without_bars(small)
        light = ImageStat.Stat(inside)
        self.all.append(
            Glimpse(
                time_s=round(max(0.0, frame.time - self._begins_s), 6),
                light=round(light.mean[0] / 255, 4),
                contrast=round(light.stddev[0] / 128, 4),
                crisp=round(_crisp(inside), 4),
                plain=round(_plain(inside), 4),
                change=round(ImageStat.Stat(changed).mean[0] / 255, 4),
            )
        )


def _without_bars(small: Image.Image) -> Image.Image:
    box = small.point([0] * (BLACK + 1) + [255] * (255 - BLACK)).getbbox()
    if box is None or box[2] - box[0] < WIDTH // MIN_LEFT or box[3] - box[1] < HEIGHT // MIN_LEFT:
        return small
    return small.crop(box)


def _crisp(image: Image.Image) -> float:
    """How much neighbours differ beside what is FAR apart, in the direction in which they differ less.

    About 0.1 where it is blurred (by motion: along it), 0.2 to 0.5 in sharp footage, 1 in noise.
    """
    across = _apart(image, 1, 0) / max(1e-3, _apart(image, FAR, 0))
    down = _apart(image, 0, 1) / max(1e-3, _apart(image, 0, FAR))
    return min(1.0, across, down)


def _apart(image: Image.Image, x: int, y: int) -> float:
    """The mean square difference of pixels that are *x* and *y* apart."""
    width, height = image.size
    stat = ImageStat.Stat(
        ImageChops.difference(image.crop((0, 0, width - x, height - y)), image.crop((x, y, width, height)))
    )
    return float(stat.sum2[0] / stat.count[0])


def _plain(image: Image.Image) -> float:
    """The share of the commonest tones: much in titles, credits and test cards."""
    tones = sorted(image.histogram(), reverse=True)
    return sum(tones[:TONES]) / sum(tones)
