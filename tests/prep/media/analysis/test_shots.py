"""Cuts in files as encoders write them: judged by the pictures that were put together."""

from pathlib import Path

import pytest

from prep.media.analysis.shots import cuts_between
from prep.media.probe.dispatch import demuxer_of
from prep.model.analysis import Cuts
from prep.model.media import VideoInfo
from tests.prep.media.scenes import FIXED, RATE, SIZE, X264, film
from tests.prep.probed import probe

# A shot ends after so many pictures: none on a keyframe of a GOP that is 25 long.
LENGTHS, CUTS_S = (40, 33, 52), (40 / RATE, 73 / RATE)
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=25:scenecut=0")
LONG = (*X264, "-g", "250", "-sc_threshold", "0", "-bf", "0")
LETTERBOX = "scale=426:178,pad=426:240:0:31"
PILLARBOX = "scale=136:240,pad=426:240:145:0"


def _cuts(path: Path, start_s: float = 0.0, end_s: float | None = None, **most: float) -> Cuts:
    info = probe(path)
    assert isinstance(info, VideoInfo)
    return cuts_between(path, demuxer_of(path), info, (start_s, info.duration_s if end_s is None else end_s), **most)


@pytest.mark.parametrize(
    ("name", "encoder"),
    [
        ("scenecut.mp4", X264),
        ("fixed.mp4", (*X264, *FIXED)),
        ("long.mp4", LONG),
        ("hevc.mp4", HEVC),
        ("vp9.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k")),
        ("intra.mov", ("-c:v", "mjpeg", "-q:v", "5")),
        ("tv.ts", ("-c:v", "mpeg2video", "-b:v", "3M", "-g", "12")),
    ],
)
def test_cuts(tmp_path: Path, name: str, encoder: tuple[str, ...]) -> None:
    found = _cuts(film(tmp_path / name, encoder, LENGTHS))
    assert found.times_s == pytest.approx(CUTS_S, abs=0.021)  # WebM counts milliseconds; a TS begins anywhere
    assert found.unseen == ()


@pytest.mark.parametrize("bars", [LETTERBOX, PILLARBOX], ids=["letterbox", "pillarbox"])
def test_black_bars_hide_no_cut(tmp_path: Path, bars: str) -> None:
    path = film(tmp_path / "bars.mp4", (*X264, *FIXED), (40, 33, 52, 30), after=bars)
    assert _cuts(path).times_s == pytest.approx((*CUTS_S, 125 / RATE))


@pytest.mark.parametrize("name", ["cutaway.mp4", "cutaway.mkv"])
def test_a_scene_that_comes_back_before_the_next_keyframe(tmp_path: Path, name: str) -> None:
    """The keyframes, 4 s apart, show nothing of it; the sizes of the pictures between do, or nobody knows them."""
    encoder = (*X264, "-g", "100", "-sc_threshold", "0", "-bf", "0")
    path = film(tmp_path / name, encoder, (30, 40, 100), (1, 2, 1))
    assert _cuts(path).times_s == pytest.approx((30 / RATE, 70 / RATE), abs=1.1 / RATE)


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("film") / "film.mp4", (*X264, *FIXED, "-movflags", "+faststart"), LENGTHS)


@pytest.mark.parametrize(
    ("start_s", "end_s", "found"),
    [
        (0.0, 1.6, ()),
        (1.6, 2.92, ()),
        (2.92, 5.0, ()),
        (0.5, 2.0, (1.6,)),
        (1.7, 5.0, (2.92,)),
        (1.0, 4.0, (1.6, 2.92)),
        (1.5, 2.9, ()),  # less than 0.15 s of the first shot is none
    ],
)
def test_of_a_part(fixed: Path, start_s: float, end_s: float, found: tuple[float, ...]) -> None:
    assert _cuts(fixed, start_s, end_s) == Cuts(times_s=found)


def test_what_follows_a_part_is_not_decoded(tmp_path: Path) -> None:
    """The only keyframe is the first picture, and all of the clip would be more than is allowed."""
    path = film(tmp_path / "long.mp4", LONG, LENGTHS)
    most = SIZE[0] * SIZE[1] * RATE * 2.1
    assert _cuts(path, 0.5, 2.0, max_pixels=most) == Cuts(times_s=(1.6,))


def test_no_more_is_decoded_than_allowed(fixed: Path) -> None:
    second = SIZE[0] * SIZE[1] * RATE
    for seconds, found in ((0.5, 0), (1.1, 1), (5.1, 2)):
        cuts = _cuts(fixed, max_pixels=second * seconds)
        assert len(cuts.times_s) == found
        unseen = [time_s for time_s in CUTS_S if any(each.start_s < time_s < each.end_s for each in cuts.unseen)]
        assert len(unseen) == 2 - found, "what was not decoded is said"
        assert all(stretch.costly for stretch in cuts.unseen)


@pytest.mark.parametrize("encoder", [(*X264, *FIXED), HEVC, LONG], ids=["h264", "hevc", "long"])
def test_one_shot_has_none(tmp_path: Path, encoder: tuple[str, ...]) -> None:
    assert _cuts(film(tmp_path / "one.mp4", encoder, (120,))) == Cuts()


def test_what_stops_decoding_is_seen_as_far_as_it_goes(fixed: Path, tmp_path: Path) -> None:
    part = tmp_path / "part.mp4"
    data = bytearray(fixed.read_bytes())
    middle = len(data) // 2
    data[middle:] = bytes(len(data) - middle)  # its index is in front
    part.write_bytes(data)
    assert set(_cuts(part, 0.0, 5.0).times_s) <= set(CUTS_S)
