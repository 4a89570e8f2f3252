"""The content of a part of a clip, as far as it decodes: its cuts, and how loud it is."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path

from prep.media.analysis.shots import cuts_between
from prep.media.audio.loudness import Meter
from prep.media.audio.reader import frames_between
from prep.media.container.demux import READING_ERRORS, open_container
from prep.model.analysis import Cuts
from prep.model.byte_source import Openable
from prep.model.media import AudioInfo, VideoInfo

Part = tuple[float, float]


def find_cuts(item: Openable, demuxer: str, info: VideoInfo, part: Part, max_pixels: float = inf) -> Cuts:
    """The cuts in *part*, its start and end in seconds of the source; *max_pixels* as in `cuts_between`.

    Content that can't be opened has none: that is an error where a file is made of it. An animated WebP has none, as
    libavformat has no demuxer for it in process.
    """
    with as_far_as_it_goes(item):
        return cuts_between(item, demuxer, info, part, max_pixels)
    return Cuts()


def measure_loudness(item: Openable, demuxer: str, info: VideoInfo | AudioInfo, part: Part) -> float | None:
    """The integrated loudness of *part*; None: there is no sound, or too little of it decodes to be measured."""
    meter = Meter()
    with as_far_as_it_goes(item), open_container(item, demuxer) as container:
        if info.audio_stream is not None:
            for frame in frames_between(container, info, *part):
                meter.hear(frame)
    return meter.lufs


@contextmanager
def as_far_as_it_goes(item: Openable) -> Iterator[None]:
    """End at what can't be read of *item*; raise only what its source has failed with."""
    try:
        with suppress(*READING_ERRORS):
            yield
    finally:
        if not isinstance(item, Path):
            item.raise_failure()
