"""Quality of `--window best`: speech that is kept, words that are cut, junk that is kept, cuts that are found.

python -m benchmarks.best_part [SHEET.png]

Needs espeak-ng, and downloads footage (`benchmarks/footage.py`). SHEET shows four pictures of what `start` and of what
`best` keeps of each clip, in an order that only the output says.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import av
from PIL import Image, ImageDraw

from benchmarks.best_part.clips import CUT_S, Clip, clips, named_cuts
from benchmarks.best_part.sounds import Sound, sounds
from benchmarks.footage import cache, footage
from fixtures.card import card
from prep import Options, check, plan
from prep.model.plan import Trim, find
from prep.planning.trim.part import kept_part

LEAST_KEPT, NEAR_S, TOUCHED_S = 0.94, 0.03, 0.5
# An end that is this close to that of a sentence leaves it whole, and nothing of the next one is heard.
SENTENCE_S = 0.35
CELL = (160, 90)


class Kept(NamedTuple):
    start_s: float
    end_s: float
    why: str


def keep(path: Path, beside: Sequence[Path] = (), **options: object) -> Kept:
    """What a plan keeps of *path*."""
    entry = plan([*beside, path], options=Options.model_validate(options)).entries[-1]
    part, trim = kept_part(entry), find(entry.steps, Trim)
    assert part is not None
    return Kept(*part, trim.note if trim else "")


def inside(spans: Sequence[tuple[float, float]], start_s: float, end_s: float) -> float:
    return sum(max(0.0, min(end_s, last_s) - max(start_s, first_s)) for first_s, last_s in spans)


def is_cut(spans: Sequence[tuple[float, float]], time_s: float) -> bool:
    return any(first_s + NEAR_S < time_s < last_s - NEAR_S for first_s, last_s in spans)


def judge_sound(sound: Sound, kept: Kept, most_s: float = 14.9) -> dict[str, float]:
    """1 or 0 for each thing that is right, and the share of the speech that would fit, in whole words."""
    fits_s = max(
        sum(end_s - start_s for start_s, end_s in sound.words if start_s >= first_s and end_s <= first_s + most_s)
        for first_s, _ in sound.words
    )
    share = inside(sound.words, kept.start_s, kept.end_s) / fits_s
    return {
        "share": share,
        "speech kept": share >= LEAST_KEPT,
        "clean starts": not is_cut(sound.words, kept.start_s),
        "clean ends": not is_cut(sound.words, kept.end_s),
        "ends of sentences": any(-NEAR_S <= kept.end_s - end_s <= SENTENCE_S for _, end_s in sound.sentences),
    }


def score_sounds(folder: Path) -> bool:
    """Print a table of the sounds by kind; True if the goals are met."""
    see = folder / "see.png"
    all_sounds = sounds(folder / "sounds")
    card((600, 600)).save(see)
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    for sound in all_sounds:
        kept = keep(sound.path, (see,))
        scores = judge_sound(sound, kept)
        rows[sound.path.stem.rpartition("-")[0]].append(scores)
        if not all(scores.values()):
            print(f"  {sound.path.stem}: {kept.start_s:.2f}–{kept.end_s:.2f} {kept.why}: {_failed(scores)}")
    names = ("speech kept", "clean starts", "clean ends", "ends of sentences")
    print(f"{'sounds':<24}{'of':>4}{'least kept':>12}" + "".join(f"{name:>19}" for name in names))
    for kind, scores_of in [*rows.items(), ("all", [each for of_kind in rows.values() for each in of_kind])]:
        least = min(each["share"] for each in scores_of)
        counts = [sum(each[name] for each in scores_of) for name in names]
        print(f"{kind:<24}{len(scores_of):>4}{least:>12.0%}" + "".join(f"{count:>19g}" for count in counts))
    total = len(all_sounds)
    return counts[0] == total and counts[2] >= 0.9 * total


def _failed(scores: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in scores.items() if value < LEAST_KEPT)


def score_clips(made: Sequence[Clip]) -> bool:
    """Print what is kept of each clip, and the totals; True if no junk is kept."""
    junk = 0
    for clip in made:
        kept, start = keep(clip.path), keep(clip.path, window="start")
        junk_s = kept.end_s - kept.start_s - inside([clip.good], kept.start_s, kept.end_s)
        good = inside([clip.good], kept.start_s, kept.end_s) / (clip.good[1] - clip.good[0])
        at_start = inside([clip.good], start.start_s, start.end_s) / (clip.good[1] - clip.good[0])
        junk += junk_s > TOUCHED_S
        print(
            f"{clip.path.stem:<26} {kept.start_s:6.2f}–{kept.end_s:5.2f}  good {good:4.0%} (start: {at_start:4.0%})  "
            f"junk {junk_s:4.1f} s{'  JUNK' if junk_s > TOUCHED_S else ''}  {kept.why}"
        )
    print(f"junk kept in {junk} of {len(made)} clips")
    return junk == 0


def score_cuts(made: Sequence[Clip]) -> bool:
    """Print precision and recall of the advice about cuts in whole clips."""
    right = wrong = missed = 0
    for clip in made:
        seen = named_cuts(check([clip.path], thorough=True).findings)
        hits = [any(abs(time_s - cut_s) <= CUT_S for time_s in seen) for cut_s in clip.cuts_s]
        right, missed = right + sum(hits), missed + len(hits) - sum(hits)
        wrong += sum(all(abs(time_s - at_s) > CUT_S for at_s in (*clip.cuts_s, *clip.jumps_s)) for time_s in seen)
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    print(f"cuts: {right} found, {wrong} wrong, {missed} missed: precision {precision:.3f}, recall {recall:.3f}")
    return precision >= 0.99 and recall >= 0.95


def sheet(made: Sequence[Clip], target: Path) -> None:
    """Draw the rows, one for each clip, and print which side is which."""
    draw, key = random.Random(7), []
    page = Image.new("RGB", (8 * CELL[0] + 40, len(made) * (CELL[1] + 4)), "#777")
    for row, clip in enumerate(made):
        sides = [("start", keep(clip.path, window="start")), ("best", keep(clip.path))]
        draw.shuffle(sides)
        key.append("".join(name[0] for name, _ in sides))
        for side, (_, kept) in enumerate(sides):
            for column in range(4):
                at_s = kept.start_s + (kept.end_s - kept.start_s) * (column + 0.5) / 4
                left = 24 + side * (4 * CELL[0] + 16) + column * CELL[0]
                page.paste(_frame(clip.path, at_s), (left, row * (CELL[1] + 4)))
        ImageDraw.Draw(page).text((2, row * (CELL[1] + 4) + 40), str(row), fill="white")
    page.save(target)
    print("key (s: start, b: best, left and right): " + " ".join(key))


def _frame(path: Path, at_s: float) -> Image.Image:
    with av.open(str(path)) as container:
        container.seek(int(at_s * 1_000_000))
        frame = next(frame for frame in container.decode(video=0) if frame.time is not None and frame.time >= at_s)
        small = frame.reformat(*CELL, format="rgb24").planes[0]
        return Image.frombuffer("RGB", CELL, bytes(small), "raw", "RGB", small.line_size, 1)


def main(target: Path | None) -> int:
    """Print all tables; 1 when a goal is missed."""
    folder = cache() / "best"
    footage(cache() / "footage", lambda line: print(line, file=sys.stderr))
    made = list(clips(cache() / "footage", folder / "clips"))
    met = [score_clips(made), score_cuts(made)]
    if target:
        sheet(made, target)
    met.append(score_sounds(folder))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
