"""Scenes to film, each number another in light and in colour, and films of them with known cuts."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageOps

from fixtures.card import texture
from fixtures.ffmpeg import BITEXACT, ffmpeg

CELLS = (64, 18)
COLOURS = ("white", "orange", "skyblue", "violet")
SIZE, RATE = (426, 240), 25
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "24")
# A keyframe each second, none at cuts.
FIXED = ("-g", "25", "-sc_threshold", "0", "-bf", "0")


def scene(number: int, size: tuple[int, int]) -> Image.Image:
    """Coarse, so that it stays when it is made small."""
    coarse = ImageOps.autocontrast(texture(CELLS, number).convert("L"), cutoff=10)
    return ImageOps.colorize(coarse, "black", COLOURS[number % len(COLOURS)]).resize(size, Image.Resampling.BICUBIC)


def film(
    path: Path,
    encoder: tuple[str, ...],
    lengths: Sequence[int],
    scenes: Sequence[int] | None = None,
    after: str = "null",
) -> Path:
    """Film a shot for each of *lengths*, in pictures: a camera moves to and fro over a scene of its own or of *scenes*.

    *after* is a filter for the whole film.
    """
    inputs, chains = [], []
    for index, (length, number) in enumerate(zip(lengths, scenes or range(len(lengths)), strict=True)):
        picture = path.with_name(f"{index}.png")
        scene(number, (1024, 288)).save(picture)
        inputs += ["-framerate", str(RATE), "-i", str(picture)]
        crop = f"crop={SIZE[0]}:{SIZE[1]}:x='500-abs(mod(n*4,1000)-500)':y=24"
        chains.append(
            f"[{index}]loop=-1:1:0,trim=end_frame={length},setpts=N/{RATE}/TB,{crop},format=yuv420p[s{index}]"
        )
    joined = "".join(f"[s{index}]" for index in range(len(lengths)))
    graph = ";".join([*chains, f"{joined}concat=n={len(lengths)},{after},format=yuv420p[v]"])
    ffmpeg(*inputs, "-filter_complex", graph, "-map", "[v]", *encoder, *BITEXACT, str(path))
    return path
