"""The media of the page: strips, pictures and clips of local references and of those at URLs."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import av
import pytest
from PIL import Image, ImageStat

from prep.net.network import Network
from submit.review import pictures
from tests.prep.net.server import Site
from tests.submit.review.conftest import Serve, Served, until
from tests.types import Media

Internet = Callable[..., Network]


@pytest.mark.parametrize(
    ("name", "what", "kind"),
    [
        ("clip_1080p_20s.mp4", "strip?count=6&width=80", "image/webp"),
        ("clip_1080p_20s.mp4", "wave?start=1&end=3", "application/json"),
        ("hdr10.mp4", "picture/after", "image/webp"),
        ("hdr10.mp4", "clip?start=1&end=2", "video/mp4"),
        ("portrait_rot90.mov", "picture/before", "image/webp"),
        ("song_20s.mp3", "clip?start=1&end=2.5", "audio/wav"),
        ("photo_hdr.heic", "picture/after", "image/webp"),
    ],
)
def test_media_of_a_reference(serve: Serve, media: Media, tmp_path: Path, name: str, what: str, kind: str) -> None:
    served = serve(media(name))
    state = until(served, lambda state: state["cards"][0]["kind"])
    answer = served.browser.get(f"media/{state['cards'][0]['id']}/{what}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == kind and len(answer.content) > 100
    if kind.startswith(("video", "audio")):
        (tmp_path / "part").write_bytes(answer.content)
        with av.open(str(tmp_path / "part")) as container:
            assert container.duration is not None
            lasts_s = 1.5 if kind.startswith("audio") else 1.0
            assert container.duration / 1e6 == pytest.approx(lasts_s, abs=0.1)
    for wrong in ("strip?start=x", "clip?start=5&end=5", "strip?start=1e999"):
        assert served.browser.get(f"media/{state['cards'][0]['id']}/{wrong}").status_code in (200, 400, 404, 422)


def _card(serve: Serve, *references: str | Path, **more: object) -> tuple[str, Served]:
    served = serve(*references, **more)
    state = until(served, lambda state: state["settled"])
    return state["cards"][0]["id"], served


def _grey(content: bytes) -> float:
    """The brightness of the grey quarter of the test card."""
    with Image.open(BytesIO(content), formats=("WEBP",)) as image:
        x, y = round(image.width * 0.9), round(image.height * 0.75)
        return ImageStat.Stat(image.convert("L").crop((x - 4, y - 4, x + 4, y + 4))).mean[0]


@pytest.mark.parametrize("name", ["hdr10.mp4", "hlg.mp4"])
def test_hdr_is_shown_as_it_will_be(serve: Serve, media: Media, name: str) -> None:
    """The strip and the picture to crop are as bright as what is prepared; the picture before is not."""
    card, served = _card(serve, f"{media(name)}#t=1,3")
    views = ("strip?start=2&end=2.1&count=1&width=256", "picture/whole", "picture/after", "picture/before")
    answers = [served.browser.get(f"media/{card}/{view}").raise_for_status() for view in views]
    strip, whole, after, before = (_grey(answer.content) for answer in answers)
    assert strip == pytest.approx(after, abs=6) and whole == pytest.approx(after, abs=6)
    assert before < after - 20


def test_a_picture_to_crop_is_not_cropped(serve: Serve, media: Media) -> None:
    card, served = _card(serve, f"{media('photo.heic')}#xywh=percent:0,0,50,100")
    sizes = []
    for view in ("whole", "after"):
        with Image.open(BytesIO(served.browser.get(f"media/{card}/picture/{view}").content)) as image:
            sizes.append(image.width / image.height)
    assert sizes[0] == pytest.approx(2 * sizes[1], rel=0.01)
    assert served.browser.get(f"media/{card}/picture/else").status_code == 404


def test_a_reference_at_a_url_is_shown(serve: Serve, media: Media, site: Site, internet: Internet) -> None:
    site.put("/walk.mp4", media("clip_720p.mp4").read_bytes(), "video/mp4")
    card, served = _card(serve, "https://media.example.test/walk.mp4", sandbox=False, network=internet())
    state = served.browser.get("api/state").json()["cards"][0]
    assert state["time"]["strip"] and state["time"]["plays"] and state["picture"]["visible"]
    for what in ("strip?count=6&width=80", "picture/after", "clip?start=1&end=2", "wave", "source"):
        answer = served.browser.get(f"media/{card}/{what}")
        assert answer.status_code == 200 and len(answer.content) > 100, what
    assert answer.content == media("clip_720p.mp4").read_bytes()


def test_a_large_reference_at_a_url_says_why_it_is_not_shown(
    serve: Serve, media: Media, site: Site, internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_FETCHED", 1000)
    site.put("/walk.mp4", media("clip_720p.mp4").read_bytes(), "video/mp4")
    card, served = _card(serve, "https://media.example.test/walk.mp4", sandbox=False, network=internet())
    state = served.browser.get("api/state").json()["cards"][0]
    assert (
        not state["picture"]["visible"] and state["why_not_visible"] == "at a URL, and too large to be shown (max 1 kB)"
    )
    assert served.browser.get(f"media/{card}/picture/after").status_code == 422
