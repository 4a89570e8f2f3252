"""Sets that can't be prepared, are cancelled or interrupted: nothing is left of them."""

import signal
import threading
from pathlib import Path

import av
import pytest

from prep import check, plan, prepare
from prep.errors import Cancelled, ManyErrors, NonCompliantError, PrepError, UnreadableError, UsageError
from prep.model.progress import Progress
from tests.prep.media import reading
from tests.types import Media

# What can't be prepared, and what it raises; nothing is left of any.
FAILURES: dict[str, tuple[tuple[str, ...], type[PrepError]]] = {
    "ten images": (("at_limit_300.png",) * 10, NonCompliantError),
    "sound alone": (("voice.mp3",), NonCompliantError),
    "four videos": (("clip_720p.mp4",) * 4, NonCompliantError),
    "truncated": (("photo_orient6.jpg", "truncated.jpg"), UnreadableError),
    "several broken ones": (("photo.jpg", "empty.mp4", "text.mp4"), ManyErrors),
    "a part after the end": (("clip_720p.mp4#t=7,9",), UsageError),
    "a crop outside": (("photo.jpg#xywh=1700,0,500,500",), UsageError),
    "parts over the budget": (("clip_720p_10s.mp4#t=0,9", "clip_720p_10s.mp4#t=1,10"), NonCompliantError),
}


@pytest.mark.parametrize("case", FAILURES)
def test_what_can_not_be_prepared_leaves_nothing(media: Media, tmp_path: Path, case: str) -> None:
    names, error = FAILURES[case]
    references = []
    for name in names:
        path, mark, fragment = name.partition("#")
        references.append(f"{media(path)}{mark}{fragment}")
    with pytest.raises(error):
        prepare(references, out=tmp_path / "out")
    assert reading.left(tmp_path) == []


def _zeroed(path: Path, intact: float) -> bytes:
    """The header is whole, and of the coded data only the first part."""
    data = bytearray(path.read_bytes())
    start, end = data.index(b"mdat") + 4, len(data)
    if (index := data.find(b"moov")) > start:
        end = index - 4
    damage = start + round((end - start) * intact)
    data[damage:end] = bytes(end - damage)
    return bytes(data)


def test_footage_without_a_picture_is_no_bug_of_ours(media: Media, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.mov"
    damaged.write_bytes(_zeroed(media("portrait_rot90.mov"), 0.02))
    for ask in (lambda: check([damaged]), lambda: prepare([damaged], out=tmp_path / "out")):
        with pytest.raises(
            UnreadableError, match=r"damaged\.mov: no duration could be measured; it is damaged"
        ) as caught:
            ask()
        assert caught.value.exit_code == 2
    assert reading.left(tmp_path) == ["damaged.mov"]


def test_of_damaged_footage_what_is_there_is_used_and_said(media: Media, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.mov"
    damaged.write_bytes(_zeroed(media("portrait_rot90.mov"), 0.8))
    assert "video-truncated" in [finding.rule for finding in check([damaged]).findings]
    manifest = prepare([damaged], out=tmp_path / "out")
    assert "video-damaged" in [finding.rule for finding in manifest.findings]
    with av.open(str(manifest.paths["@Video1"])) as container:
        assert sum(1 for _ in container.decode(video=0)) == pytest.approx(61, abs=3), "2.03 s at 30 fps"


@pytest.mark.parametrize("ref", ["photo.jpg#t=1,2", "voice.mp3#xywh=0,0,9,9", "clip_720p.mp4#track=audio&xywh=0,0,9,9"])
def test_what_does_not_apply_is_not_left_out_silently(media: Media, ref: str) -> None:
    name, _, fragment = ref.partition("#")
    with pytest.raises(UsageError, match=name.replace(".", r"\.")):
        plan([f"{media(name)}#{fragment}", media("at_limit_300.png")])


@pytest.mark.parametrize(
    "ref",
    [
        "clip_720p.mp4#t=0,5",
        "clip_720p.mp4#t=0",
        "clip_720p.mp4#t=,99",
        "clip_720p.mp4#track=video",
        "clip_720p.mp4#xywh=0,0,1280,720",
        "photo.jpg#xywh=percent:0,0,100,100",
        "photo.jpg#xywh=0,0,1800,1200",
        "voice.mp3#track=audio",
    ],
)
def test_asking_for_the_whole_file_changes_nothing(media: Media, ref: str) -> None:
    name, _, fragment = ref.partition("#")
    planned = plan([f"{media(name)}#{fragment}", media("at_limit_300.png")])
    assert planned.entries[0].steps == ()


def test_all_problems_are_told_at_once(media: Media, tmp_path: Path) -> None:
    with pytest.raises(ManyErrors) as caught:
        plan([media("empty.mp4"), media("photo.jpg"), media("text.mp4"), tmp_path / "missing.png"])
    assert [name in str(caught.value) for name in ("empty.mp4", "photo.jpg", "text.mp4", "missing.png")] == [
        True,
        False,
        True,
        True,
    ]


def test_no_reference_at_all(tmp_path: Path) -> None:
    for ask in (check, plan):
        with pytest.raises(UsageError, match="at least one"):
            ask([])
    with pytest.raises(UsageError, match="at least one"):
        prepare([], out=tmp_path / "out")
    assert reading.left(tmp_path) == []


@pytest.mark.parametrize("below", ["", "sub", "sub/deeper"])
def test_an_output_folder_that_is_a_file(media: Media, tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="file"):
        prepare([media("photo.jpg")], out=tmp_path / "file" / below)
    assert (tmp_path / "file").read_text() == "mine"


def test_an_output_name_that_is_a_folder(media: Media, tmp_path: Path) -> None:
    (tmp_path / "out" / "image2-photo.jpg").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"image2-photo\.jpg"):
        prepare([media("photo_orient6.jpg"), media("photo.jpg")], out=tmp_path / "out")
    assert reading.left(tmp_path / "out") == ["image2-photo.jpg"]


@pytest.mark.parametrize("names", [("portrait_rot90.mov",), ("photo_orient6.jpg",), ("photo.jpg",), ("tone_5s.m4a",)])
def test_cancelled_before_it_begins(media: Media, tmp_path: Path, names: tuple[str, ...]) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        prepare([media("at_limit_300.png"), *map(media, names)], out=tmp_path / "out", cancel=cancel)
    assert reading.left(tmp_path) == []


def test_cancelled_while_it_encodes(media: Media, tmp_path: Path) -> None:
    cancel, parts = threading.Event(), []

    def stop(event: Progress) -> None:
        if event.stage != "prepare":
            return
        parts.append(event.part)
        if 0 < event.part < 1:
            cancel.set()

    with pytest.raises(Cancelled):
        prepare([media("clip_1080p_20s.mp4")], out=tmp_path / "out", progress=stop, cancel=cancel)
    assert max(parts) < 1
    assert reading.left(tmp_path) == []


def test_interrupted_while_it_encodes(media: Media, tmp_path: Path) -> None:
    """Ctrl-C comes to the main thread, which waits for the others: they must be stopped, not waited for."""
    parts, sent = [], []

    def interrupt(event: Progress) -> None:
        if event.stage != "prepare":
            return
        parts.append(event.part)
        if 0 < event.part < 1 and not sent:
            sent.append(True)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        prepare([media("clip_1080p_20s.mp4")], out=tmp_path / "out", progress=interrupt)
    assert max(parts) < 0.9
    assert reading.left(tmp_path) == []
