"""Frames at a few moments of clips that can't be sought."""

from pathlib import Path

import av
import pytest

from prep import check
from prep.media.analysis.moments import frames_at
from prep.model.media import VideoInfo
from tests.types import Media


def _info(path: Path) -> VideoInfo:
    info = check([path]).references[0].info
    assert isinstance(info, VideoInfo)
    return info


@pytest.mark.parametrize("apart_s", [None, 0.1])
def test_a_time_that_can_not_be_sought_is_left_out(media: Media, apart_s: float | None) -> None:
    path = media("short_1s.mp4")
    with av.open(str(path)) as container:
        assert len(list(frames_at(container, _info(path), [1e30, 0.5, -1e30], apart_s))) == 1


@pytest.mark.parametrize("apart_s", [None, 0.1])
def test_a_stream_that_has_no_index_gives_no_frames(media: Media, tmp_path: Path, apart_s: float | None) -> None:
    info = _info(media("short_1s.mp4"))
    with av.open(str(media("short_1s.mp4"))) as source, av.open(str(tmp_path / "raw.h264"), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    with av.open(str(tmp_path / "raw.h264")) as container:
        assert list(frames_at(container, info, [0.0, 0.5], apart_s)) == []
