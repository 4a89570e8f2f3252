"""A look through a sound: the level of each moment, and whether somebody speaks, with no samples kept."""

import warnings
from array import array
from collections.abc import Iterator
from math import log10
from typing import Any

from prep.media.audio.downmix import Mix
from prep.media.audio.reader import frames_between
from prep.media.container.demux import open_container
from prep.model.analysis import HEARD_STEP_S, Heard
from prep.model.byte_source import Openable
from prep.model.media import AudioInfo

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it left the standard library in 3.13, where audioop-lts stands in
    import audioop

# The speech detector takes this; a step has to be 10, 20 or 30 ms.
RATE_HZ, SAMPLE_BYTES = 16_000, 2
STEP_SAMPLES = round(HEARD_STEP_S * RATE_HZ)
LEAST_DBFS = -90
# Twenty minutes take about a second; of a longer sound, stretches spread over all of it are heard.
WHOLE_S, STRETCHES, STRETCH_S = 1200.0, 30, 40.0
# A sum below this share of its channels is what is left of opposite ones.
OPPOSITE = 0.1
STRICTNESS = 2  # of 0..3: 3 takes quiet speech for noise, 0 noise for speech


def listen(item: Openable, demuxer: str, info: AudioInfo) -> tuple[Heard, ...]:
    """Levels and speech in the chosen stream of *item*, as far as it decodes."""
    with open_container(item, demuxer) as container:
        if info.duration_s <= WHOLE_S:
            return (_heard(container, info, 0.0, info.duration_s),)
        apart_s = (info.duration_s - STRETCH_S) / (STRETCHES - 1)
        return tuple(_heard(container, info, round(index * apart_s, 3), STRETCH_S) for index in range(STRETCHES))


def _heard(container: Any, info: AudioInfo, start_s: float, seconds: float) -> Heard:
    levels, speech, is_speech = array("b"), array("b"), _detector()
    for step in _steps(container, info, start_s, seconds):
        rms = audioop.rms(step, SAMPLE_BYTES)
        levels.append(max(LEAST_DBFS, round(20 * log10(rms / 32_768))) if rms else LEAST_DBFS)
        if is_speech is not None:
            speech.append(is_speech(_mono(step), RATE_HZ))
    return Heard(
        start_s=start_s,
        levels_dbfs=tuple(levels),
        speech=tuple(map(bool, speech)) if is_speech is not None else None,
    )


def _steps(container: Any, info: AudioInfo, start_s: float, seconds: float) -> Iterator[bytes]:
    """PCM of the stretch, mono or stereo, in steps of equal length; a shorter last one is left out."""
    channels = min(info.channels, 2)
    resampler, frame_bytes = Mix(RATE_HZ, channels), channels * SAMPLE_BYTES
    step_bytes = STEP_SAMPLES * frame_bytes
    buffer, left = bytearray(), round(seconds / HEARD_STEP_S)
    for frame in frames_between(container, info, start_s):
        for piece in resampler.resample(frame):
            buffer += bytes(piece.planes[0])[: piece.samples * frame_bytes]
        whole = len(buffer) // step_bytes
        for index in range(min(whole, left)):
            yield bytes(buffer[index * step_bytes : (index + 1) * step_bytes])
        left -= whole
        if left <= 0:
            return
        del buffer[: whole * step_bytes]


def _mono(step: bytes) -> bytes:
    """Both channels of *step* as one: the difference where the sum is nearly silent, since they are opposite."""
    if len(step) == STEP_SAMPLES * SAMPLE_BYTES:
        return step
    added = audioop.tomono(step, SAMPLE_BYTES, 0.5, 0.5)
    if audioop.rms(added, SAMPLE_BYTES) >= OPPOSITE * audioop.rms(step, SAMPLE_BYTES):
        return added
    return audioop.tomono(step, SAMPLE_BYTES, 0.5, -0.5)


def _detector() -> Any | None:
    """A speech detector, new for each stretch since it adapts to what came before; None without the extra `speech`."""
    try:
        import webrtcvad
    except ImportError:
        return None
    return webrtcvad.Vad(STRICTNESS).is_speech
