"""A source is sniffed, probed and hashed once in a whole run, and opened a few times."""

from collections.abc import Callable
from pathlib import Path

import pytest

from submit import run
from tests.submit.cloud import Cloud
from tests.submit.touches import Touches

# The most that each may be opened. Fewer is progress: lower the number. Each list of boxes in an MP4 is one opening.
OPENED = {
    "photo.heic": 11,  # becomes a JPEG
    "photo.jpg": 9,  # stays as it is
    "panorama.png": 11,  # is padded
    "clip_1080p_20s.mp4": 97,  # is cut and scaled
    "clip_720p.mp4": 90,  # stays as it is
    "song_20s.mp3": 19,  # is cut
}


def test_each_source_in_a_run(
    media: Callable[[str], Path], tmp_path: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = {name: media(name) for name in OPENED}
    touches = Touches(paths.values(), monkeypatch)
    run(
        list(paths.values()),
        "@Image1 walks like @Video1 to @Audio1",
        out=tmp_path / "out",
        platform=cloud,
        isolation="none",
    )
    counts = {name: dict(touches[path]) for name, path in paths.items()}
    opened = {name: count.pop("opened") for name, count in counts.items()}
    once = {"sniffed": 1, "probed": 1, "sampled": 1, "hashed": 1}
    assert [name for name, count in counts.items() if count != once] == [], counts
    assert [name for name, count in opened.items() if not 0 < count <= OPENED[name]] == [], opened
