"""The HTML of a page, read by an HTML parser."""

import itertools
import re
from html.parser import HTMLParser

import pytest

from prep.model.preview import Preview, Thumbnail
from prep.model.reference import Reference
from prep.render.html.page import page_html, wave_path
from prep.render.html.page_values import Page, Paid, manifest_page, paid_page, report_page
from prep.specs import load_spec
from tests.made import audio, image, manifest, report_of, video

SPEC = load_spec()
CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "\"'><script>alert(1)</script>",
    "</title></pre>",
    "{{ 7*7 }}",
    "a\u202egnp.exe",
)


class Read(HTMLParser):
    """Elements with their attributes, and the text in them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def _page(name: str = "photo.png", prompt: str = "dance") -> Page:
    report = report_of((image(), Reference(location=name, name="hero")), video(), audio(), prompt=prompt)
    page = report_page(report, SPEC, [Preview()] * 3)
    paid = Paid(prompt=prompt, price=None, request_id="r", result=name, request=f'{{"prompt": "{prompt}"}}', timings="")
    return paid_page(page, paid, ())


def test_it_is_a_page_that_may_load_nothing() -> None:
    text = page_html(_page())
    assert text.startswith("<!doctype html>\n")
    read = Read(text)
    policy = [
        attributes for tag, attributes in read.elements if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert [one["content"] for one in policy] == [CSP]
    first = [tag for tag, _ in read.elements]
    assert first.index("meta") < first.index("style")
    loads = {"script", "link", "iframe", "object", "embed", "video", "audio", "form", "base"}
    assert not loads & set(first)
    for _, attributes in read.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert all(
            (attributes.get(name) or "").startswith(("data:image/webp;base64,", "#"))
            for name in ("src", "href")
            if name in attributes
        )
    assert "url(" not in text and "@import" not in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_names_and_prompts_are_text(hostile: str) -> None:
    name = f"{hostile}.png"
    plain, read = Read(page_html(_page(re.sub("[^/]", "x", name), "x"))), Read(page_html(_page(name, hostile)))
    assert [tag for tag, _ in read.elements] == [tag for tag, _ in plain.elements]
    told = hostile.replace("\u202e", r"\u202e")
    assert read.text.count(told) >= 4


def test_nothing_turns_or_hides_the_text() -> None:
    text = page_html(_page("a\u202e\u2066b\x1b[2J\x00.png", "line one\nline two\u2067\u200f"))
    assert not re.search(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", text)
    assert "line one\nline two" in text


def test_a_page_that_is_passed_on_gives_no_secrets_away() -> None:
    url = "https://user:password@bucket.test/clip.mp4?X-Signature=secret"
    text = page_html(_page(prompt=f"as in {url}"))
    assert "https://…@bucket.test/clip.mp4?…" in text
    assert "secret" not in text and "password" not in text


def test_other_scripts_are_left_readable() -> None:
    assert "שלום 日本語 é.png" in page_html(_page("שלום 日本語 é.png"))


def test_the_largest_page_of_twelve() -> None:
    """Every thumbnail as large as it may be."""
    picture, frame = (Thumbnail(width=640, height=640, data="A" * (size * 4 // 3)) for size in (30_000, 6_000))
    infos = [*(image() for _ in range(9)), *(video() for _ in range(3))]
    seen = [Preview(picture=picture, strip=(frame,) * 12 if info.kind == "video" else ()) for info in infos]
    page = manifest_page(manifest(*infos), SPEC, seen, seen)
    made = page.model_copy(update={"items": tuple(item.model_copy(update={"after": seen[0]}) for item in page.items)})
    assert 1_000_000 < len(page_html(made).encode()) < 2_000_000


def test_headings_go_down_one_at_a_time() -> None:
    levels = [int(tag[1]) for tag, _ in Read(page_html(_page())).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_links_and_labels_lead_somewhere() -> None:
    elements = Read(page_html(_page())).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = [
        attributes[name] for _, attributes in elements for name in ("aria-labelledby", "href") if name in attributes
    ]
    assert {str(one).removeprefix("#") for one in wanted} <= set(ids)


def test_a_waveform_is_a_path() -> None:
    assert wave_path((0.0, 1.0)) == "M0.2 49.5h.6v1.0h-.6zM1.2 2.0h.6v96.0h-.6z"
