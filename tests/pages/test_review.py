"""The review page in a real browser, from references to the video, against the sandbox."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.pages.chromium import chromium
from tests.types import Media

pytestmark = pytest.mark.needs("chromium")
ROOT = Path(__file__).parents[2]
SETTLED = 120_000  # ms: a machine may have other work
expect.set_options(timeout=30_000)
DROP = """([name, type, data]) => {
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0))
    const transfer = new DataTransfer()
    transfer.items.add(new File([bytes], name, {type}))
    document.dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}))
}"""


class Review(NamedTuple):
    """The page, the folder that the command runs in, and what the page has loaded or complained about."""

    page: Page
    folder: Path
    seen: list[str]

    def card(self, name: str) -> Locator:
        return self.page.get_by_role("listitem", name=name, exact=False).filter(has=self.page.locator("header"))

    def state(self) -> dict[str, Any]:
        answer = self.page.request.get(f"{self.page.url}api/state", headers={"Sec-Fetch-Site": "same-origin"})
        return json.loads(answer.body())  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def review(browser: Browser, media: Media, tmp_path: Path) -> Iterator[Review]:
    """The command with two references, and its page."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FAL_")}
    references = [str(media("clip_1080p_20s.mp4")), f"hero={media('photo.heic')}"]
    command = [sys.executable, "-m", "submit.command", "review", *references, "--sandbox", "--no-browser"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert process.stderr is not None
    try:
        link = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", process.stderr.readline())
        assert link is not None
        page, seen = browser.new_page(viewport={"width": 1440, "height": 1000}), list[str]()
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("request", lambda request: None if _is_own(request.url, link[0]) else seen.append(request.url))
        page.goto(link[0])
        yield Review(page, tmp_path, seen)
        page.close()
        assert seen == []
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        process.communicate()
    assert list(Path(environment["XDG_CACHE_HOME"], "prep-and-submit", "review").iterdir()) == []


def _is_own(url: str, link: str) -> bool:
    return url.startswith(link.partition("?")[0])


def _drag(page: Page, element: Locator, across: float, down: float = 0.0) -> None:
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across / 2, y + down / 2, steps=4)
    page.mouse.move(x + across, y + down, steps=4)
    page.mouse.up()


def test_the_whole_way(review: Review, media: Media) -> None:
    """Drop, reorder, trim, crop, prompt, price, prepare, submit, and the video plays."""
    page = review.page
    clip, photo = review.card("clip_1080p_20s.mp4"), review.card("photo.heic")
    expect(page.locator("#prepare")).to_be_enabled(timeout=SETTLED)
    expect(clip).to_contain_text("the duration is 20 s (max 15 s)")
    expect(page.locator("#price")).to_have_text("$0.00")
    expect(page.locator("#output")).to_have_text(re.compile(r"would be \$\d.* on the real platform"))

    # dropped: streamed to the server, with a tag of its own
    song = base64.b64encode(media("song_20s.mp3").read_bytes()).decode()
    page.evaluate(DROP, ["song.mp3", "audio/mpeg", song])
    expect(review.card("song.mp3").locator(".tag")).to_have_text("@Audio1", timeout=SETTLED)
    page.locator("#files").set_input_files(media("at_limit_300.png"))
    second = review.card("at_limit_300.png")
    expect(second.locator(".tag")).to_have_text("@Image2", timeout=SETTLED)

    # the prompt: completion by keyboard, and the lint of the command
    prompt = page.get_by_role("textbox", name="Prompt", exact=True)
    prompt.press_sequentially("@her")
    expect(page.locator("#names").get_by_role("option")).to_have_count(1)
    prompt.press("Enter")
    prompt.press_sequentially("and @Image2 move like @Video1 to @Audio1 with @nobody")
    expect(page.locator("#prompt-findings")).to_contain_text("names @nobody, but no reference has that name")
    prompt.fill("@hero and @Image2 move like @Video1 to @Audio1")
    expect(page.locator("#prompt-findings")).not_to_contain_text("nobody")
    expect(page.locator("#sent")).to_have_text("Sent as: @Image1 and @Image2 move like @Video1 to @Audio1")

    # order, by keyboard and by mouse: tags follow, and those in the prompt; each press counts, also when the state of
    # before comes in between
    up, held = second.get_by_role("button", name="Move at_limit_300.png up"), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/references/*", hold)
    up.press("Enter")
    page.evaluate("import('./static/api.js').then(api => api.refresh()).then(() => true)")
    up.press("Enter")
    for route in held:
        route.continue_()
    page.unroute("**/api/references/*")
    expect(second.locator(".tag")).to_have_text("@Image1")
    expect(prompt).to_have_value("@hero and @Image1 move like @Video1 to @Audio1")
    photo_box, second_box = photo.bounding_box(), second.bounding_box()
    assert photo_box is not None and second_box is not None
    _drag(page, photo.locator(".grip"), 0, second_box["y"] - photo_box["y"] - 30)
    expect(photo.locator(".tag")).to_have_text("@Image1")
    expect(prompt).to_have_value("@hero and @Image2 move like @Video1 to @Audio1")
    second.get_by_role("button", name="Remove at_limit_300.png").click()
    expect(prompt).to_have_value("@hero and @removed_Image2 move like @Video1 to @Audio1")
    prompt.fill("@hero moves like @Video1 to @Audio1")

    # time, by mouse, by keyboard and typed; the price follows
    clip.get_by_role("textbox", name="Start").fill("0:02")
    clip.get_by_role("textbox", name="End").fill("0:06")
    clip.get_by_role("textbox", name="End").press("Enter")
    expect(clip.locator(".length")).to_have_text("4 s")
    dear = page.locator("#output").inner_text()
    end = clip.get_by_role("slider", name="End")
    _drag(page, end, -clip.locator(".strip").bounding_box()["width"] / 20)  # type: ignore[index]
    expect(clip.locator(".length")).to_have_text("3 s")
    end.press("Shift+ArrowLeft")
    expect(clip.locator(".length")).to_have_text("2 s")
    for _ in range(3):  # frames
        end.press("ArrowRight")
    expect(clip.locator(".length")).to_have_text("2.1 s")
    expect(clip.get_by_role("textbox", name="End")).to_have_value(re.compile(r"^0:04\.\d"))
    expect(page.locator("#output")).not_to_have_text(dear)
    clip.get_by_role("button", name="Play this part").click()
    expect(clip.locator("video")).to_be_visible()
    clip.get_by_role("button", name="Stop").click()
    expect(clip.locator("video")).to_have_count(0)

    # the picture: cropped to a shape, and compared
    photo.get_by_text("Compare and crop").click()
    photo.get_by_role("button", name="Crop", exact=True).click()
    photo.get_by_role("button", name="1:1").click()
    expect(photo).to_contain_text("Crop to 1200×1200")
    photo.get_by_label("Crop; arrow keys").press("ArrowLeft")
    expect(photo).to_contain_text(re.compile(r"Crop to 1200×1200 at 28\d,0"))
    photo.get_by_role("button", name="Compare", exact=True).click()
    expect(photo.get_by_role("img", name="photo.heic, as it will be").last).to_be_visible()

    # parameters come from the endpoint
    page.get_by_label("Duration", exact=True).select_option("4")
    page.get_by_label("Resolution", exact=True).select_option("480p")
    expect(page.locator("#command")).to_have_text(re.compile("--resolution 480p --duration 4 .*--sandbox"))

    # prepare, submit, watch
    expect(page.locator("#prepare")).to_be_enabled(timeout=SETTLED)
    page.locator("#prepare").click()
    expect(page.locator("#work")).to_be_in_viewport()
    submit = page.get_by_role("button", name="Submit to the sandbox").first
    expect(submit).to_be_enabled(timeout=SETTLED)
    assert (review.folder / "out" / "manifest.json").exists()
    submit.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Submit to the sandbox, at no cost?")
    headers = {"Origin": page.url.partition("/")[0] + "//" + page.url.split("/")[2]}
    page.request.patch(f"{page.url}api/parameters", data={"name": "seed", "value": "7"}, headers=headers)  # another tab
    expect(page.get_by_label("Seed")).to_have_value("7")
    dialog.get_by_role("button", name="Submit to the sandbox").click()
    expect(page.get_by_text("have changed; look at them again")).to_be_visible()
    assert "422" in review.seen.pop()
    submit.click()
    dialog.get_by_role("button", name="Submit to the sandbox").click()
    video = page.locator("#work video")
    expect(video).to_be_in_viewport(timeout=SETTLED)
    page.reload()
    expect(video).to_be_in_viewport()
    video.evaluate("video => { video.muted = true; return video.play() }")
    expect(video).to_have_js_property("ended", False)
    page.wait_for_timeout(300)
    assert video.evaluate("video => video.currentTime") > 0
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert len(list((review.folder / "out").glob("result-*.mp4"))) == 1
    expect(page.locator("#work")).to_contain_text("is in the journal")


def test_a_folder_can_be_dropped(review: Review, media: Media, tmp_path: Path) -> None:
    """A folder of this machine, by the browser's own drag: the media in it, in the command's order, and a note."""
    folder = tmp_path / "trip"
    folder.mkdir()
    for name, source in (("IMG_10.HEIC", "photo.heic"), ("IMG_9.png", "at_limit_300.png"), ("b.mp3", "song_20s.mp3")):
        (folder / name).write_bytes(media(source).read_bytes())
    for name in ("IMG_10.AAE", "notes.txt", ".hidden.png"):
        (folder / name).touch()
    page = review.page
    expect(page.locator("#prepare")).to_be_enabled(timeout=SETTLED)
    browser = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})
    expect(review.card("IMG_10.HEIC").locator(".tag")).to_have_text("@Image3", timeout=SETTLED)
    names = page.locator(".card h3").all_inner_texts()
    assert names == ["clip_1080p_20s.mp4", "photo.heic", "b.mp3", "IMG_9.png", "IMG_10.HEIC"]
    expect(page.locator("#notes")).to_contain_text("trip: skipped 1 hidden file (.hidden.png), 1 sidecar (IMG_10.AAE)")
    expect(page.locator(".problem:visible")).to_have_count(0)
    expect(page.locator("#drop")).not_to_have_class(re.compile("over"))


def test_the_guides_of_a_crop(review: Review) -> None:
    """The dashed lines leave the least height and width that need no bars; a crop inside them is marked, and padded."""
    page, clip = review.page, review.card("clip_1080p_20s.mp4")
    expect(page.locator("#prepare")).to_be_enabled(timeout=SETTLED)
    clip.get_by_text("Compare and crop").click()
    clip.get_by_role("button", name="Crop", exact=True).click()
    expect(clip).to_contain_text("flatter than 2.5:1 or narrower than 1:2.5, and gets bars")
    box, flat, narrow = (clip.locator(f".stage .{name}") for name in ("box", "flat", "narrow"))
    sizes = [one.bounding_box() for one in (box, flat, narrow)]
    whole, least_height, least_width = (size for size in sizes if size)
    assert whole["width"] / least_height["height"] == pytest.approx(2.5, rel=0.02)
    assert least_width["width"] / whole["height"] == pytest.approx(0.4, rel=0.02)
    expect(box).not_to_have_class(re.compile("beyond"))
    _drag(page, clip.locator(".corner.se"), 0, -whole["height"] * 0.6)
    expect(box).to_have_class(re.compile("beyond"))
    expect(clip).to_contain_text("Pad to")
    _drag(page, clip.locator(".corner.nw"), whole["width"] * 0.5)
    expect(box).not_to_have_class(re.compile("beyond"))
    expect(clip).not_to_contain_text("Pad to")


def test_what_is_refused_is_marked(review: Review) -> None:
    page, clip = review.page, review.card("clip_1080p_20s.mp4")
    expect(page.locator("#prepare")).to_be_enabled(timeout=SETTLED)
    start, end = clip.get_by_role("textbox", name="Start"), clip.get_by_role("textbox", name="End")
    end.fill("soon")
    end.press("Enter")
    expect(page.locator("#toast")).to_contain_text("End: 'soon' is not a time; write seconds (62.5)")
    expect(end).to_have_attribute("aria-invalid", "true")
    clip.get_by_role("slider", name="Start").press("Shift+ArrowRight")
    expect(start).to_have_value(re.compile(r"^0:0[1-9]"))
    expect(end).to_have_value(re.compile(r"^0:\d\d"))
    expect(end).not_to_have_attribute("aria-invalid", "true")
    name = clip.get_by_role("textbox", name="Name of clip_1080p_20s.mp4")
    name.fill("two words")
    name.press("Enter")
    expect(name).to_have_attribute("aria-invalid", "true")
    name.fill("walk")
    name.press("Enter")
    expect(name).to_have_attribute("aria-invalid", "false")
    refusals = [text for text in review.seen if "status of 422" in text]  # the browser says so as well
    assert len(refusals) == 2 and review.seen == refusals
    review.seen.clear()


def test_anybody_can_use_it(review: Review) -> None:
    """axe-core finds nothing serious, nothing overflows, and everything can be reached by keyboard."""
    page = review.page
    expect(page.locator("#prepare")).to_be_enabled(timeout=SETTLED)
    for summary in page.locator("summary").all():
        summary.click()
    for width, scheme in ((1440, "light"), (768, "dark"), (390, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate("Promise.all(document.getAnimations().map((change) => change.finished))")  # colours fade
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    page.get_by_role("link", name="Skip to prompt").focus()
    reached = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.id"))
    assert {"prompt", "prepare", "Start", "End", "Kept part", "parameters-duration", "Command line"} <= reached
    assert any(label.startswith("Move ") for label in reached)
