"""Filters for the soundtrack of a video: at most stereo, at 44.1 or 48 kHz, as long as the picture."""

from math import floor
from typing import Any

from prep.model.media import VideoInfo, soundtrack_rate_hz
from prep.model.plan import Extend, Step, Trim, find

AUDIO_BPS = 160_000
AAC = {"c:a": "aac", "b:a": AUDIO_BPS}
AAC_FRAME = 1024


def filter_sound(stream: Any, info: VideoInfo, steps: tuple[Step, ...], length_s: float | None) -> Any:
    """Apply *steps* to a decoded soundtrack; *length_s* is how long the picture lasts, None: both to their ends.

    AAC comes in whole frames: sound as long as the picture would outlast it by up to 23 ms, and the sum with it.
    """
    extend, trim = find(steps, Extend), find(steps, Trim)
    rate = soundtrack_rate_hz(info.audio_rate_hz)
    stream = stream.filter("aresample", rate, **{"async": 1, "first_pts": 0})
    if (info.audio_channels or 2) > 2:
        stream = stream.filter("aformat", channel_layouts="stereo")
    samples = max(1, round((trim.duration_s if trim else info.duration_s) * rate))
    if extend is not None:
        stream = stream.filter("atrim", end_sample=samples)
    if extend is not None and extend.how == "loop":
        stream = stream.filter("apad", whole_len=samples).filter("aloop", loop=-1, size=samples)
    if length_s is not None:
        samples = floor(length_s * rate / AAC_FRAME) * AAC_FRAME
        # a sound that has ended before the part begins would leave nothing to encode, which is an error
        stream = stream.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
    return stream
