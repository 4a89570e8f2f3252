"""Pages about references at URLs: shown like files, but for what is too large; their secrets are not."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.pages.chromium import chromium
from tests.pages.test_report import CONTRAST
from tests.prep.net.server import serving
from tests.types import Media

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("linked_report")]  # its pages are made once
ROOT = Path(__file__).parents[2]
SECRET = "X-Amz-Signature=5ecret"
NAMES = {"/%3Cimg%20src=x%3E.png": "panorama.png", "/clip.mov": "portrait_rot90.mov", "/song.mp3": "song_20s.mp3"}


@pytest.fixture(scope="module")
def pages(media: Media, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of `check` and of `prep` about URLs with a secret in each, and one file that is too large to show."""
    folder = tmp_path_factory.mktemp("pages")
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    with serving(None) as site:
        for path, name in NAMES.items():
            site.put(path, media(name).read_bytes())
        clip = media("clip_720p.mp4").read_bytes()
        site.put("/large.mp4", clip + (17_000_000).to_bytes(4, "big") + b"free" + bytes(16_999_992))
        home = f"http://127.0.0.1:{site.port}"
        urls = [f"{home}{path}?{SECRET}" for path in (*NAMES, "/large.mp4")]
        for command, code in (("check", 1), ("prep", 0)):
            out = ["--out", "ready"] if command == "prep" else []
            done = subprocess.run(
                [sys.executable, "-m", "submit.command", command, *urls, *out, "--allow-private-network",
                 "--report", f"{command}.html"],
                cwd=folder, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=120, check=False,
            )  # fmt: skip
            assert done.returncode == code, done.stderr.decode()
    return folder


@pytest.fixture(scope="module", params=["check", "prep"])
def page(request: pytest.FixtureRequest, pages: Path) -> Iterator[Page]:
    with chromium() as browser:
        opened = browser.new_page()
        opened.goto((pages / f"{request.param}.html").as_uri())
        yield opened


def test_they_are_shown_like_files(page: Page) -> None:
    made = page.title().endswith("prep")
    described = page.evaluate("[...document.images].filter(i => i.naturalWidth > 1 && i.alt).map(i => i.alt)")
    assert sum("source" in alt for alt in described) == (3 if made else 2)
    assert sum("result" in alt for alt in described) == (2 if made else 0)
    assert page.get_by_role("img", name="Film strip of clip.mov").count() == 1
    assert page.get_by_role("img", name="Waveform of song.mp3").count() == (2 if made else 1)


def test_what_is_too_large_says_so(page: Page) -> None:
    """What was fetched to be sent on as it is can be shown, however large."""
    article = page.get_by_role("article").filter(has_text="large.mp4")
    if page.title().endswith("prep"):
        assert article.locator("img").count() > 1
    else:
        told = article.locator("figure").first.inner_text()
        assert told.startswith("not shown: http://127.0.0.1:")
        assert "larger than the 16,000,000 bytes that are fetched" in told


def test_names_do_nothing_and_secrets_stay(page: Page) -> None:
    assert SECRET not in page.content()
    assert page.locator("img[src='x']").count() == 0
    assert any("<img src=x>.png" in text for text in page.locator("h3").all_inner_texts())


def test_it_can_be_read_on_a_phone_in_the_dark(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert [one for one in page.evaluate(CONTRAST) if one[0] < 4.5] == []
