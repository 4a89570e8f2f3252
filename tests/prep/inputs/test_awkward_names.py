"""Names that files may have, through the whole of prepare."""

import json
from pathlib import Path

import pytest
from PIL import Image

from fixtures.make import QUADRANTS, read_quadrants
from prep import prepare
from tests.prep.media import reading
from tests.types import Media


@pytest.mark.parametrize(
    "name",
    [
        "-dash.jpg",
        "--out",
        " leading and trailing ",
        "with space.jpg",
        "ünï¢ødé 写真.jpg",
        "hash#t=1,2.jpg",
        "question?.jpg",
        "a=b.jpg",
        "100%.jpg",
        "%d.jpg",
        "new\nline.jpg",
        "tab\t.jpg",
        "quote'\".jpg",
        "back\\slash.jpg",
        "semi;colon&amp.jpg",
        "brack[et]*.jpg",
        "concat:x|y.jpg",
        "http:evil.jpg",
        ".hidden",
        "no extension",
        "…",
        "x" * 250,
    ],
)
@pytest.mark.parametrize("fixture", ["photo_orient6.jpg", "short_1s.wav"])
def test_awkward_names(media: Media, tmp_path: Path, fixture: str, name: str) -> None:
    (tmp_path / name).write_bytes(media(fixture).read_bytes())
    beside = [media("at_limit_300.png")] if fixture.endswith("wav") else []
    manifest = prepare([*beside, name], out="out")
    entry = manifest.entries[-1]
    assert entry.source.path == name
    output = tmp_path / "out" / entry.output.path
    assert output.parent == tmp_path / "out"
    assert set(entry.output.path) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert not entry.output.path.startswith(("-", "."))
    assert len(entry.output.path) <= 100
    assert json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["entries"][-1]["source"]["path"] == name
    if fixture.endswith("jpg"):
        with Image.open(output) as image:
            assert read_quadrants(image) == tuple(QUADRANTS.values())
    else:
        assert reading.sound(output).duration_s >= 2


@pytest.mark.parametrize("name", ["-dash.mp4", "100%d ünï:ç.mp4", "new\nline.mp4", "file:x.mp4"])
def test_awkward_names_of_videos(media: Media, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(media("short_1s.mp4").read_bytes())
    entry = prepare([name], out="out").entries[0]
    assert reading.picture(tmp_path / "out" / entry.output.path).frames == 60
