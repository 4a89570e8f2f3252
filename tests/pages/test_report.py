"""The pages of `--report` in a real browser: nothing overflows, nothing is loaded, everything can be read."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.chromium import chromium
from tests.types import Media

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("report")]  # its pages are made once
ROOT = Path(__file__).parents[2]
NAMES = {
    "<img src=x onerror=document.title=1>.png": "panorama.png",
    "evil\u202egnp.mp4": "silent_720p.mp4",
    f"{'long-name-without-a-space' * 8}.mov": "portrait_rot90.mov",
    "שלום.heic": "photo.heic",
    "song.mp3": "song_20s.mp3",
}
PROMPT = "@Image1 </pre><script>document.title = 1</script> dances\nlike @Video1"
PAGES = ("check", "plan", "prep", "run")


@pytest.fixture(scope="module")
def pages(media: Media, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a page of each command, about files with hostile names."""
    folder = tmp_path_factory.mktemp("pages")
    for name, made in NAMES.items():
        shutil.copyfile(media(made), folder / name)
    references = [f"{name}#t=0,2" if name.endswith(".mov") else name for name in NAMES]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FAL_")}
    environment["PYTHONPATH"] = str(ROOT)
    more = {
        "check": ["--prompt", PROMPT],
        "prep": ["--fit", "crop", "--out", "ready"],
        "run": ["--prompt", PROMPT, "--duration", "5", "--sandbox", "--out", "take"],
    }
    for command in PAGES:
        arguments = [command, *references, *more.get(command, []), "--report", f"{command}.html"]
        done = subprocess.run(
            [sys.executable, "-m", "submit.command", *arguments],
            cwd=folder, env=environment, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == (1 if command == "check" else 0), done.stderr.decode()
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


Show = Callable[..., Page]


@pytest.fixture(scope="module")
def opened(browser: Browser, pages: Path) -> dict[str, tuple[Page, list[str]]]:
    """Each page, with what it has loaded or complained about since."""

    def one(name: str) -> tuple[Page, list[str]]:
        page, seen = browser.new_page(), list[str]()
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("request", lambda request: None if _is_local(request.url) else seen.append(request.url))
        page.goto((pages / f"{name}.html").as_uri())
        return page, seen

    return {name: one(name) for name in PAGES}


@pytest.fixture
def show(opened: dict[str, tuple[Page, list[str]]]) -> Iterator[Show]:
    """`show("check", width=360, scheme="dark")`; a page that loads or complains about something fails the test."""

    def shown(name: str, width: int = 1200, scheme: Literal["light", "dark"] = "light") -> Page:
        page, _ = opened[name]
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        return page

    yield shown
    assert [complaint for _, seen in opened.values() for complaint in seen] == []


def _is_local(url: str) -> bool:
    return url.startswith("data:") or (url.startswith("file:") and url.endswith(".html"))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_overflows(show: Show, name: str, width: int) -> None:
    page = show(name, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """width => [...document.querySelectorAll('main *')].filter(element => {
            const box = element.getBoundingClientRect()
            return box.width && (box.right > width + 0.5 || box.left < -0.5)
        }).map(element => element.outerHTML.slice(0, 80))""",
        width,
    )
    assert outside == []


CONTRAST = """() => {
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number)
    const linear = part => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    const behind = element => {
        for (; element; element = element.parentElement) {
            const colour = numbers(getComputedStyle(element).backgroundColor)
            if (colour.length === 3 || colour[3] === 1) return colour
        }
        throw Error('no background')
    }
    return [...document.querySelectorAll('body *')].filter(element =>
        [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
    ).map(element => {
        const pair = [light(numbers(getComputedStyle(element).color)), light(behind(element))]
        const [high, low] = pair.sort((a, b) => b - a)
        return [(high + 0.05) / (low + 0.05), element.outerHTML.slice(0, 80)]
    })
}"""


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(show: Show, name: str, scheme: str) -> None:
    """WCAG 2.2, AA: 4.5 to 1."""
    found = show(name, scheme=scheme).evaluate(CONTRAST)
    assert len(found) > 40
    assert [one for one in found if one[0] < 4.5] == []


def test_dark_mode_is_dark(show: Show) -> None:
    colours = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    assert show("check", scheme="light").evaluate(colours) == ["rgb(253, 253, 252)", "rgb(26, 26, 25)"]
    assert show("check", scheme="dark").evaluate(colours) == ["rgb(22, 22, 21)", "rgb(236, 236, 232)"]


@pytest.mark.parametrize("name", PAGES)
def test_names_and_prompts_do_nothing(show: Show, name: str) -> None:
    page = show(name)
    assert page.title().endswith(f" – prep-and-submit {name}")
    assert page.locator("script, img[src='x']").count() == 0
    shown = page.locator("h3").all_inner_texts()
    assert any("<img src=x onerror=document.title=1>.png" in text for text in shown)
    assert any(r"evil\u202egnp.mp4" in text for text in shown)


@pytest.mark.parametrize("name", PAGES)
def test_all_pictures_are_shown_and_described(show: Show, name: str) -> None:
    page = show(name)
    pictures = page.evaluate("[...document.images].map(image => [image.complete && image.naturalWidth, image.alt])")
    assert len(pictures) > 24
    assert all(width > 1 for width, _ in pictures)
    described = [alt for _, alt in pictures if alt]
    assert len(described) == (4 if name in ("check", "plan") else 7)
    assert page.get_by_role("img", name="Film strip of").count() == 2
    assert page.get_by_role("img", name="Waveform of song.mp3").count() >= 1


def test_the_part_that_is_kept_is_marked(show: Show) -> None:
    page = show("prep")
    strip = page.get_by_role("img", name="keeps 0:00.0–0:02.0 (2 s) of 3 s")
    whole, kept = strip.bounding_box(), strip.locator(".kept").bounding_box()
    assert whole is not None and kept is not None
    assert kept["x"] == pytest.approx(whole["x"], abs=1)
    assert kept["width"] == pytest.approx(whole["width"] * 2 / 3, abs=2)


def test_an_overdrawn_budget_stands_out(show: Show) -> None:
    page = show("check")
    row = page.get_by_role("row", name="Sound, seconds")
    bar, over = row.locator(".bar").bounding_box(), row.locator(".over").bounding_box()
    assert bar is not None and over is not None
    assert over["x"] == pytest.approx(bar["x"] + bar["width"] * 15 / 20, abs=1)
    assert "5 s over" in row.inner_text()


def test_the_structure_can_be_heard(show: Show) -> None:
    """What assistive technology is told: landmarks, headings, tables with their headers, a list of steps."""
    page = show("run")
    told = page.locator("body").aria_snapshot()
    for line in (
        'heading "Generated" [level=1]',
        'heading "Limits on the whole request" [level=2]',
        'rowheader "Video, seconds"',
        'columnheader "Outcome"',
        'heading "Request" [level=2]',
        "main",
        "contentinfo",
    ):
        assert f"- {line}" in told
    assert page.get_by_role("article").count() == len(NAMES)


def test_the_request_is_there_as_it_was_sent(show: Show) -> None:
    page = show("run")
    assert "document.title = 1</script> dances" in page.locator("pre").inner_text()
    assert page.get_by_text("$").first.is_visible()
