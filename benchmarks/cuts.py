"""Precision and recall of cuts, in sequences made of real footage with known cuts.

python -m benchmarks.cuts [--encoded]

`check --thorough` names the cuts, or, with --encoded, `prep`, which sees them while it encodes the clips.
Shots are joined by hard cuts at 24 to 60 fps, with bars and without, in several codecs; others are joined by dissolves
or dips to black, or are one shot with flashes, whip pans, shaking or lamps that go out, and have no cut to be found.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.best_part.clips import CUT_S, named_cuts
from benchmarks.footage import cache, footage
from fixtures.ffmpeg import ffmpeg
from prep import check, prepare
from prep.model.finding import Finding

LEAST_PRECISION, LEAST_RECALL = 0.99, 0.95
Shot = tuple[str, float, float]
# Stretches of the footage that have no cut of their own: name, first second, seconds.
SHOTS: tuple[Shot, ...] = (
    ("WolfgangLanger_Pexels.mp4", 0, 9),
    ("WolfgangLanger_Pexels.mp4", 10, 9),
    ("balle-jbart.mp4", 0, 8),
    ("bigbuckbunny.mp4", 0, 5),
    ("bikes.mp4", 0, 0.9),
    ("cockatoo.mp4", 0, 12),
    ("cityCC0.mpg", 0, 7),
)
RATES = ("24", "25", "30000/1001", "50", "60")
BARS = {
    "": "",
    "letterbox": ",pad=iw:iw*3/4:0:(oh-ih)/2,scale=640:-2",
    "pillarbox": ",crop=ih*9/16:ih,pad=640:360:(ow-iw)/2:0",
}
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-pix_fmt", "yuv420p")
CODECS = {
    "h264.mp4": X264,
    "h264 fixed.mp4": (*X264, "-g", "250", "-sc_threshold", "0"),
    "h264 open.mkv": (*X264, "-bf", "3", "-x264-params", "open-gop=1"),
    "hevc.mp4": ("-c:v", "libx265", "-preset", "veryfast", "-crf", "26", "-x265-params", "log-level=none"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M"),
    "mpeg2.ts": ("-c:v", "mpeg2video", "-b:v", "4M", "-bf", "2"),
    "mjpeg.mov": ("-c:v", "mjpeg", "-q:v", "4"),
}
# One shot, and what happens in it; t counts its seconds.
SINGLE = {
    "flash": "eq=brightness='if(between(mod(t,1.7),0.8,0.86),0.7,0)':eval=frame",
    "white": "drawbox=c=white:t=fill:enable='between(mod(t,1.9),1,1.05)'",
    "lamp goes out": "eq=brightness='if(gt(mod(t,2),1),-0.25,0)':eval=frame",
    "fade": "fade=in:0:20,fade=out:st=3:d=0.6",
    "whip pan": "scale=1920:-2,crop=640:360:'(iw-ow)*(clip((t-1)*4,0,1)-clip((t-2.5)*4,0,1))':'(ih-oh)/2'",
    "shaking": "scale=800:-2,crop=640:360:'80+60*sin(t*40)':'40+30*cos(t*31)'",
}


class Sequence(NamedTuple):
    """A film and its hard cuts, in seconds."""

    kind: str
    path: Path
    cuts_s: tuple[float, ...]


def sequences(source: Path, folder: Path) -> Iterator[Sequence]:
    """Make them in *folder*, of what is in *source*."""
    folder.mkdir(parents=True, exist_ok=True)
    shots = [shot for shot in SHOTS if (source / shot[0]).exists()]
    number = 0
    for codec, encoder in CODECS.items():
        for bars, filters in BARS.items():
            draw = random.Random(f"{codec}{bars}")
            rate = RATES[number % len(RATES)]
            path = folder / f"cuts-{number}-{codec.replace(' ', '-')}"
            lengths = [round(draw.uniform(0.8, 2.4), 1) for _ in range(6)]
            chosen = _unlike_neighbours(shots, len(lengths), draw)
            if not path.exists():
                _join(source, list(zip(chosen, lengths, strict=True)), f"fps={rate}{filters}", (*encoder, str(path)))
            yield Sequence(bars or codec.split(".")[0], path, tuple(accumulate(lengths[:-1])))
            number += 1
    for kind, how in (("dissolve", "fade"), ("dip to black", "fadeblack")):
        for start in range(len(shots) - 1):
            path = folder / f"{kind.replace(' ', '-')}-{start}.mp4"
            if not path.exists():
                _blend(source, (shots[start], shots[start + 1]), how, path)
            yield Sequence(kind, path, ())
    for kind, filters in SINGLE.items():
        for index, shot in enumerate(shots):
            path = folder / f"{kind.replace(' ', '-')}-{index}.mp4"
            if not path.exists():
                _join(source, [(shot, min(4.0, shot[2]))], f"fps=25,{filters}", (*X264, str(path)))
            yield Sequence(kind, path, ())


FIT = "scale=640:360:force_original_aspect_ratio=increase,crop=640:360,setsar=1"


def _unlike_neighbours(shots: list[Shot], count: int, draw: random.Random) -> list[Shot]:
    """So many of *shots*; no two from one film follow each other, since those may show the same."""
    chosen: list[Shot] = []
    while len(chosen) < count:
        shot = draw.choice(shots)
        if not chosen or shot[0] != chosen[-1][0]:
            chosen.append(shot)
    return chosen


def _inputs(source: Path, shots: list[tuple[Shot, float]]) -> list[str]:
    return [
        argument
        for (name, start_s, most_s), length_s in shots
        for argument in ("-ss", str(start_s), "-t", str(min(most_s, length_s)), "-i", str(source / name))
    ]


def _join(source: Path, shots: list[tuple[Shot, float]], filters: str, output: tuple[str, ...]) -> None:
    """Join *shots* with the length of each; one that is too short stands still at its end."""
    chains = [
        f"[{index}:v]{FIT},fps=60,tpad=stop_mode=clone:stop=-1,trim=duration={length_s},setpts=PTS-STARTPTS[v{index}]"
        for index, (_, length_s) in enumerate(shots)
    ]
    joined = "".join(f"[v{index}]" for index in range(len(shots))) + f"concat=n={len(shots)}:v=1,{filters}[v]"
    ffmpeg(*_inputs(source, shots), "-filter_complex", ";".join([*chains, joined]), "-map", "[v]", "-an", *output)


def _blend(source: Path, pair: tuple[Shot, Shot], how: str, path: Path) -> None:
    first, second = pair
    length_s = min(3.0, first[2])
    graph = f"[0:v]{FIT},fps=25,settb=AVTB[a];[1:v]{FIT},fps=25,settb=AVTB[b];"
    graph += f"[a][b]xfade=transition={how}:duration=0.6:offset={length_s - 0.65:.2f}[v]"
    inputs = _inputs(source, [(first, length_s), (second, 3.0)])
    ffmpeg(*inputs, "-filter_complex", graph, "-map", "[v]", "-an", *X264, str(path))


def _by_decoding(path: Path) -> tuple[Finding, ...]:
    return check([path], thorough=True).findings


def _by_encoding(path: Path) -> tuple[Finding, ...]:
    with TemporaryDirectory() as folder:
        return prepare([path], out=folder).findings


def main() -> int:
    """Print a table by kind; 1 when a goal is missed."""
    footage(cache() / "footage", lambda line: print(line, file=sys.stderr))
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    see = _by_encoding if "--encoded" in sys.argv else _by_decoding
    for sequence in sequences(cache() / "footage", cache() / "cuts"):
        seen = named_cuts(see(sequence.path))
        missed = [cut_s for cut_s in sequence.cuts_s if all(abs(cut_s - time_s) > CUT_S for time_s in seen)]
        wrong = [time_s for time_s in seen if all(abs(cut_s - time_s) > CUT_S for cut_s in sequence.cuts_s)]
        if missed or wrong:
            print(f"  {sequence.path.name}: missed {missed}, wrong {wrong}")
        found = len(sequence.cuts_s) - len(missed)
        for kind in (sequence.kind, "all"):
            counts[kind] = [a + b for a, b in zip(counts[kind], (1, found, len(missed), len(wrong)), strict=True)]
    total = counts.pop("all")
    print(f"{'kind':<16}{'clips':>6}{'found':>7}{'missed':>8}{'wrong':>7}")
    for kind, row in [*counts.items(), ("all", total)]:
        print(f"{kind:<16}{row[0]:>6}{row[1]:>7}{row[2]:>8}{row[3]:>7}")
    _, found, missed_count, wrong_count = total
    precision, recall = found / (found + wrong_count), found / (found + missed_count)
    print(f"precision {precision:.3f}, recall {recall:.3f}")
    return 0 if precision >= LEAST_PRECISION and recall >= LEAST_RECALL else 1


if __name__ == "__main__":
    sys.exit(main())
