"""The cache of prepared files: it spares work, and is not believed when it was spoilt."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import imageio_ffmpeg
import pytest

from fixtures.clip import encode_clip
from prep import plan, prepare
from prep.execution.cache import Cache
from prep.execution.parts import LARGE_BYTES, MOST_HASHED_BYTES
from tests.types import Media

COMMENT = b"\xff\xfe\0\x07hello"


def _replace(cache: Path) -> bytes:
    """Put a JPEG with a comment in the place of the one that *cache* holds, and return it."""
    [kept] = _prepared(cache)
    whole = kept.read_bytes()
    other = whole[:2] + COMMENT + whole[2:]
    kept.with_name(f"{kept.name.partition('.')[0]}.{sha256(other).hexdigest()}").write_bytes(other)
    kept.unlink()
    return other


def _prepared(cache: Path) -> set[Path]:
    """The prepared files in *cache*, where what was seen is kept as well."""
    return {path for path in cache.iterdir() if path.suffix != ".look"}


def test_the_same_is_made_once(media: Media, tmp_path: Path) -> None:
    prepare([media("photo_orient6.jpg")], out=tmp_path / "a", cache=tmp_path / "cache")
    other = _replace(tmp_path / "cache")
    renamed = tmp_path / "renamed.jpg"
    renamed.write_bytes(media("photo_orient6.jpg").read_bytes())
    manifest = prepare([f"hero={renamed}"], out=tmp_path / "b", cache=tmp_path / "cache")
    output = tmp_path / "b" / (manifest.entries[0].output.path or "")
    assert output.read_bytes() == other, "the content counts, not its name"
    assert output.stat().st_nlink == 1, "whoever edits a file edits no other"


@pytest.mark.parametrize("change", ["steps", "content"])
def test_anything_else_is_made(media: Media, tmp_path: Path, change: str) -> None:
    prepare([media("photo_orient6.jpg")], out=tmp_path / "a", cache=tmp_path / "cache")
    crop = f"{media('photo_orient6.jpg')}#xywh=0,0,400,400"
    prepare([crop if change == "steps" else media("photo_orient8.jpg")], out=tmp_path / "b", cache=tmp_path / "cache")
    assert Cache(tmp_path / "cache").contents().files == 2


def test_another_ffmpeg_makes_its_own(media: Media, tmp_path: Path) -> None:
    program = tmp_path / "other-ffmpeg"
    real = imageio_ffmpeg.get_ffmpeg_exe()
    program.write_text(f'#!/bin/sh\n[ "$1" = -version ] && echo ffmpeg version 99.9 && exit\nexec {real} "$@"\n')
    program.chmod(0o755)
    command = [sys.executable, "-m", "submit.command", "prep", str(media("photo_orient6.jpg")), "--out"]
    for out, ffmpeg in (("a", {}), ("b", {"FFMPEG_BINARY": str(program)})):
        environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), **ffmpeg}
        subprocess.run([*command, out], env=environment, check=True, capture_output=True)
    assert Cache(tmp_path / "prep-and-submit" / "prepared").contents().files == 2


def test_what_was_spoilt_is_made_anew(media: Media, tmp_path: Path) -> None:
    first = prepare([media("photo_orient6.jpg")], out=tmp_path / "a", cache=tmp_path / "cache")
    [kept] = _prepared(tmp_path / "cache")
    kept.write_bytes(kept.read_bytes()[:-1] + b"!")
    second = prepare([media("photo_orient6.jpg")], out=tmp_path / "b", cache=tmp_path / "cache")
    assert first.entries[0].output.sha256 == second.entries[0].output.sha256
    [kept] = _prepared(tmp_path / "cache")
    assert kept.name.endswith(second.entries[0].output.sha256)


def test_a_part_of_a_large_file_is_made_once_without_reading_all_of_it(media: Media, tmp_path: Path) -> None:
    """It has no hash; when the file is written to, even between the samples of its content, the part is made again."""
    large = tmp_path / "large.mp4"
    clip = media("clip_1080p_20s.mp4").read_bytes()
    padding = LARGE_BYTES.to_bytes(4, "big") + b"free"
    large.write_bytes(clip + padding)
    os.truncate(large, len(clip) + LARGE_BYTES)
    part, cache = f"{large}#t=3,6", tmp_path / "cache"
    entry = prepare([part], out=tmp_path / "a", cache=cache).entries[0]
    assert (entry.source.sha256, entry.source.fingerprint) == (None, plan([part]).entries[0].fingerprint)
    kept = _prepared(cache)
    assert len(kept) == 1
    prepare([part], out=tmp_path / "b", cache=cache)
    assert _prepared(cache) == kept
    with large.open("r+b") as file:
        file.seek(len(clip) + 3_000_000)
        file.write(b"x")
    changed = prepare([part], out=tmp_path / "c", cache=cache).entries[0]
    assert changed.source.fingerprint == entry.source.fingerprint
    assert len(_prepared(cache) - kept) == 1


def test_a_file_of_any_size_is_not_read_whole_for_its_hash(tmp_path: Path) -> None:
    """A sparse file takes no room, and may be so large that reading it takes hours."""
    huge = tmp_path / "huge.mp4"
    encode_clip(huge, size=(426, 240), seconds=3)
    with huge.open("ab") as file:
        file.write((1).to_bytes(4, "big") + b"free" + (16 + MOST_HASHED_BYTES).to_bytes(8, "big"))
    os.truncate(huge, huge.stat().st_size + MOST_HASHED_BYTES)
    entry = prepare([huge], out=tmp_path / "out", cache=tmp_path / "cache").entries[0]
    assert (entry.source.sha256, entry.source.fingerprint) == (None, plan([huge]).entries[0].fingerprint)


def test_a_part_of_a_small_file_has_a_hash(media: Media, tmp_path: Path) -> None:
    clip = media("clip_1080p_20s.mp4")
    source = prepare([f"{clip}#t=3,6"], out=tmp_path / "a").entries[0].source
    assert (source.sha256, source.fingerprint) == (sha256(clip.read_bytes()).hexdigest(), None)


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


def test_files_of_others_in_its_folder_stay(tmp_path: Path) -> None:
    """As a home or a folder of photos that somebody names as the cache has them."""
    names = [".profile", f".making-{'0' * 31}", "photo.jpg", "settings.json", f"{'a' * 64}.jpg"]
    for name in names:
        (tmp_path / name).write_bytes(b"x" * 30)
        os.utime(tmp_path / name, (1000, 1000))
    half_made = tmp_path / f".making-{'0' * 32}"
    half_made.touch()
    os.utime(half_made, (1000, 1000))
    cache, source = Cache(tmp_path, max_bytes=25), tmp_path / "photo.jpg"
    source.write_bytes(b"x" * 20)
    cache.keep("a" * 64, source)
    assert (cache.contents().files, cache.contents().bytes) == (1, 20)
    assert cache.prune(0) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


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
