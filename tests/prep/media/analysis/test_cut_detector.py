"""Pictures that begin a shot: drawn ones, at 30 a second."""

import random
from collections.abc import Callable

import pytest
from PIL import Image, ImageEnhance

from prep.media.analysis.cut_detector import FULL_HEIGHT, FULL_WIDTH, PART_S, find_cuts, likeness, picture
from tests.prep.media.scenes import scene

FPS, LENGTH, CUT = 30, 60, 30
SIZE = WIDTH, HEIGHT = FULL_WIDTH, FULL_HEIGHT
WIDE = (4 * WIDTH, 2 * HEIGHT)
ONE, OTHER = scene(1, WIDE), scene(2, WIDE)


def _tiled(seed: int) -> Image.Image:
    draw = random.Random(seed)
    tiles = Image.new("RGB", (WIDE[0] // 16, WIDE[1] // 16))
    tiles.putdata([(draw.randrange(256),) * 3 for _ in range(tiles.width * tiles.height)])
    return tiles.resize(WIDE, Image.Resampling.NEAREST)


TILED, OTHER_TILED = _tiled(1), _tiled(2)


def _shown(scene: Image.Image, x: float = 0, y: float = 0) -> Image.Image:
    return scene.crop((round(x), round(y), round(x) + WIDTH, round(y) + HEIGHT))


def _clip(frame: Callable[[int], Image.Image]) -> tuple[float, ...]:
    return find_cuts(picture(number / FPS, frame(number)) for number in range(LENGTH))


def _lit(picture: Image.Image, light: float) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(light)


def test_a_cut() -> None:
    assert _clip(lambda n: _shown(ONE if n < CUT else OTHER)) == (CUT / FPS,)


def test_cuts_between_moving_cameras() -> None:
    assert _clip(lambda n: _shown(ONE if n < 20 else OTHER if n < 40 else ONE, n)) == (20 / FPS, 40 / FPS)


@pytest.mark.parametrize("shaken", ["before", "after", "both"])
def test_a_cut_of_a_shaken_camera(shaken: str) -> None:
    """The pictures around the cut differ nearly as much as those beside it, but only by how the camera moves."""

    def frame(number: int) -> Image.Image:
        before = number < CUT
        shake = 24 * (number % 2) if shaken in ("both", "before" if before else "after") else 0
        return _shown(TILED if before else OTHER_TILED, 80 + shake, 16 * (shake and number // 2 % 2))

    assert _clip(frame) == (CUT / FPS,)


def test_a_cut_between_two_fields() -> None:
    """Of one frame every other line is of the shot before."""
    dark = _lit(_shown(OTHER), 0.4)

    def frame(number: int) -> Image.Image:
        if number != CUT:
            return _shown(ONE) if number < CUT else dark
        lines = Image.new("L", (WIDTH, HEIGHT))
        for y in range(0, HEIGHT, 2):
            lines.paste(255, (0, y, WIDTH, y + 1))
        return Image.composite(_shown(ONE), dark, lines)

    (found,) = _clip(frame)
    assert found in (CUT / FPS, (CUT + 1) / FPS)


@pytest.mark.parametrize(
    "frame",
    [
        lambda n: _shown(ONE),
        lambda n: _shown(ONE, n * 3),
        lambda n: _shown(ONE, max(0, n - CUT) * 3),  # sets off at once
        lambda n: _shown(ONE, 80 + 60 * (n % 2)),  # shaken
        lambda n: _lit(_shown(ONE), 3 if n in (CUT, CUT + 1) else 1),
        lambda n: Image.new("RGB", (WIDTH, HEIGHT), "white") if n == CUT else _shown(ONE),
        lambda n: _lit(_shown(ONE), 0.25 if n >= CUT else 1),  # the lamp goes out
        lambda n: _lit(_shown(ONE if n < CUT else OTHER), abs(n - CUT) / 15 if abs(n - CUT) < 15 else 1),
        lambda n: Image.blend(_shown(ONE), _shown(OTHER), min(1, max(0, (n - CUT) / 12))),
        lambda n: _shown(ONE) if n >= CUT else Image.new("RGB", (WIDTH, HEIGHT)),
        lambda n: Image.new("RGB", (WIDTH, HEIGHT), "red" if n < CUT else "blue"),
    ],
    ids=["still", "pan", "sets off", "shaken", "flash", "white", "dimmed", "faded", "dissolved", "from black", "plain"],
)
def test_no_cut(frame: Callable[[int], Image.Image]) -> None:
    assert _clip(frame) == ()


def test_a_window_on_a_screen_is_no_shot() -> None:
    """What frames the content stays to the pixel."""

    def frame(number: int) -> Image.Image:
        screen = _shown(ONE)
        screen.paste(_shown(OTHER if number >= CUT else ONE, 90).crop((24, 16, WIDTH, HEIGHT)), (24, 16))
        return screen

    assert _clip(frame) == ()


@pytest.mark.parametrize("box", [(0, 10, WIDTH, HEIGHT - 10), (44, 0, 84, HEIGHT), (20, 12, 100, 50)])
def test_black_bars_are_left_out(box: tuple[int, int, int, int]) -> None:
    def boxed(picture: Image.Image) -> Image.Image:
        framed = Image.new("RGB", SIZE, (3, 2, 4))
        framed.paste(picture.resize((box[2] - box[0], box[3] - box[1])), box[:2])
        return framed

    assert _clip(lambda n: boxed(_shown(ONE if n < CUT else OTHER, n))) == (CUT / FPS,)
    assert _clip(lambda n: boxed(_shown(ONE, n * 2))) == ()


@pytest.mark.parametrize("at_s", [PART_S - 3, PART_S - 1.2, PART_S - 0.8, PART_S, PART_S + 1, 2 * PART_S - 1.5])
def test_a_long_clip(at_s: float) -> None:
    """It is judged in parts, and a cut where two of them meet is found once."""
    fps, cut = 5, round(at_s * 5)
    stills = [picture(0, _shown(each)) for each in (ONE, OTHER)]
    frames = (stills[n >= cut]._replace(time_s=n / fps) for n in range(round(2 * PART_S * fps)))
    assert find_cuts(frames) == (cut / fps,)


def test_likeness() -> None:
    def alike(one: Image.Image, other: Image.Image) -> float:
        return likeness(picture(0, one), picture(1, other))

    assert alike(_shown(ONE), _shown(ONE)) == pytest.approx(1, abs=0.02)
    assert alike(_shown(ONE), _lit(_shown(ONE), 0.5)) > 0.95
    assert alike(_shown(ONE), _shown(ONE, 32, 16)) > 0.9
    assert alike(_shown(ONE), _shown(OTHER)) < 0.6
    assert alike(_shown(ONE), Image.new("RGB", SIZE, "red")) == 1.0
