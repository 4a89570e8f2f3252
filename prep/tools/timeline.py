"""When the frames of a stream are shown: measured from the container's index or its packets, not believed.

Headers lie: fragmented files that claim 143,165 s, recordings without a duration, MP3 without an index. An index of
every sample is trusted as far as the file reaches; without one the packets are read (not decoded).
"""

import itertools
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import av

from prep.tools.container import open_container

# Reading packets is as fast as reading the file; larger ones are read at the end only.
WHOLE_FILE_BYTES = 64_000_000
TAIL_S = 20
# How far a header may be off before what was measured counts. Edit lists hide samples and the last frame may last
# long, so a sample table is exact only about an end that is absurd; packets carry their durations.
LOOSE, TIGHT = (0.2, 1.25, 2.0), (0.95, 1.05, 0.5)
# A frame interval this far from the usual one makes the rate variable; a few odd ones (a cut, the last) do not.
ODD_PART, ODD_SHARE = 0.2, 0.02


class Timeline(NamedTuple):
    """Seconds on the container's clock. *fps* and *avg_fps* are 0 when there are too few frames to tell."""

    start_s: float
    end_s: float
    fps: float
    avg_fps: float
    vfr: bool
    truncated: bool = False

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


class _Shown(NamedTuple):
    """Times of frames or packets, in display order, and how long the last one lasts, in seconds."""

    times: list[float]
    last_s: float
    truncated: bool = False
    whole: bool = True


def measure(path: Path, demuxer: str, stream_index: int) -> Timeline:
    """The timeline of one stream."""
    with open_container(path, demuxer) as container:
        stream = container.streams[stream_index]
        indexed = _from_index(stream, path.stat().st_size) if demuxer == "mov" else None
        shown = indexed or _from_packets(container, stream, path.stat().st_size)
        claimed = _claimed(stream)
        # a stream must not be touched once its container is closed
        rates = _rates(shown, stream) if shown.times else (0.0, 0.0, False)
    if not shown.times:
        return Timeline(0.0, 0.0, 0.0, 0.0, False, True)
    start_s, measured_end_s = shown.times[0], shown.times[-1] + shown.last_s
    end_s = measured_end_s
    if claimed is not None and not shown.truncated:
        least, most, slack_s = LOOSE if indexed else TIGHT
        measured_s = measured_end_s - start_s
        believable = least * measured_s - slack_s <= claimed <= most * measured_s + slack_s
        end_s = start_s + claimed if believable else measured_end_s
    return Timeline(start_s, end_s, *rates, shown.truncated)


def _claimed(stream: Any) -> float | None:
    if not stream.duration or stream.duration <= 0:
        return None
    return float(stream.duration * stream.time_base)


def _from_index(stream: Any, size: int) -> _Shown | None:
    """From the sample table, as far as its samples lie inside the file; None when there is none to speak of."""
    entries = stream.index_entries
    if len(entries) < 2:
        return None
    base = float(stream.time_base)
    inside = [entry.timestamp * base for entry in entries if entry.pos + entry.size <= size]
    if len(inside) < 2:
        return _Shown([], 0.0, truncated=True)
    inside.sort()
    # decoding times: they start where the picture does once reordering is taken out
    first = float((stream.start_time or 0) * stream.time_base)
    shift = first - inside[0]
    times = [time + shift for time in inside]
    return _Shown(times, _usual(times), truncated=len(inside) < len(entries))


def _from_packets(container: Any, stream: Any, size: int) -> _Shown:
    whole = size <= WHOLE_FILE_BYTES
    first = None
    if not whole and container.duration:
        first = next((_time(packet) for packet in container.demux(stream) if packet.pts is not None), None)
        container.seek(max(0, container.duration - TAIL_S * av.time_base), backward=True)
    times, last_s = [], 0.0
    try:
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            times.append(_time(packet))
            last_s = float((packet.duration or 0) * packet.time_base)
    except av.FFmpegError:
        pass  # what was read up to here is what there is
    times.sort()
    if first is not None and times and first < times[0]:
        return _Shown([first, *times], last_s or _usual(times), whole=False)
    return _Shown(times, last_s or _usual(times))


def _time(packet: Any) -> float:
    return float(packet.pts * packet.time_base)


def _usual(times: list[float]) -> float:
    return median(b - a for a, b in itertools.pairwise(times)) if len(times) > 1 else 0.0


def _rates(shown: _Shown, stream: Any) -> tuple[float, float, bool]:
    """Nominal rate, average rate, and whether the intervals vary."""
    if stream.type != "video":
        return 0.0, 0.0, False
    times = shown.times if shown.whole else shown.times[1:]
    gaps = [b - a for a, b in itertools.pairwise(times) if b > a]
    if not gaps:
        rate = float(stream.average_rate or stream.base_rate or 0)
        return round(rate, 3), round(rate, 3), False
    usual = median(gaps)
    tick = float(stream.time_base)
    odd = sum(abs(gap - usual) > max(ODD_PART * usual, 1.5 * tick, 0.0015) for gap in gaps)
    vfr = odd > max(2, ODD_SHARE * len(gaps))
    average = len(gaps) / (times[-1] - times[0])
    if not vfr and stream.average_rate and abs(float(stream.average_rate) - average) < 0.02 * average:
        average = float(stream.average_rate)  # exact where the container counts in milliseconds
    nominal = _nominal(stream, 1 / usual if vfr else average)
    return round(nominal, 3), round(average, 3), vfr


def _nominal(stream: Any, measured: float) -> float:
    """The container's own rate when it says about the same, since it is exact."""
    for rate in (stream.average_rate, stream.base_rate):
        if rate and abs(float(rate) - measured) < 0.01 * measured:
            return float(rate)
    return measured
