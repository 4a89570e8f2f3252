"""Clips in which only a part is worth keeping: real footage beside credits, static, test cards, blur, black.

Where the footage is, and where each cut, is known.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from fixtures.ffmpeg import ffmpeg
from prep.model.finding import Finding

SIZE, RATE = (640, 360), 25
FIT = "scale=640:360:force_original_aspect_ratio=increase,crop=640:360,setsar=1,fps=25,format=yuv420p"
X264 = ("-an", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20")
ENCODERS = (X264, (*X264, "-g", "250", "-sc_threshold", "0"), (*X264, "-g", "25", "-bf", "0", "-sc_threshold", "0"))
# The footage without cuts of its own: name, first second, seconds.
GOOD = (
    ("cockatoo.mp4", 0, 9),
    ("WolfgangLanger_Pexels.mp4", 0, 9),
    ("WolfgangLanger_Pexels.mp4", 9, 8),
    ("balle-jbart.mp4", 0, 8),
    ("bigbuckbunny.mp4", 0, 5.2),
)
JUNK = ("credits", "title", "static", "bars", "test card", "shaken", "focus hunting", "black", "frozen")
JUNK_S = 9.0
# A cut is found when one is named this close to it.
CUT_S = 0.1


class Clip(NamedTuple):
    """A film, its cuts, and the start and end of the only good part. Black makes no cut.

    At *jumps_s* the same scene goes on from another moment, which may look like a cut.
    """

    path: Path
    cuts_s: tuple[float, ...]
    jumps_s: tuple[float, ...]
    good: tuple[float, float]


def clips(footage: Path, folder: Path) -> Iterator[Clip]:
    """Make the clips in *folder* of what is in *footage*."""
    folder.mkdir(parents=True, exist_ok=True)
    good = [part for part in GOOD if (footage / part[0]).exists()]
    for number in range(3 * len(JUNK)):
        name, start_s, seconds = good[number % len(good)]
        kind, other = JUNK[number % len(JUNK)], JUNK[(number * 2 + 3) % len(JUNK)]
        shot = _cut(footage / name, folder / f"shot-{number % len(good)}.mp4", start_s, seconds)
        parts = [_junk(kind, shot, folder), shot, _junk(other, shot, folder)]
        order = ((0, 1, 2), (0, 2, 1), (1, 0, 2))[number // len(JUNK)]
        lengths = [(JUNK_S, seconds, JUNK_S)[index] for index in order]
        starts = [0.0, *accumulate(lengths)]
        path = folder / f"clip-{number:02}-{kind.replace(' ', '-')}.mp4"
        if not path.exists():
            _join([parts[index] for index in order], path, ENCODERS[number % len(ENCODERS)])
        at = order.index(1)
        kinds = [(kind, "", other)[index] for index in order]
        joints = list(zip(starts[1:], pairwise(kinds), strict=False))
        jumps_s = [time_s for time_s, pair in joints if set(pair) <= {"", *FROM_SHOT}]
        jumps_s += [begins_s + seconds for begins_s, one in zip(starts, kinds, strict=False) if one in FROM_SHOT]
        cuts_s = [time_s for time_s, pair in joints if time_s not in jumps_s and "black" not in pair]
        yield Clip(path, tuple(cuts_s), tuple(jumps_s), (starts[at], starts[at + 1]))


def _cut(source: Path, target: Path, start_s: float, seconds: float) -> Path:
    if not target.exists():
        ffmpeg("-ss", str(start_s), "-i", str(source), "-t", str(seconds), "-vf", FIT, *X264, str(target))
    return target


def _join(parts: Sequence[Path], target: Path, encoder: tuple[str, ...]) -> None:
    inputs = [argument for part in parts for argument in ("-i", str(part))]
    graph = "".join(f"[{index}:v]" for index in range(len(parts))) + f"concat=n={len(parts)}:v=1[v]"
    ffmpeg(*inputs, "-filter_complex", graph, "-map", "[v]", *encoder, str(target))


def _junk(kind: str, shot: Path, folder: Path) -> Path:
    """Nine seconds of it; what is bad footage is made of *shot*."""
    own = shot.stem if kind in ("shaken", "focus hunting", "frozen") else "any"
    target = folder / f"junk-{kind.replace(' ', '-')}-{own}.mp4"
    if target.exists():
        return target
    if kind in LAVFI:
        arguments: tuple[str, ...] = ("-f", "lavfi", "-i", LAVFI[kind])
    elif kind in FROM_SHOT:
        arguments = ("-stream_loop", "3", "-i", str(shot), "-vf", f"{FROM_SHOT[kind]},{FIT}")
    else:
        page = folder / f"{kind}.png"
        _page(kind).save(page)
        moves = "crop=640:360:0:'min(n*4,ih-360)'" if kind == "credits" else "null"
        arguments = ("-loop", "1", "-framerate", str(RATE), "-i", str(page), "-vf", f"{moves},{FIT}")
    ffmpeg(*arguments, "-t", str(JUNK_S), *X264, "-pix_fmt", "yuv420p", str(target))
    return target


LAVFI = {
    "static": f"nullsrc=s=640x360:r={RATE},geq=lum='random(1)*255':cb=128:cr=128",
    "bars": f"smptehdbars=s=640x360:r={RATE}",
    "test card": f"testsrc2=s=640x360:r={RATE}",
    "black": f"color=black:s=640x360:r={RATE}",
}
# A hand that shakes at every picture, long exposed; a lens that looks for its focus once a second.
FROM_SHOT = {
    "shaken": "crop=iw*0.8:ih*0.8:iw*0.1*(1+sin(n*2.1)):ih*0.1*(1+cos(n*1.7)),avgblur=sizeX=24:sizeY=10",
    "focus hunting": "split[a][b];[b]gblur=sigma=9[c];[a][c]blend=all_expr='B+(A-B)*max(0,sin(T*3))*0.3'",
    "frozen": "loop=-1:1:0",
}


def _page(kind: str) -> Image.Image:
    draw = random.Random(kind)
    height = 360 if kind == "title" else 360 * 4
    page = Image.new("RGB", (SIZE[0], height), "black" if kind == "credits" else "#203060")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size=60 if kind == "title" else 22)
    if kind == "title":
        pen.text((320, 180), "Our holiday", fill="white", font=font, anchor="mm")
        return page.filter(ImageFilter.GaussianBlur(0.5))
    for y in range(20, height, 40):
        name = "".join(draw.choice("abcdefghijklmnop") for _ in range(8)).title()
        pen.text((310, y), "Camera operator", fill="#ccc", font=font, anchor="rm")
        pen.text((330, y), f"{name} {name[::-1].title()}", fill="white", font=font, anchor="lm")
    return page


def named_cuts(findings: Iterable[Finding]) -> list[float]:
    """The cuts that the advice about a clip names, in seconds."""
    messages = [each.message for each in findings if each.rule == "video-several-shots"]
    text = messages[0].partition("cut at ")[2].partition(";")[0] if messages else ""
    moments = [part.partition(":") for part in text.replace(" and ", ", ").split(", ") if ":" in part]
    return [60 * int(minute) + float(second) for minute, _, second in moments]
