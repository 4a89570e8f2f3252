"""References by URL through check, plan and prepare."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from prep import Options, Reference, check, plan, prepare
from prep.errors import ManyErrors, NonCompliantError, RemoteError, UnreadableError, UsageError
from prep.model.plan import Plan
from prep.model.progress import Progress
from prep.net.network import Bounds, Network
from tests.prep.media import reading
from tests.prep.net.server import Handler, Site
from tests.types import Media

Internet = Callable[..., Network]
HOME = "https://media.example.test"
TYPES = {
    "photo.jpg": "image/jpeg",
    "photo.webp": "image/webp",
    "alpha.png": "image/png",
    "photo.heic": "image/heic",
    "clip_720p.mp4": "video/mp4",
    "portrait_rot90.mov": "video/quicktime",
    "h264_aac.mkv": "video/x-matroska",
    "voice.mp3": "audio/mpeg",
    "tone_5s.wav": "audio/wav",
}


def put(site: Site, media: Media, name: str, at: str | None = None) -> bytes:
    data = media(name).read_bytes()
    site.put(at or f"/{name}", data, TYPES.get(name, ""))
    return data


@pytest.mark.parametrize("name", TYPES)
def test_a_url_is_seen_as_the_file_is(site: Site, media: Media, intranet: Network, name: str) -> None:
    put(site, media, name)
    here, there = check([media(name)]), check([site.url(f"/{name}")], network=intranet)
    assert there.references[0].info == here.references[0].info
    assert [f.model_dump() for f in there.findings] == [f.model_dump() for f in here.findings]
    assert there.references[0].reference.label == name


@pytest.mark.parametrize(("name", "most"), [("photo.tiff", 98_304), ("clip_720p.mp4", 400_000)])
def test_little_is_fetched_to_know(site: Site, media: Media, intranet: Network, name: str, most: int) -> None:
    put(site, media, name)
    check([site.url(f"/{name}")], network=intranet)
    assert 0 < site.sent <= most


def test_an_index_at_the_end_of_a_large_file(site: Site, media: Media, intranet: Network, tmp_path: Path) -> None:
    """Only the head, the index and the first frames are fetched, wherever they are."""
    with av.open(media("clip_720p.mp4")) as source, av.open(tmp_path / "a.mp4", "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    clip = (tmp_path / "a.mp4").read_bytes()
    index = clip.rindex(b"moov") - 4
    nothing = 60_000_000
    large = clip[:index] + nothing.to_bytes(4, "big") + b"free" + bytes(nothing - 8) + clip[index:]
    site.put("/a.mp4", large, "video/mp4")
    report = check([site.url("/a.mp4")], network=intranet)
    assert report.references[0].info.bytes == len(large)
    assert report.totals.video_duration_s == pytest.approx(reading.picture(media("clip_720p.mp4")).duration_s, abs=0.1)
    assert site.sent < 1_000_000


def test_a_compliant_public_url_goes_on_as_it_is(site: Site, media: Media, internet: Internet, tmp_path: Path) -> None:
    put(site, media, "clip_720p.mp4")
    put(site, media, "photo.jpg")
    urls = [f"{HOME}/clip_720p.mp4?signature=1", f"hero={HOME}/photo.jpg"]
    network = internet()
    planned = plan(urls, network=network)
    assert [(entry.url, entry.steps) for entry in planned.entries] == [
        (f"{HOME}/clip_720p.mp4?signature=1", ()),
        (f"{HOME}/photo.jpg", ()),
    ]
    manifest = prepare(urls, out=tmp_path / "out", network=network)
    assert os.listdir(tmp_path / "out") == ["manifest.json"]
    entries = json.loads((tmp_path / "out/manifest.json").read_text())["entries"]
    assert [entry["output"]["url"] for entry in entries] == [f"{HOME}/clip_720p.mp4?signature=1", f"{HOME}/photo.jpg"]
    assert [(e["output"]["path"], e["output"]["sha256"], e["source"]["sha256"]) for e in entries] == [(None,) * 3] * 2
    assert [entry["source"]["path"] for entry in entries] == [f"{HOME}/clip_720p.mp4?…", f"{HOME}/photo.jpg"]
    assert [entry["output"]["media_type"] for entry in entries] == ["video/mp4", "image/jpeg"]
    assert type(manifest).model_validate(json.loads(manifest.model_dump_json())) == manifest.model_copy(
        update={"folder": None}
    )
    assert site.sent < 3 * 400_000


def test_a_plan_of_urls_survives_json(site: Site, media: Media, internet: Internet, tmp_path: Path) -> None:
    put(site, media, "clip_720p.mp4")
    planned = plan([f"{HOME}/clip_720p.mp4?signature=1"], network=internet())
    again = Plan.model_validate_json(planned.model_dump_json())
    assert again == planned
    assert prepare(again, out=tmp_path / "out", network=internet()).entries[0].output.url == planned.entries[0].url
    moved = again.model_copy(
        update={"entries": (again.entries[0].model_copy(update={"url": "https://elsewhere.example/a.mp4"}),)}
    )
    with pytest.raises(UsageError, match="changed since it was planned"):
        prepare(moved, out=tmp_path / "other", network=internet())


def test_what_changed_since_the_plan_is_not_prepared(
    site: Site, media: Media, internet: Internet, tmp_path: Path
) -> None:
    data = put(site, media, "clip_720p.mp4")
    planned = plan([f"{HOME}/clip_720p.mp4?signature=1"], network=internet())
    site.put("/clip_720p.mp4", data, "video/mp4", etag='"2"')
    with pytest.raises(UsageError, match=r"clip_720p\.mp4: the file or the plan has changed"):
        prepare(planned, out=tmp_path / "out", network=internet())


def test_what_is_not_public_is_fetched(site: Site, media: Media, intranet: Network, tmp_path: Path) -> None:
    data = put(site, media, "clip_720p.mp4")
    manifest = prepare([site.url("/clip_720p.mp4?signature=1")], out=tmp_path / "out", network=intranet)
    (entry,) = manifest.entries
    assert entry.output.url is None
    assert (tmp_path / "out" / (entry.output.path or "")).read_bytes() == data
    assert entry.output.sha256 == entry.source.sha256 == reading.sha256(media("clip_720p.mp4"))
    assert entry.output.path == "video1-clip_720p.mp4"
    assert sorted(os.listdir(tmp_path / "out")) == ["manifest.json", "video1-clip_720p.mp4"]
    assert "signature" not in manifest.model_dump_json()


@pytest.mark.parametrize("media_type", ["text/html", "image/jpeg", "video/quicktime", ""])
def test_what_is_served_as_something_else_is_fetched(
    site: Site, media: Media, internet: Internet, tmp_path: Path, media_type: str
) -> None:
    site.put("/clip", media("clip_720p.mp4").read_bytes(), media_type)
    (entry,) = prepare([f"{HOME}/clip"], out=tmp_path / "out", network=internet()).entries
    assert (entry.output.path, entry.output.url) == ("video1-clip.mp4", None)


def test_what_does_not_comply_is_fetched_and_made(site: Site, media: Media, internet: Internet, tmp_path: Path) -> None:
    for name in ("portrait_rot90.mov", "photo.heic"):
        put(site, media, name)
    seen: list[Progress] = []
    urls = [f"{HOME}/portrait_rot90.mov?signature=1#t=0,2.5", f"{HOME}/photo.heic"]
    manifest = prepare(urls, out=tmp_path / "out", network=internet(), progress=seen.append)
    video, image = manifest.entries
    picture = reading.picture(tmp_path / "out" / (video.output.path or ""))
    assert picture.duration_s == pytest.approx(2.5, abs=0.05)
    assert image.output.info.container == "jpeg"
    assert video.source.sha256 == reading.sha256(media("portrait_rot90.mov"))
    assert sorted(os.listdir(tmp_path / "out")) == ["image1-photo.jpg", "manifest.json", "video1-portrait_rot90.mp4"]
    assert {event.stage for event in seen} == {"probe", "download", "prepare"}
    assert "signature" not in manifest.model_dump_json()


def test_what_a_sound_at_a_url_tells_is_warned_of_and_left_out_when_asked(
    site: Site, media: Media, internet: Internet, tmp_path: Path
) -> None:
    put(site, media, "photo.jpg")
    site.put("/cover.mp3", media("cover.mp3").read_bytes(), "audio/mpeg")
    urls, network = [f"{HOME}/photo.jpg", f"{HOME}/cover.mp3"], internet()
    passed = plan(urls, network=network)
    assert passed.entries[1].url == urls[1]
    assert [finding.rule for finding in passed.warnings] == ["audio-private-metadata"]
    manifest = prepare(urls, out=tmp_path / "out", network=network, options=Options(strip_metadata=True))
    entry = manifest.entries[1]
    assert ([step.kind for step in entry.steps], entry.output.url) == (["strip-metadata"], None)
    assert b"Jane Example" not in (tmp_path / "out" / entry.output.path).read_bytes()


def test_the_same_url_twice_is_fetched_once(site: Site, media: Media, intranet: Network, tmp_path: Path) -> None:
    data = put(site, media, "clip_720p.mp4")
    url = site.url("/clip_720p.mp4")
    prepare([f"{url}#t=0,2", f"{url}#t=2,4"], out=tmp_path / "out", network=intranet)
    assert site.sent < 2 * len(data) + 100_000


def test_a_server_without_parts(site: Site, media: Media, internet: Internet, tmp_path: Path) -> None:
    data = media("clip_720p.mp4").read_bytes()
    site.pages["/clip.mp4"] = lambda handler: handler.answer(200, data, {"Content-Type": "video/mp4"})
    manifest = prepare([f"{HOME}/clip.mp4"], out=tmp_path / "out", network=internet())
    assert manifest.entries[0].output.url == f"{HOME}/clip.mp4"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>not found</html>" * 100, r"but a web page \(HTML\); use the link of the file itself"),
        (b"#EXTM3U\nhttp://10.0.0.1/a.ts\n", "its content is not an image, video or sound"),
    ],
)
def test_a_page_that_says_it_is_a_video(site: Site, intranet: Network, body: bytes, why: str) -> None:
    site.put("/a.mp4", body, "video/mp4")
    with pytest.raises(UnreadableError, match=why) as error:
        check([site.url("/a.mp4?signature=1")], network=intranet)
    assert "signature" not in str(error.value)
    assert len(site.seen) == 1


def test_a_video_that_ends_early(site: Site, media: Media, intranet: Network) -> None:
    """The server has all of the index, and breaks off in the middle of the pictures: no end of the file is made up."""
    data = media("clip_720p.mp4").read_bytes()

    def behave(handler: Handler) -> None:
        if handler.headers["Range"].startswith("bytes=0-"):
            handler.part(data, "video/mp4", "")
        else:
            handler.answer(503)

    site.pages["/a.mp4"] = behave
    with pytest.raises(RemoteError, match="answers 503"):
        check([site.url("/a.mp4")], network=intranet)


def test_every_bad_url_is_told_in_one_pass(site: Site, intranet: Network) -> None:
    urls = [site.url("/a.mp4?signature=1"), site.url("/b.mp4?signature=2"), "https://u:signature@h/c.mp4"]
    with pytest.raises(ManyErrors) as error:
        check(urls, network=intranet)
    assert len(error.value.problems) == 3
    assert "signature" not in str(error.value)


def test_findings_name_the_file_and_keep_its_query(site: Site, media: Media, intranet: Network) -> None:
    put(site, media, "h264_aac.mkv")
    url = f"{HOME}/h264_aac.mkv?signature=1"
    report = check([site.url("/h264_aac.mkv?signature=1")], network=intranet)
    assert {finding.subject for finding in report.findings} == {"h264_aac.mkv"}
    assert "signature" not in report.model_dump_json()
    assert Reference(location=url).label == "h264_aac.mkv"


def test_too_large_to_fetch(site: Site, media: Media, tmp_path: Path) -> None:
    data = put(site, media, "portrait_rot90.mov")
    network = Network(allow_private=True, bounds=Bounds(download_bytes=len(data) - 1))
    with pytest.raises(UnreadableError, match="larger than"):
        prepare([site.url("/portrait_rot90.mov")], out=tmp_path / "out", network=network)
    assert not (tmp_path / "out").exists()


def test_what_never_fits_is_told_before_it_is_fetched(
    site: Site, media: Media, intranet: Network, tmp_path: Path
) -> None:
    put(site, media, "voice.mp3")
    with pytest.raises(NonCompliantError):
        prepare([site.url("/voice.mp3")], out=tmp_path / "out", network=intranet)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("location", "label"),
    [
        ("https://h.example/a/walk.mp4?sig=1", "walk.mp4"),
        ("https://h.example/a%20b.mp4", "a b.mp4"),
        ("https://h.example/?id=3", "h.example"),
        ("https://h.example", "h.example"),
        ("HTTPS://h.example/x.mp4", "x.mp4"),
        ("https://h.example/%1b[2J.mp4", "\\x1b[2J.mp4"),
        ("https://h.example/a%2Fb.mp4", "b.mp4"),
    ],
)
def test_what_messages_call_it(location: str, label: str) -> None:
    assert Reference(location=location).label == label
