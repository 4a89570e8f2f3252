"""Loudness by EBU R 128: the only meter, and the one gain that brings a sound to the loudness asked for."""

import threading
from collections.abc import Sequence
from math import log10
from pathlib import Path
from typing import Any, NamedTuple

from prep.errors import Cancelled
from prep.media.audio.filters import Chain, Filter
from prep.media.container.demux import open_container
from prep.model.analysis import SILENCE_LUFS

# R 128 allows −1 dBTP; an MP3 decodes to a little more than what went in.
CEILING_DBTP = -1.5
CLOSE_LU = 0.1
ROUNDS = 4
# True peaks lie between samples: R 128 asks for four times the rate.
OVERSAMPLING = 4
# R 128 measures blocks of 0.4 s.
MIN_MEASURED_S = 0.5
NO_PEAK_DBTP = -120.0


class Adjustment(NamedTuple):
    """One gain for a whole sound; *limited*: the peaks that it lifts over the ceiling are limited."""

    gain_db: float = 0.0
    limited: bool = False


class Meter:
    """ffmpeg's `ebur128`, in process. *filters* come before it; *peaks* measures true peaks, which takes longer."""

    def __init__(self, filters: Sequence[Filter] = (), *, peaks: bool = False) -> None:
        meter: Filter = ("ebur128", {"metadata": 1, **({"peak": "true"} if peaks else {})})
        self._chain = Chain(lambda frame: (*filters, meter))
        self._heard_s = 0.0
        self._lufs, self._peak = SILENCE_LUFS, 0.0

    def hear(self, frame: Any) -> None:
        self._heard_s += frame.samples / frame.sample_rate
        self._read(self._chain.run(frame))

    def end(self) -> None:
        """Measure what the filters still hold."""
        self._read(self._chain.drain())

    @property
    def lufs(self) -> float | None:
        """Integrated loudness, SILENCE_LUFS at the least; None: too short to be measured."""
        return self._lufs if self._heard_s >= MIN_MEASURED_S else None

    @property
    def peak_dbtp(self) -> float:
        return 20 * log10(self._peak) if self._peak > 0 else NO_PEAK_DBTP

    def _read(self, frames: Any) -> None:
        for frame in frames:  # each carries what was measured up to it
            self._lufs = max(SILENCE_LUFS, float(frame.metadata.get("lavfi.r128.I", self._lufs)))
            self._peak = float(frame.metadata.get("lavfi.r128.true_peak", self._peak))


def adjust(sound: Path, lufs: float, cancel: threading.Event) -> Adjustment:
    """Return what brings the WAV *sound* to *lufs*; silence, and what is too short to be measured, stays as it is.

    Raises Cancelled when *cancel* is set. A limiter takes some loudness away, which the gain makes up for.
    """
    before = _measure(sound, Adjustment(), cancel)
    if before.lufs is None or before.lufs <= SILENCE_LUFS:
        return Adjustment()
    gain_db = lufs - before.lufs
    change = Adjustment(gain_db, before.peak_dbtp + gain_db > CEILING_DBTP)
    for _ in range(ROUNDS if change.limited else 0):
        missing_lu = lufs - (_measure(sound, change, cancel).lufs or SILENCE_LUFS)
        if abs(missing_lu) <= CLOSE_LU:
            break
        change = Adjustment(change.gain_db + missing_lu, True)
    return change


def _measure(sound: Path, change: Adjustment, cancel: threading.Event) -> Meter:
    meter = Meter(adjusting(change, None), peaks=not change.limited)
    with open_container(sound, "wav") as container:
        for frame in container.decode(audio=0):
            if cancel.is_set():
                raise Cancelled("cancelled")
            meter.hear(frame)
    meter.end()
    return meter


def adjusting(change: Adjustment, rate_hz: int | None) -> list[Filter]:
    """The filters for *change*; what had to be limited is brought back to *rate_hz*, None leaves the higher rate."""
    filters: list[Filter] = []
    if change.gain_db:
        filters.append(("volume", {"volume": f"{change.gain_db:.3f}dB", "precision": "double"}))
    if change.limited:
        filters.append(("aresample", {"sample_rate": OVERSAMPLING * 48_000}))
        filters.append(("alimiter", {"limit": round(10 ** (CEILING_DBTP / 20), 4), "level": 0, "latency": 1}))
        filters += [("aresample", {"sample_rate": rate_hz})] if rate_hz else []
    return filters
