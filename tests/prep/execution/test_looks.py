"""Answers that a cache remembers about the inside of files: judged by answers that are changed in it."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from prep import Options, Plan, plan, prepare, price
from prep.execution.cache import Cache
from prep.model.media import ImageInfo
from tests.types import Media

BEST = Options(window="best")
NAMES = ["clip_1080p_20s.mp4", "photo_orient6.jpg", "silence_then_speech.wav"]


def _answers(cache: Path, word: str) -> dict[Path, Any]:
    """What *cache* remembers, where it holds *word*."""
    kept = {path: json.loads(path.read_text().partition("\n")[2]) for path in cache.glob("*.look")}
    return {path: answer for path, answer in kept.items() if word in json.dumps(answer)}


def _change(look: Path, answer: Any) -> None:
    Cache(look.parent).remember(look.stem, json.dumps(answer).encode())


def _with_a_cut(cache: Path) -> None:
    """Let the one remembered answer about cuts say that there is one at 11 s."""
    [(path, answer)] = _answers(cache, "unseen").items()
    _change(path, answer | {"times_s": [11.0]})


def _profile(photo: Path, cache: Path) -> str | None:
    info = plan([photo], cache=cache).entries[0].source
    assert isinstance(info, ImageInfo)
    return info.icc


def _rules(planned: Plan) -> set[str]:
    return {finding.rule for finding in planned.warnings}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", [Options(), BEST, Options(fit="crop")], ids=["default", "best", "crop"])
def test_a_plan_from_memory_is_the_same(media: Media, tmp_path: Path, name: str, options: Options) -> None:
    fresh = plan([media(name)], options=options)
    for _ in range(2):
        assert plan([media(name)], options=options, cache=tmp_path / "cache") == fresh


def test_a_file_is_not_looked_at_twice(media: Media, tmp_path: Path) -> None:
    clip, cache = f"{media('clip_1080p_20s.mp4')}#t=8,14", tmp_path / "cache"
    assert "video-several-shots" not in _rules(plan([clip], cache=cache))
    _with_a_cut(cache)
    assert "video-several-shots" in _rules(plan([clip], cache=cache))
    manifest = prepare([clip], out=tmp_path / "out", cache=cache)
    assert "video-several-shots" in {finding.rule for finding in manifest.findings}
    assert "video-several-shots" not in _rules(plan([clip])), "without the cache it is looked at"


def test_a_file_is_not_probed_twice_until_it_changes(media: Media, tmp_path: Path) -> None:
    photo, cache = Path(shutil.copy(media("photo_orient6.jpg"), tmp_path)), tmp_path / "cache"
    plan([photo], cache=cache)
    [(path, (facts, demuxer))] = _answers(cache, "has_alpha").items()
    _change(path, [facts | {"icc": "remembered"}, demuxer])
    assert _profile(photo, cache) == "remembered"
    photo.write_bytes(photo.read_bytes())
    assert _profile(photo, cache) != "remembered"


def test_another_question_is_asked(media: Media, tmp_path: Path) -> None:
    clip, cache = media("clip_1080p_20s.mp4"), tmp_path / "cache"
    plan([f"{clip}#t=8,14"], cache=cache)
    _with_a_cut(cache)
    assert "video-several-shots" not in _rules(plan([f"{clip}#t=7,14"], cache=cache))


def test_a_file_that_was_touched_is_looked_at_again(media: Media, tmp_path: Path) -> None:
    clip, cache = Path(shutil.copy(media("clip_1080p_20s.mp4"), tmp_path)), tmp_path / "cache"
    plan([f"{clip}#t=8,14"], cache=cache)
    _with_a_cut(cache)
    os.utime(clip, (1, 1))
    assert "video-several-shots" not in _rules(plan([f"{clip}#t=8,14"], cache=cache))


@pytest.mark.parametrize("nonsense", ["", "{", "[]", '{"times_s": "x"}', "\x00"])
def test_nonsense_is_not_believed(media: Media, tmp_path: Path, nonsense: str) -> None:
    clip, cache = f"{media('clip_1080p_20s.mp4')}#t=8,14", tmp_path / "cache"
    fresh = plan([clip], cache=cache)
    for path in cache.glob("*.look"):
        Cache(cache).remember(path.stem, nonsense.encode())
    assert plan([clip], cache=cache) == fresh
    assert _answers(cache, "unseen"), "and replaced"


@pytest.mark.parametrize("change", [(b'"sar":"1:1"', b'"sar":"0:0"'), (b'"width":1920', b'"width":1921'), (b"\n", b"")])
def test_what_was_changed_on_the_disk_is_not_believed(
    media: Media, tmp_path: Path, change: tuple[bytes, bytes]
) -> None:
    clip, cache = media("clip_1080p_20s.mp4"), tmp_path / "cache"
    fresh, changed = plan([clip], cache=cache), 0
    for path in cache.glob("*.look"):
        before = path.read_bytes()
        path.write_bytes(before.replace(*change))
        changed += path.read_bytes() != before
    assert changed
    assert plan([clip], cache=cache) == fresh


def test_nothing_is_remembered_without_a_cache_or_of_content(media: Media, tmp_path: Path) -> None:
    plan([media("clip_1080p_20s.mp4").read_bytes()], options=BEST, cache=tmp_path / "cache")
    assert Cache(tmp_path / "cache").contents().looks == 0


def test_a_cache_that_can_not_be_written_is_none(media: Media, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here is no folder")
    assert plan([media(NAMES[0])], cache=tmp_path / "file" / "cache") == plan([media(NAMES[0])])


def test_a_price_remembers_too(media: Media, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert price([media(NAMES[0])], cache=cache) == price([media(NAMES[0])], cache=cache)
    assert Cache(cache).contents().looks > 0
