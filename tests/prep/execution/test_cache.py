"""What was made before is not made again, and what is kept wrongly is not believed."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prep import Options, prepare
from prep.execution import maker
from prep.execution.cache import Cache
from prep.media.image.encode import make_image
from prep.model.task import Task
from prep.rules.findings import Findings
from tests.types import Media


@pytest.fixture
def encodes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The label of each file that is really made."""
    made: list[str] = []

    def counted(task: Task) -> Findings:
        made.append(task.entry.label)
        return make_image(task)

    monkeypatch.setattr(maker, "make_image", counted)
    return made


def test_the_same_is_made_once(media: Media, tmp_path: Path, encodes: list[str]) -> None:
    first = prepare([media("photo_orient6.jpg")], out=tmp_path / "a", cache=tmp_path / "cache")
    again = tmp_path / "renamed.jpg"
    again.write_bytes(media("photo_orient6.jpg").read_bytes())
    second = prepare([f"hero={again}"], out=tmp_path / "b", cache=tmp_path / "cache")
    assert encodes == ["photo_orient6.jpg"], "the content counts, not its name"
    made = [(tmp_path / "a" / first.entries[0].output.path), (tmp_path / "b" / second.entries[0].output.path)]
    assert made[0].read_bytes() == made[1].read_bytes()
    assert second.entries[0].output.sha256 == first.entries[0].output.sha256
    assert made[0].stat().st_nlink == made[1].stat().st_nlink == 1, "whoever edits a file edits no other"


@pytest.mark.parametrize("change", ["steps", "content", "tools"])
def test_anything_else_is_made(
    media: Media, tmp_path: Path, encodes: list[str], change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare([media("photo_orient6.jpg")], out=tmp_path / "a", cache=tmp_path / "cache")
    reference = f"{media('photo_orient6.jpg')}"
    if change == "steps":
        reference += "#xywh=0,0,400,400"
    elif change == "content":
        reference = str(media("photo_orient8.jpg"))
    else:
        monkeypatch.setattr("prep.execution.cache.tool_versions", lambda: "another ffmpeg")
    prepare([reference], out=tmp_path / "b", cache=tmp_path / "cache", options=Options())
    assert len(encodes) == 2


def test_what_was_spoilt_is_made_anew(media: Media, tmp_path: Path, encodes: list[str]) -> None:
    first = prepare([media("photo_orient6.jpg")], out=tmp_path / "a", cache=tmp_path / "cache")
    [kept] = (tmp_path / "cache").iterdir()
    kept.write_bytes(kept.read_bytes()[:-1] + b"!")
    second = prepare([media("photo_orient6.jpg")], out=tmp_path / "b", cache=tmp_path / "cache")
    assert len(encodes) == 2
    assert first.entries[0].output.sha256 == second.entries[0].output.sha256
    [kept] = (tmp_path / "cache").iterdir()
    assert kept.name.endswith(second.entries[0].output.sha256)


def test_a_file_that_complies_is_not_kept(media: Media, tmp_path: Path) -> None:
    prepare([media("at_limit_300.png")], out=tmp_path / "a", cache=tmp_path / "cache")
    assert Cache(tmp_path / "cache").contents().files == 0


def test_the_longest_unused_go_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", max_bytes=25)
    source = tmp_path / "source"
    for at, name in enumerate(("a", "b", "c")):
        source.write_bytes(name.encode() * 10)
        cache.keep(name * 64, source)
        for path in cache.folder.glob(f"{name}*"):
            os.utime(path, (1000 + at, 1000 + at))
    assert sorted(path.name[0] for path in cache.folder.iterdir()) == ["b", "c"]
    assert cache.fetch("b" * 64, tmp_path / "target"), "which makes it the latest used"
    source.write_bytes(b"d" * 10)
    cache.keep("d" * 64, source)
    assert sorted(path.name[0] for path in cache.folder.iterdir()) == ["b", "d"]
    source.write_bytes(b"e" * 26)
    cache.keep("e" * 64, source)
    assert cache.contents().files == 2, "what is larger than all of it is not kept"
    assert (cache.prune(10), cache.contents().bytes, cache.prune(0), cache.contents().files) == (1, 10, 1, 0)


def test_a_cache_that_can_not_be_used_is_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file")
    cache.keep("a" * 64, tmp_path / "file")
    assert not cache.fetch("a" * 64, tmp_path / "target")
    assert (cache.contents().files, cache.prune(0)) == (0, 0)


def test_many_at_once(tmp_path: Path) -> None:
    """Keeping, fetching and pruning at the same time: what is fetched is whole, or nothing."""
    cache, source = Cache(tmp_path / "cache"), tmp_path / "source"
    source.write_bytes(os.urandom(200_000))
    begun = threading.Barrier(6)

    def work(index: int) -> None:
        begun.wait()
        for turn in range(30):
            if index == 0:
                cache.prune(0)
            elif index % 2:
                cache.keep("a" * 64, source)
            else:
                target = tmp_path / f"target-{index}-{turn}"
                found = cache.fetch("a" * 64, target)
                assert target.exists() == found
                assert not found or target.read_bytes() == source.read_bytes()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
