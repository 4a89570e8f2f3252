"""The pictures of docs/review.md: the review page about a painted landscape, wide and on a phone.

python -m benchmarks.review.pictures
"""

import os
import re
import signal
import subprocess
import sys
from io import BytesIO
from math import pi, sin
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from fixtures.make import make
from tests.pages.chromium import chromium

DOCS = Path(__file__).parents[2] / "docs"
REFERENCES = ("sunset.mp4", "hero=hills.png", "song.mp3")
PROMPT = "The sun sets behind @hero as slowly as in @Video1, to @Audio1"
SIZE, FPS, SHOT_S = (1440, 810), 12, 11
# Of each shot: the sky above and at the horizon, the sun, and the hills from the farthest on.
DUSK = ("#f7c59f", "#e76f51", "#ffe8c2", ("#b5566f", "#7a3f63", "#42284e"))
NIGHT = ("#0b1d3a", "#3e5c8a", "#f1f3f8", ("#2b4570", "#1c3156", "#10203d"))
PATIENCE_MS = 120_000
PICTURES_MS = 6_000  # for the last of them to be drawn
WIDE, PHONE = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}


def main() -> None:
    """Take both pictures."""
    with TemporaryDirectory(prefix="review-") as name:
        folder = Path(name)
        _make(folder)
        command = [sys.executable, "-m", "submit.command", "review", *REFERENCES, "--prompt", PROMPT]
        process = subprocess.Popen(
            [*command, "--duration", "8", "--sandbox", "--no-browser"],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(DOCS.parent)},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        try:
            link = re.search(r"http\S+", process.stderr.readline())
            assert link is not None
            with chromium() as browser:
                page = browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
                page.goto(link[0])
                expect(page.locator("#prepare")).to_be_enabled(timeout=PATIENCE_MS)
                page.wait_for_timeout(PICTURES_MS)
                _take(page, DOCS / "review.webp")
                page.set_viewport_size(PHONE)  # type: ignore[arg-type]
                page.emulate_media(color_scheme="dark")
                page.wait_for_timeout(PICTURES_MS)
                _take(page, DOCS / "review-phone.webp")
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()


def _make(folder: Path) -> None:
    """A clip of two shots, a picture, and a song."""
    _landscape((2400, 1500), DUSK, 0.35).save(folder / "hills.png")
    make("song_20s.mp3", folder / "made").rename(folder / "song.mp3")
    size = f"{SIZE[0]}x{SIZE[1]}"
    source = [
        get_ffmpeg_exe(),
        "-v",
        "error",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-s",
        size,
        "-r",
        str(FPS),
        "-i",
        "-",
    ]
    encoder = subprocess.Popen([*source, "-pix_fmt", "yuv420p", "-g", "12", str(folder / "sunset.mp4")], stdin=-1)
    assert encoder.stdin is not None
    for colours in (DUSK, NIGHT):
        for number in range(SHOT_S * FPS):
            encoder.stdin.write(_landscape(SIZE, colours, number / (SHOT_S * FPS)).tobytes())
    encoder.stdin.close()
    encoder.wait()


def _landscape(size: tuple[int, int], colours: Any, part: float) -> Image.Image:
    """Hills under a sky, the sun *part* of its way down."""
    width, height = size
    above, horizon, sun, hills = colours
    sky = Image.linear_gradient("L").resize(size)
    image = Image.composite(Image.new("RGB", size, horizon), Image.new("RGB", size, above), sky)
    draw = ImageDraw.Draw(image)
    x, y, radius = width * (0.25 + 0.4 * part), height * (0.18 + 0.5 * part), height * 0.09
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=sun)
    for number, colour in enumerate(hills):
        top, wave = height * (0.55 + 0.13 * number), height * (0.09 - 0.015 * number)
        line = [
            (at * width / 60, top + wave * sin(at / 60 * pi * (2.2 + number * 1.3) + number * 1.9)) for at in range(61)
        ]
        draw.polygon([*line, (width, height), (0, height)], fill=colour)
    return image


def _take(page: Page, target: Path) -> None:
    with Image.open(BytesIO(page.screenshot())) as picture:
        picture.save(target, "WEBP", quality=72, method=6)
    print(target.name, target.stat().st_size)


if __name__ == "__main__":
    main()
