"""batch.html with a thousand rows in a real browser: quick, nothing is loaded, everything can be read and found."""

import base64
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from prep.model.preview import Thumbnail
from prep.pricing.bill import Bill
from prep.pricing.cost import Cost
from submit.batches.results.card import Card, CardReference
from submit.batches.results.page import write_page
from submit.batches.results.result import BatchSummary, Paths, RowResult, RowState
from tests.pages.chromium import chromium
from tests.pages.test_report import CONTRAST

pytestmark = pytest.mark.needs("chromium")
ROWS, FAILED = 1000, 7
HOSTILE = "</script><img src=x onerror=document.title=1>"
COST = Cost(min_usd=Decimal("0.54"), max_usd=Decimal("1.50"), unit_usd=Decimal("0.014"))


def _thumbnail(edge: int, chance: random.Random) -> Thumbnail:
    image = Image.effect_noise((edge, edge * 9 // 16), 40).convert("RGB")
    image.paste((chance.randrange(256), 90, 160), (edge // 4, 8, edge // 2, edge // 3))
    file = BytesIO()
    image.save(file, "WEBP", quality=40)
    return Thumbnail(width=image.width, height=image.height, data=base64.b64encode(file.getvalue()).decode())


def _state(row: int) -> RowState:
    return {0: "refused", 1: "uncertain", 2: "failed"}.get(row, "done") if row < FAILED else "done"  # type: ignore[return-value]


def _result(row: int) -> RowResult:
    state = _state(row)
    done = state == "done"
    return RowResult(
        id=f"take-{row}",
        row=row + 1,
        state=state,
        job="k7f3m2qp",
        quoted=COST,
        billed=Bill(units=Decimal(50), usd=Decimal("0.70")) if done else None,
        paths=Paths(folder=f"take-{row}", video=f"take-{row}/result-k7f3m2qp.mp4" if done else None),
        error="" if done else f"the platform refused it: {HOSTILE}",
        at=datetime(2026, 11, 28, tzinfo=UTC),
        key="0" * 64,
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, chance = tmp_path_factory.mktemp("batch"), random.Random(5)
    frames = [_thumbnail(320, chance) for _ in range(8)]
    small = [_thumbnail(96, chance) for _ in range(8)]
    for row in range(ROWS):
        references = (
            CardReference(tag="@Image1", name="hero.heic", picture=small[row % 8], changes=("scale to 1280×720",)),
            CardReference(tag="@Audio1", name=HOSTILE, picture=None, changes=()),
        )
        frame = frames[row % 8] if _state(row) == "done" else None
        (folder / f"take-{row}").mkdir()
        card = Card(prompt=f"@Image1 dances to @Audio1, take {row} {HOSTILE}", frame=frame, references=references)
        (folder / f"take-{row}" / "card.json").write_text(card.model_dump_json(), "utf-8")
    summary = BatchSummary(
        batch="b",
        folder="/home/me/takes",
        rows=ROWS + 3,
        states={"done": ROWS - 3, "refused": 1, "uncertain": 1, "failed": 1, "unsent": 3},
        quoted=Cost(min_usd=Decimal(540), max_usd=Decimal(1500)),
        billed_usd=Decimal("697.90"),
        spent_usd=Decimal("700.90"),
        budget_usd=Decimal(1000),
        paused="the platform refused: User is locked. Reason: Exhausted balance",
    )
    write_page(folder, summary, "prep-and-submit batch jobs.csv --out takes", map(_result, reversed(range(ROWS))))
    return folder / "batch.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def page(written: Path, browser: Browser) -> Page:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.goto(written.as_uri())
    return opened


def test_it_is_there_at_once_and_shows_a_screenful(written: Path, browser: Browser) -> None:
    """The bound is for a machine that has other work; alone it takes a tenth of that."""
    opened = browser.new_page()
    begun = time.monotonic()
    opened.goto(written.as_uri())
    assert opened.locator(".card").count() == 48
    assert time.monotonic() - begun < 5
    assert opened.evaluate("document.querySelectorAll('*').length") < 2000
    opened.close()
    assert written.stat().st_size < 30_000_000


def test_the_totals(page: Page) -> None:
    assert page.locator("h1").inner_text() == "997 of 1003 done"
    lead = page.locator(".lead").inner_text()
    assert lead.startswith("997 done, 1 refused, 1 failed, 1 uncertain, 3 not sent. Paused: the platform refused")
    figures = page.locator(".figures").inner_text().split("\n")
    assert figures == [
        *("Rows", "1003"),
        *("Quoted", "$540.00–1500.00"),
        *("Billed", "$697.90"),
        *("Without a bill yet", "up to $3.00"),
        *("At most", "$1000.00"),
    ]
    assert "prep-and-submit batch jobs.csv --out takes" in page.locator(".again").inner_text()


def test_pages_filter_and_search(page: Page) -> None:
    assert page.locator(".card h2").first.inner_text() == "take-0", "in the order of the rows"
    page.get_by_role("button", name="Next").click()
    assert page.locator(".card h2").first.inner_text() == "take-48"
    assert page.locator("#page").inner_text() == "Page 2 of 21"
    page.get_by_role("button", name="uncertain 1").click()
    assert page.locator(".card h2").all_inner_texts() == ["take-1"]
    assert page.locator(".card .command").inner_text() == "prep-and-submit resume k7f3m2qp"
    page.get_by_role("button", name="uncertain 1").click()
    page.get_by_label("Find").fill("take 777")
    assert page.locator(".card h2").all_inner_texts() == ["take-777"]
    assert page.locator("#count").inner_text() == "1 of 1000 rows"
    page.get_by_label("Find").fill("")


def test_pictures_are_shown_and_texts_do_nothing(page: Page) -> None:
    page.evaluate("window.scrollTo(0, 0)")
    card = page.locator(".card").nth(3)
    card.scroll_into_view_if_needed()
    page.wait_for_function("[...document.querySelectorAll('.card')][3].querySelector('img').naturalWidth > 1")
    assert "scale to 1280×720" in card.inner_text() and "unchanged" in card.inner_text()
    assert "$0.54–1.50 quoted · $0.70 billed" in card.inner_text()
    assert page.locator("img[src='x']").count() == 0 and HOSTILE in card.inner_text()
    assert page.title().startswith("997 of 1003 done")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found = page.evaluate(CONTRAST.replace("body *", "main *"))
    assert len(found) > 100 and [one for one in found if one[0] < 4.5] == []


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_nothing_is_wider_than_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_is_loaded(written: Path, browser: Browser) -> None:
    opened = browser.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(written.as_uri())
    opened.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == [] and len(asked) >= 1
    opened.close()
