"""References that go on as their URLs: what is sent, kept and looked at again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep import Network, prepare
from prep.errors import NonCompliantError, UsageError
from submit import resume, run, submit
from submit.errors import SubmitUncertain
from tests.prep.net.server import Site
from tests.submit.cloud import Cloud

Media = Callable[[str], Path]
Internet = Callable[..., Network]
URL = "https://media.example.test/clip_720p.mp4?signature=1"
PROMPT = "@walk goes on"


@pytest.fixture
def clip(site: Site, media: Media) -> bytes:
    data = media("clip_720p.mp4").read_bytes()
    site.put("/clip_720p.mp4", data, "video/mp4")
    return data


def kept_in(folder: Path) -> str:
    """Everything that was written there but the manifest, which needs the whole URL."""
    return "".join(
        path.read_text("utf-8") for path in folder.iterdir() if path.suffix == ".json" and "manifest" not in path.name
    )


def test_the_request_gets_the_url(clip: bytes, media: Media, internet: Internet, tmp_path: Path) -> None:
    cloud, events = Cloud(), list[Any]()
    references = [f"walk={URL}", media("photo.jpg")]
    outcome = run(
        references,
        PROMPT,
        out=tmp_path / "out",
        platform=cloud,
        state=tmp_path / "state",
        progress=events.append,
        network=internet(),
    )
    ((_, arguments),) = cloud.posts
    assert arguments["video_urls"] == [URL]
    assert [name for name, _ in cloud.uploads] == ["image1-photo.jpg"]
    assert "signature" not in kept_in(tmp_path / "out")
    assert "signature" not in str(events)
    assert outcome.request.video_urls == ("https://media.example.test/clip_720p.mp4?…",)


def test_the_same_job_is_not_paid_for_again(clip: bytes, site: Site, internet: Internet, tmp_path: Path) -> None:
    cloud = Cloud()

    def once() -> str:
        where = {"out": tmp_path / "out", "state": tmp_path / "state"}
        return run([f"walk={URL}"], PROMPT, platform=cloud, network=internet(), **where).job

    assert once() == once()
    assert len(cloud.posts) == 1
    site.put("/clip_720p.mp4", clip + b"\0\0\0\x08free", "video/mp4", etag='"2"')
    once()
    assert len(cloud.posts) == 2


def test_a_receipt_alone_does_not_know_the_url(clip: bytes, internet: Internet, tmp_path: Path) -> None:
    """Nothing with a query that was left out is ever sent."""
    cloud = Cloud()

    def lost() -> None:
        raise SubmitUncertain("the connection broke")

    cloud.on_submit = lost
    with pytest.raises(SubmitUncertain):
        run([f"walk={URL}"], PROMPT, out=tmp_path / "out", platform=cloud, state=tmp_path / "a", network=internet())
    cloud.on_submit = lambda: None
    with pytest.raises(UsageError, match="leaves the query of a URL out"):
        resume(tmp_path / "out", resubmit=True, platform=cloud, state=tmp_path / "b")
    assert len(cloud.posts) == 1
    resume(tmp_path / "out", resubmit=True, platform=cloud, state=tmp_path / "a")
    assert cloud.posts[1][1]["video_urls"] == [URL]


def test_what_was_prepared_is_looked_at_again(
    clip: bytes, site: Site, media: Media, internet: Internet, tmp_path: Path
) -> None:
    prepare([f"walk={URL}"], out=tmp_path / "out", network=internet())
    before = len(site.seen)
    cloud = Cloud()
    submit(tmp_path / "out", PROMPT, platform=cloud, state=tmp_path / "state", network=internet())
    assert cloud.posts[0][1]["video_urls"] == [URL]
    assert cloud.uploads == []
    assert len(site.seen) > before


@pytest.mark.parametrize(
    ("name", "kind", "why"),
    [
        ("silent_720p.mp4", UsageError, "changed since it was prepared"),
        ("h264_aac.mkv", NonCompliantError, "do not comply"),
        ("photo.jpg", UsageError, "tags and kinds"),
    ],
)
def test_what_is_another_by_now_is_not_submitted(
    clip: bytes,
    site: Site,
    media: Media,
    internet: Internet,
    tmp_path: Path,
    name: str,
    kind: type[Exception],
    why: str,
) -> None:
    prepare([f"walk={URL}"], out=tmp_path / "out", network=internet())
    site.put("/clip_720p.mp4", media(name).read_bytes(), "video/mp4")
    cloud = Cloud()
    with pytest.raises(kind, match=why) as error:
        submit(tmp_path / "out", PROMPT, platform=cloud, state=tmp_path / "state", network=internet())
    assert cloud.posts == []
    assert "signature" not in str(error.value)


def test_a_url_that_leads_inside_by_now_is_not_submitted(clip: bytes, internet: Internet, tmp_path: Path) -> None:
    prepare([f"walk={URL}"], out=tmp_path / "out", network=internet())
    cloud = Cloud()
    with pytest.raises(UsageError, match="a private address"):
        submit(
            tmp_path / "out",
            PROMPT,
            platform=cloud,
            state=tmp_path / "state",
            network=internet({"media.example.test": ("10.0.0.1",)}),
        )
    assert cloud.posts == []
