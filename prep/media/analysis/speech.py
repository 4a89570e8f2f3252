"""A look through a sound: the level of each moment, and where somebody speaks.

The detector takes about a second for a minute, so of a longer sound it hears a short probe of each block first, and
then only the parts in which the probes found most speech.
"""

import warnings
from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import log10
from typing import Any, NamedTuple

from prep.media.analysis.speech_detector import CHUNK_S, RATE_HZ, Detector, speech_detector
from prep.media.audio.downmix import Mix
from prep.media.audio.reader import frames_between
from prep.media.container.demux import open_container
from prep.model.analysis import HEARD_STEP_S, Heard
from prep.model.byte_source import Openable
from prep.model.media import AudioInfo

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it left the standard library in 3.13, where audioop-lts stands in
    import audioop

SAMPLE_BYTES = 2
STEP_SAMPLES = round(HEARD_STEP_S * RATE_HZ)
STEP_BYTES = STEP_SAMPLES * SAMPLE_BYTES
LEAST_DBFS, SILENT_DBFS = -90, -60
# Twenty minutes take about a second; of a longer sound, stretches spread over all of it are heard.
WHOLE_S, STRETCHES, STRETCH_S = 1200.0, 30, 40.0
# A sum below this share of its channels is what is left of opposite ones.
OPPOSITE = 0.1
# So much is heard by the detector beside probes. A probe is of the loudest moment of each block; the rest of the block
# is likely to be the same where it is almost as loud.
LISTENED_S, BLOCK_S, PROBE_S, LIVELY_DB = 90.0, 10.0, 0.48, 20
# A part is heard with what is around it, where a pause may be. Less speech than SPEECH_S in all of it is none.
MARGIN_S, SPEECH_S = 3.0, 1.0


class _Sound(NamedTuple):
    """A decoded stretch that begins at *start_s*; *pcm* is mono, empty where no detector is there to hear it."""

    start_s: float
    levels: list[int]
    pcm: bytearray

    @property
    def seconds(self) -> float:
        return len(self.levels) * HEARD_STEP_S

    def heard(self, start_s: float, end_s: float, detector: Detector) -> Heard:
        """The part from *start_s* to *end_s* of this stretch, with the speech in it."""
        first, last = _step(start_s), min(_step(end_s), len(self.levels))
        spoken = detector.speech(self.pcm[first * STEP_BYTES : last * STEP_BYTES])
        times_s = ((index + 0.5) * HEARD_STEP_S for index in range(last - first))
        return Heard(
            start_s=round(self.start_s + first * HEARD_STEP_S, 3),
            levels_dbfs=tuple(self.levels[first:last]),
            speech=tuple(spoken[min(int(time_s / CHUNK_S), len(spoken) - 1)] for time_s in times_s) if spoken else None,
        )


class _Span(NamedTuple):
    """A part of a stretch, by start and end in it, and about how many seconds of speech it has."""

    sound: _Sound
    start_s: float
    end_s: float
    speech_s: float


def listen(item: Openable, demuxer: str, info: AudioInfo, length_s: float) -> tuple[Heard, ...]:
    """Levels in the chosen stream of *item*, as far as it decodes, or only the parts with most speech.

    *length_s* is how much of the sound will be kept.
    """
    detector = speech_detector()
    with open_container(item, demuxer) as container:
        sounds = [
            _sound(container, info, start_s, seconds, kept=detector is not None)
            for start_s, seconds in _stretches(info.duration_s)
        ]
    if detector is not None:
        spoken = [sound.heard(start_s, end_s, detector) for sound, start_s, end_s in _parts(sounds, length_s, detector)]
        if sum(sum(part.speech or ()) for part in spoken) * HEARD_STEP_S >= SPEECH_S:
            return tuple(spoken)
    return tuple(Heard(start_s=sound.start_s, levels_dbfs=tuple(sound.levels)) for sound in sounds)


def _stretches(duration_s: float) -> list[tuple[float, float]]:
    """Start and length of each stretch that is decoded."""
    if duration_s <= WHOLE_S:
        return [(0.0, duration_s)]
    apart_s = (duration_s - STRETCH_S) / (STRETCHES - 1)
    return [(round(index * apart_s, 3), STRETCH_S) for index in range(STRETCHES)]


def _sound(container: Any, info: AudioInfo, start_s: float, seconds: float, *, kept: bool) -> _Sound:
    sound = _Sound(start_s, [], bytearray())
    for step in _steps(container, info, start_s, seconds):
        rms = audioop.rms(step, SAMPLE_BYTES)
        sound.levels.append(max(LEAST_DBFS, round(20 * log10(rms / 32_768))) if rms else LEAST_DBFS)
        if kept:
            sound.pcm.extend(_mono(step))
    return sound


def _parts(sounds: Sequence[_Sound], length_s: float, detector: Detector) -> list[tuple[_Sound, float, float]]:
    """The parts to hear, each with its start and end in its stretch: those in which most speech is likely."""
    if sum(sound.seconds for sound in sounds) <= LISTENED_S:
        return [(sound, 0.0, sound.seconds) for sound in sounds if sound.levels]
    spans = [span for sound in sounds for span in _spans(sound, list(_blocks(sound, detector)), length_s)]
    chosen: list[_Span] = []
    for span in sorted(spans, key=lambda span: (-span.speech_s, span.sound.start_s, span.start_s)):
        more = _joined([*chosen, span])
        if span.speech_s >= SPEECH_S and sum(each.end_s - each.start_s for each in more) <= LISTENED_S:
            chosen = more
    return [(span.sound, span.start_s, span.end_s) for span in chosen]


def _blocks(sound: _Sound, detector: Detector) -> Iterator[float]:
    """About how many seconds of speech each block of a stretch has."""
    energy = list(accumulate((10 ** (level / 10) for level in sound.levels), initial=0.0))
    count, probe = _step(BLOCK_S), _step(PROBE_S)
    for first in range(0, max(1, len(sound.levels) - probe + 1), count):
        last = min(first + count, len(sound.levels))
        at = max(range(first, max(first, last - probe) + 1, 5), key=lambda at: energy[at + probe] - energy[at])
        loudest = max(sound.levels[at : at + probe])
        if loudest < SILENT_DBFS:
            yield 0.0
            continue
        lively = sum(level > loudest - LIVELY_DB for level in sound.levels[first:last]) * HEARD_STEP_S
        yield lively * detector.chance(sound.pcm[at * STEP_BYTES : (at + probe) * STEP_BYTES])


def _spans(sound: _Sound, blocks: Sequence[float], length_s: float) -> Iterator[_Span]:
    """The part that begins with each block, *length_s* long and with what is around it."""
    for index in range(len(blocks)):
        start_s = index * BLOCK_S
        speech_s = sum(
            speech_s * min(1.0, (start_s + length_s) / BLOCK_S - later)
            for later, speech_s in enumerate(blocks)
            if index <= later < (start_s + length_s) / BLOCK_S
        )
        end_s = min(sound.seconds, start_s + length_s + BLOCK_S + MARGIN_S)
        yield _Span(sound, max(0.0, start_s - MARGIN_S), end_s, speech_s)


def _joined(spans: Sequence[_Span]) -> list[_Span]:
    """In order of time, those that overlap as one."""
    joined: list[_Span] = []
    for span in sorted(spans, key=lambda span: (span.sound.start_s, span.start_s)):
        last = joined[-1] if joined else None
        if last and last.sound is span.sound and span.start_s <= last.end_s:
            joined[-1] = last._replace(end_s=max(last.end_s, span.end_s))
        else:
            joined.append(span)
    return joined


def _steps(container: Any, info: AudioInfo, start_s: float, seconds: float) -> Iterator[bytes]:
    """PCM of the stretch, mono or stereo, in steps of equal length; a shorter last one is left out."""
    channels = min(info.channels, 2)
    resampler, frame_bytes = Mix(RATE_HZ, channels), channels * SAMPLE_BYTES
    step_bytes = STEP_SAMPLES * frame_bytes
    buffer, left = bytearray(), round(seconds / HEARD_STEP_S)
    for frame in frames_between(container, info, start_s, start_s + seconds + BLOCK_S):
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
    if len(step) == STEP_BYTES:
        return step
    added = audioop.tomono(step, SAMPLE_BYTES, 0.5, 0.5)
    if audioop.rms(added, SAMPLE_BYTES) >= OPPOSITE * audioop.rms(step, SAMPLE_BYTES):
        return added
    return audioop.tomono(step, SAMPLE_BYTES, 0.5, -0.5)


def _step(seconds: float) -> int:
    return int(seconds / HEARD_STEP_S + 0.001)
