"""Loudness by EBU R 128: measured with ffmpeg's ebur128, reached by one gain, peaks above the ceiling limited."""

import threading
from math import log10
from pathlib import Path
from typing import Any, NamedTuple

import ffmpeg as graph

from prep.media.ffmpeg import command

# R 128 allows −1 dBTP; an MP3 decodes to a little more than what went in.
CEILING_DBTP = -1.5
# Below the absolute gate there is nothing to measure: silence stays silence.
SILENCE_LUFS = -69.0
CLOSE_LU = 0.1
ROUNDS = 4
# True peaks are found between samples: R 128 asks for four times the rate.
OVERSAMPLING = 4


class Adjustment(NamedTuple):
    """One gain for all of a sound, and whether the peaks that it lifts over the ceiling are limited."""

    gain_db: float = 0.0
    limited: bool = False


class Measured(NamedTuple):
    """Integrated loudness in LUFS and true peak in dBTP."""

    lufs: float
    peak_dbtp: float


def adjust(sound: Path, lufs: float, cancel: threading.Event | None = None) -> Adjustment:
    """What brings the WAV *sound* to *lufs*. A limiter takes some loudness away: the gain makes up for it."""
    before = measure(sound, Adjustment(), cancel)
    if before.lufs < SILENCE_LUFS:
        return Adjustment()
    change = Adjustment(lufs - before.lufs, before.peak_dbtp + lufs - before.lufs > CEILING_DBTP)
    for _ in range(ROUNDS if change.limited else 0):
        missing_lu = lufs - measure(sound, change, cancel).lufs
        if abs(missing_lu) <= CLOSE_LU:
            break
        change = Adjustment(change.gain_db + missing_lu, True)
    return change


def measure(sound: Path, change: Adjustment, cancel: threading.Event | None = None) -> Measured:
    """The loudness that the WAV *sound* has after *change*."""
    seen = {"lavfi.r128.I": "-70", "lavfi.r128.true_peak": "0"}

    def line(text: str) -> None:
        key, _, value = text.partition("=")
        if key in seen:
            seen[key] = value

    stream = filtered(command.open_input(sound, "wav")["a"], change, None)
    stream = stream.filter("ebur128", peak="true", metadata=1).filter("ametadata", mode="print", file="-")
    command.run(graph.output(stream, "-", f="null"), 0.0, None, cancel, on_line=line)
    peak = float(seen["lavfi.r128.true_peak"])
    return Measured(float(seen["lavfi.r128.I"]), 20 * log10(peak) if peak > 0 else -120.0)


def filtered(stream: Any, change: Adjustment, rate_hz: int | None) -> Any:
    """*stream* after *change*, at *rate_hz* again where it had to be limited; None leaves it at the higher rate."""
    if change.gain_db:
        stream = stream.filter("volume", f"{change.gain_db:.3f}dB", precision="double")
    if not change.limited:
        return stream
    stream = stream.filter("aresample", OVERSAMPLING * 48_000)
    stream = stream.filter("alimiter", limit=round(10 ** (CEILING_DBTP / 20), 4), level=0, latency=1)
    return stream.filter("aresample", rate_hz) if rate_hz else stream
