"""Parts that begin and end near keyframes that can't be cut at, judged by decoding all of what comes out."""

from pathlib import Path

import pytest

from fixtures.clip import encode_clip, remux
from tests.prep.media import reading
from tests.types import Made

SIZE = (854, 480)


@pytest.fixture(scope="module", params=["h264", "hevc"])
def open_gop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 fps, a keyframe every 40 frames; pictures shown before it are decoded after it and need both sides."""
    path = tmp_path_factory.mktemp("open") / f"{request.param}.mp4"
    gop = "open-gop=1:bframes=3:b-adapt=0:keyint=40:min-keyint=40:scenecut=0"
    x265 = ("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params", f"log-level=error:{gop}")
    x264 = ("-c:v", "libx264", "-preset", "veryfast", "-x264-params", gop)
    encode_clip(path, size=SIZE, seconds=5, video=x264 if request.param == "h264" else x265)
    return path


# a keyframe is shown as the 40th, and decoded as the 37th at the latest
@pytest.mark.parametrize(("first", "last"), [(36, 115), (37, 116), (40, 119)])
def test_no_picture_is_lost_at_an_open_gop(made: Made, open_gop: Path, first: int, last: int) -> None:
    path, _ = made(f"{open_gop}#t={first / 30:.4f},{(last + 1) / 30:.4f}")
    assert reading.clocks(path) == list(range(first, last + 1))
    assert reading.picture(path).duration_s == pytest.approx((last + 1 - first) / 30, abs=0.001)


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cut by copying at frame 42 of 180: an edit list hides all from the keyframe at 0; the next are at 60 and 120."""
    folder = tmp_path_factory.mktemp("hidden")
    encode_clip(folder / "whole.mp4", size=SIZE, seconds=6)
    remux(folder / "whole.mp4", folder / "hidden.mp4", before=("-ss", "1.4"))
    return folder / "hidden.mp4"


@pytest.mark.parametrize(
    ("part", "first", "last", "steps"),
    [
        ("t=,2", 42, 101, ["trim", "encode-video"]),
        ("t=2,4", 102, 161, ["trim", "encode-video"]),
        ("t=0.6,2.6", 60, 119, ["trim", "remux"]),
        ("t=0.6", 60, 179, ["trim", "remux"]),
    ],
)
def test_what_an_edit_list_hides_does_not_count(
    made: Made, hidden: Path, part: str, first: int, last: int, steps: list[str]
) -> None:
    path, entry = made(f"{hidden}#{part}")
    assert reading.clocks(path) == list(range(first, last + 1))
    assert [step.kind for step in entry.steps] == steps
    reading.assert_inside(path)


@pytest.mark.parametrize("first", [38, 39])
def test_no_picture_before_a_keyframe_is_lost_where_all_is_encoded(made: Made, open_gop: Path, first: int) -> None:
    path, entry = made(f"{open_gop}#t={first / 30:.4f},{(first + 75) / 30:.4f}")
    assert reading.clocks(path) == list(range(first, first + 75))
    assert entry.steps[-1].kind == "encode-video"
