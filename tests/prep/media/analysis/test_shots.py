"""Cuts in files as encoders write them: told by the pictures that were put together."""

from pathlib import Path

import pytest

from fixtures.ffmpeg import BITEXACT, ffmpeg
from prep.media.analysis import shots
from prep.media.analysis.shots import cuts_between
from prep.media.probe.dispatch import demuxer_of
from prep.model.media import VideoInfo
from tests.prep.media.scenes import scene
from tests.prep.probed import probe

SIZE, RATE = (426, 240), 25
# A shot ends after so many pictures: none on a keyframe of a GOP that is 25 long.
LENGTHS, CUTS_S = (40, 33, 52), (40 / RATE, 73 / RATE)
FIXED = ("-g", "25", "-sc_threshold", "0", "-bf", "0")
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "24")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=25:scenecut=0")


def _film(path: Path, encoder: tuple[str, ...], lengths: tuple[int, ...] = LENGTHS) -> VideoInfo:
    """A shot of each of *lengths*: a camera that moves over a scene of its own."""
    inputs, chains = [], []
    for index, length in enumerate(lengths):
        picture = path.with_name(f"{index}.png")
        scene(index, (1024, 288)).save(picture)
        inputs += ["-framerate", str(RATE), "-i", str(picture)]
        crop = f"crop={SIZE[0]}:{SIZE[1]}:x='mod(n*4,500)':y=24"
        chains.append(
            f"[{index}]loop=-1:1:0,trim=end_frame={length},setpts=N/{RATE}/TB,{crop},format=yuv420p[s{index}]"
        )
    joined = "".join(f"[s{index}]" for index in range(len(lengths)))
    graph = ";".join([*chains, f"{joined}concat=n={len(lengths)}[v]"])
    ffmpeg(*inputs, "-filter_complex", graph, "-map", "[v]", *encoder, *BITEXACT, str(path))
    info = probe(path, None)
    assert isinstance(info, VideoInfo)
    return info


@pytest.mark.parametrize(
    ("name", "encoder"),
    [
        ("scenecut.mp4", X264),
        ("fixed.mp4", (*X264, *FIXED)),
        ("long.mp4", (*X264, "-g", "250", "-sc_threshold", "0")),
        ("hevc.mp4", HEVC),
        ("vp9.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k")),
        ("intra.mov", ("-c:v", "mjpeg", "-q:v", "5")),
        ("tv.ts", ("-c:v", "mpeg2video", "-b:v", "3M", "-g", "12")),
    ],
)
def test_cuts(tmp_path: Path, name: str, encoder: tuple[str, ...]) -> None:
    path = tmp_path / name
    info = _film(path, encoder)
    found = cuts_between(path, demuxer_of(path), info, 0.0, info.duration_s)
    assert found == pytest.approx(CUTS_S, abs=0.021)  # WebM counts milliseconds; a TS begins anywhere


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, VideoInfo]:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return path, _film(path, (*X264, *FIXED, "-movflags", "+faststart"))


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
def test_of_a_part(film: tuple[Path, VideoInfo], start_s: float, end_s: float, found: tuple[float, ...]) -> None:
    path, info = film
    assert cuts_between(path, demuxer_of(path), info, start_s, end_s) == found


@pytest.mark.parametrize("window_s", [1.1, 1.6, 2.0, 2.92])
@pytest.mark.parametrize("encoder", [(*X264, *FIXED), ("-c:v", "mjpeg", "-q:v", "5")], ids=["h264", "mjpeg"])
def test_where_two_windows_meet(
    tmp_path: Path, encoder: tuple[str, ...], window_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shots, "WINDOW_S", window_s)
    path = tmp_path / "film.mov"
    info = _film(path, encoder)
    assert cuts_between(path, demuxer_of(path), info, 0.0, 5.0) == pytest.approx(CUTS_S)


def test_no_more_is_decoded_than_allowed(film: tuple[Path, VideoInfo]) -> None:
    path, info = film
    second = SIZE[0] * SIZE[1] * RATE
    assert cuts_between(path, demuxer_of(path), info, 0.0, 5.0, most_pixels=second / 2) == ()
    assert len(cuts_between(path, demuxer_of(path), info, 0.0, 5.0, most_pixels=second * 1.1)) == 1
    assert len(cuts_between(path, demuxer_of(path), info, 0.0, 5.0, most_pixels=second * 5.1)) == 2


@pytest.mark.parametrize("encoder", [(*X264, *FIXED), HEVC], ids=["h264", "hevc"])
def test_one_shot_has_none(tmp_path: Path, encoder: tuple[str, ...]) -> None:
    path = tmp_path / "one.mp4"
    info = _film(path, encoder, lengths=(120,))
    assert cuts_between(path, demuxer_of(path), info, 0.0, info.duration_s) == ()


def test_what_stops_decoding_is_seen_as_far_as_it_goes(film: tuple[Path, VideoInfo], tmp_path: Path) -> None:
    whole, info = film
    part = tmp_path / "part.mp4"
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle:] = bytes(len(data) - middle)  # its index is in front
    part.write_bytes(data)
    assert set(cuts_between(part, demuxer_of(part), info, 0.0, 5.0)) <= set(CUTS_S)
