"""Quality of the encoding: VMAF of each prepared clip against its source, scaled and cut without loss.

python -m benchmarks.quality [--plot SVG] [FILE...]

Without FILE it takes the footage that benchmarks.footage downloads. The reference goes through the filters of the plan
(seek, crop, tone mapping, scale, rate), so the comparison is about the encoder alone, frame by frame.
"""

import argparse
import json
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import av

from benchmarks.footage import cache, footage
from benchmarks.vmaf_plot import plot
from prep import Options, plan, prepare
from prep.errors import PrepError
from prep.media.ffmpeg import binary, process
from prep.media.ffmpeg.limits import limits_for
from prep.media.ffmpeg.run import argv
from prep.media.probe.dispatch import demuxer_of, probe
from prep.media.task import Task
from prep.media.video.encode import CRF, PRESET, encode_graph
from prep.media.video.source import opening
from prep.model.media import VideoInfo
from prep.model.plan import EncodeVideo, Plan, find

LEAST_MEAN, LEAST_SECOND = 95.0, 90.0
PLOT = Path(__file__).parents[1] / "docs" / "performance-vmaf.svg"
# The soundtrack is not measured, and the reference has none.
OPTIONS = Options(mute=True)
TIMEOUT_S = 1800.0


class Measured(NamedTuple):
    """One clip: VMAF of each second, bitrate and time."""

    name: str
    per_second: tuple[float, ...]
    mean: float
    size: str
    bitrate_bps: float
    taken_s: float

    @property
    def lowest(self) -> float:
        return min(self.per_second)

    @property
    def meets(self) -> bool:
        return self.mean >= LEAST_MEAN and self.lowest >= LEAST_SECOND


def measure(path: Path, scratch: Path) -> Measured | None:
    """Prepare *path* and compare it with its source; None when its picture is copied.

    Raises PrepError for what can't be prepared.
    """
    chosen = _encoding(path)
    if chosen is None:
        return None
    started = time.perf_counter()
    manifest = prepare(chosen, out=scratch / "out")
    taken_s = time.perf_counter() - started
    made = scratch / "out" / (manifest.entries[0].output.path or "")
    info = manifest.entries[0].output.info
    assert isinstance(info, VideoInfo)
    frames = _vmaf(made, _reference(path, chosen, scratch), scratch)
    return Measured(
        name=path.name,
        per_second=_seconds(frames, info.fps),
        mean=fmean(frames),
        size=f"{info.width}×{info.height} {info.fps:g}",
        bitrate_bps=info.bytes * 8 / info.duration_s,
        taken_s=taken_s,
    )


def _encoding(path: Path) -> Plan | None:
    """A plan that encodes *path*, cropped by two lines where it complies already; None if there is no such plan."""
    info = probe(path)
    assert isinstance(info, VideoInfo)
    for reference in (str(path), f"{path}#xywh=0,0,{info.width},{info.height - 2}"):
        chosen = plan([reference], options=OPTIONS)
        if chosen.unfixable or find(chosen.entries[0].steps, EncodeVideo):
            return chosen
    return None


def _reference(source: Path, chosen: Plan, scratch: Path) -> Path:
    """The encoder's input, stored without loss: the tool's own command up to its encoder options."""
    target = scratch / "reference.mkv"
    task = Task(source, demuxer_of(source), chosen.entries[0], target)
    words = argv(encode_graph(task, opening(task, 0.0, 0.0), 1e9))
    filters = words[: words.index("-map") + 2]
    length = words[words.index("-t", len(filters)) :][:2] if "-t" in words[len(filters) :] else []
    process.run([*filters, *length, "-c:v", "ffv1", "-y", str(target)], limits=limits_for(TIMEOUT_S))
    return target


def _vmaf(made: Path, reference: Path, scratch: Path) -> list[float]:
    """VMAF of each frame. Frames are paired by number, because the clocks of two containers round differently."""
    counts = [_frames(made), _frames(reference)]
    if counts[0] != counts[1]:
        raise SystemExit(f"{made.name}: {counts[0]} frames, its reference has {counts[1]}: no comparison")
    log = scratch / "vmaf.json"
    by_number = "settb=1/1000,setpts=N*10"
    graph = f"[0:v]{by_number}[a];[1:v]{by_number}[b];[a][b]libvmaf=n_threads=2:log_fmt=json:log_path={log}"
    argv = [binary.binary(), "-nostdin", "-v", "error", "-i", str(made), "-i", str(reference)]
    process.run([*argv, "-filter_complex", graph, "-f", "null", "-"], limits=limits_for(TIMEOUT_S))
    return [frame["metrics"]["vmaf"] for frame in json.loads(log.read_text("utf-8"))["frames"]]


def _frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(packet.size > 0 for packet in container.demux(container.streams.video[0]))


def _seconds(frames: list[float], fps: float) -> tuple[float, ...]:
    """The mean of each second; a rest of less than half a second belongs to the last."""
    count = max(1, round(len(frames) / fps))
    edges = [round(second * fps) for second in range(count)] + [len(frames)]
    return tuple(fmean(frames[first:last]) for first, last in pairwise(edges))


def _complain(line: str) -> None:
    print(line, file=sys.stderr)


def main() -> int:
    """Print a line for each clip, draw the plot, and return 1 when a clip misses the target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--plot", type=Path, help="write the plot to this file [default: for the packaged footage]")
    arguments = parser.parse_args()
    files = arguments.files or footage(cache() / "footage", _complain)
    if not files:
        _complain("no footage: name FILEs")
        return 1
    print(f"{PRESET} CRF {CRF}; target: mean ≥ {LEAST_MEAN:g}, every second ≥ {LEAST_SECOND:g}")
    print(f"{'clip':<44} {'as prepared':<16} {'VMAF':>6} {'lowest 1 s':>10} {'Mbit/s':>7} {'took':>7}")
    clips: list[Measured] = []
    for path in files:
        with tempfile.TemporaryDirectory() as scratch:
            try:
                measured = measure(path, Path(scratch))
            except PrepError as error:
                print(f"{path.name[:44]:<44} not prepared: {str(error).splitlines()[-1][:90]}")
                continue
        if measured is None:
            print(f"{path.name[:44]:<44} copied without loss")
            continue
        clips.append(measured)
        print(
            f"{measured.name[:44]:<44} {measured.size:<16} {measured.mean:6.2f} {measured.lowest:10.2f} "
            f"{measured.bitrate_bps / 1e6:7.2f} {measured.taken_s:5.1f} s{'' if measured.meets else '  MISSED'}",
            flush=True,
        )
    if target := arguments.plot or (None if arguments.files else PLOT):
        target.write_text(plot({m.name: m.per_second for m in clips}, LEAST_MEAN, LEAST_SECOND), "utf-8")
        print(f"plot: {target}")
    return 0 if all(measured.meets for measured in clips) else 1


if __name__ == "__main__":
    sys.exit(main())
