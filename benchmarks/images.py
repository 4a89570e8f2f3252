"""Time and memory of large photographs, as ratios to a script that does the same with Pillow, run in turn.

python -m benchmarks.images [ROUNDS]
"""

import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

import pillow_heif
from PIL import Image

from benchmarks.footage import cache
from benchmarks.measure import Run, run
from fixtures.card import texture

TARGET, MEMORY_TARGET = 1.05, 1.2
HEIC_MEMORY_TARGET = 2.5  # libheif decodes the whole picture
PHONE = (8064, 6048)
# The decoded size of each picture; Pillow keeps 4 bytes for each pixel.
PICTURES = {
    "48mp.jpg": PHONE,
    "48mp-sideways.jpg": PHONE,
    "48mp.heic": PHONE,
    "108mp.jpg": (6000, 4500),  # decoded at a half
    "24mp.png": (6000, 4000),
}


def pictures(folder: Path) -> Path:
    """Make the pictures that are missing in *folder*, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    if all((folder / name).exists() for name in PICTURES):
        return folder
    photo = texture(PHONE, seed=3)
    sideways = Image.Exif()
    sideways[0x0112] = 6
    photo.save(folder / "48mp.jpg", quality=92)
    photo.save(folder / "48mp-sideways.jpg", quality=92, exif=sideways)
    pillow_heif.from_pillow(photo).save(folder / "48mp.heic", quality=60, tile_size=512)  # in tiles, as phones do
    photo.resize((12_000, 9_000)).save(folder / "108mp.jpg", quality=90)
    photo.resize((6000, 4000)).save(folder / "24mp.png")
    return folder


def tool(sources: list[Path], out: Path) -> Run:
    return run([sys.executable, "-m", "submit.command", "prep", *map(str, sources), "--out", str(out)], {})


def by_hand(sources: list[Path], out: Path) -> Run:
    script = Path(__file__).with_name("images_by_hand.py")
    return run([sys.executable, str(script), str(out), *map(str, sources)], {})


def compare(name: str, sources: list[Path], scratch: Path, rounds: int) -> bool:
    """Prepare *sources* with both, in turn; True if the target is met."""
    runs: dict[str, list[Run]] = {"prep": [], "by hand": []}
    for _ in range(rounds):
        for case, done in runs.items():
            out = scratch / case
            shutil.rmtree(out, ignore_errors=True)
            done.append(tool(sources, out) if case == "prep" else by_hand(sources, out))
    require_same_job(scratch / "prep", scratch / "by hand")
    ours, theirs = (Run(*(median(column) for column in zip(*done, strict=True))) for done in runs.values())
    pairs = [a.taken_s / b.taken_s for a, b in zip(*runs.values(), strict=True)]
    met = bool(median(pairs) <= TARGET)
    print(
        f"{name:<18} {ours.taken_s:6.2f} s, by hand {theirs.taken_s:6.2f} s  ratio {median(pairs):5.2f} "
        f"({min(pairs):.2f}–{max(pairs):.2f}){'' if met else '  MISSED'}  processor {ours.cpu_s / theirs.cpu_s:5.2f}  "
        f"memory {ours.peak_bytes / 1e6:4.0f} MB, by hand {theirs.peak_bytes / 1e6:4.0f} MB"
    )
    return met


def require_same_job(ours: Path, theirs: Path) -> None:
    """Raise SystemExit when the formats and sizes differ: then one side had less to do."""
    formats = [sorted(map(_format_and_size, paths)) for paths in (ours.glob("image*"), theirs.iterdir())]
    if formats[0] != formats[1]:
        raise SystemExit(f"not the same job: {formats[0]} and {formats[1]}")


def _format_and_size(path: Path) -> tuple[str, tuple[int, int]]:
    with Image.open(path) as image:
        return str(image.format), image.size


def memory(folder: Path, scratch: Path) -> bool:
    """Compare the growth over a small picture with the decoded pixels; True if every picture meets the target."""
    Image.new("RGB", (250, 250), "orange").save(scratch / "small.jpg")
    shutil.rmtree(scratch / "out", ignore_errors=True)
    least = tool([scratch / "small.jpg"], scratch / "out").peak_bytes
    met: list[bool] = []
    for name, (width, height) in PICTURES.items():
        shutil.rmtree(scratch / "out", ignore_errors=True)
        grown = tool([folder / name], scratch / "out").peak_bytes - least
        ratio = grown / (width * height * 4)
        met.append(ratio <= (HEIC_MEMORY_TARGET if name.endswith(".heic") else MEMORY_TARGET))
        print(f"{name:<18} {grown / 1e6:4.0f} MB more than for a small picture: {ratio:.2f} × its decoded pixels")
    return all(met)


def made_apart(folder: Path) -> Path:
    """Make the pictures in another process: on Linux a child starts with its parent's peak memory as its own."""
    make = "import sys, pathlib, benchmarks.images as here; here.pictures(pathlib.Path(sys.argv[1]))"
    run([sys.executable, "-c", make, str(folder)], {})
    return folder


def main(rounds: int) -> int:
    """Print medians and ratios; 1 when a target is missed."""
    folder = made_apart(cache() / "images")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        together = [folder / picture for picture in PICTURES]
        met = [compare(picture.name, [picture], scratch, rounds) for picture in together]
        met += [compare("all five", together, scratch, rounds), memory(folder, scratch)]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
