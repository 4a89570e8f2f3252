"""The images of the job, written by hand with Pillow: the same formats, sizes and quality, two at once.

python benchmarks/images_by_hand.py OUT FILE...
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pillow_heif
from PIL import Image, ImageOps

LONGEST = 6000

Image.MAX_IMAGE_PIXELS = None


def convert(source: Path, out: Path) -> None:
    if source.suffix == ".heic":
        image = pillow_heif.open_heif(source).to_pillow()
    else:
        opened = Image.open(source)
        image = ImageOps.exif_transpose(opened) or opened
    if max(image.size) > LONGEST:
        factor = LONGEST / max(image.size)
        size = (round(image.width * factor), round(image.height * factor))
        image = image.resize(size, Image.Resampling.LANCZOS)
    image.info = {}
    image.convert("RGB").save(out / f"{source.name}.jpg", quality=95, subsampling="4:4:4")


def main(out: Path, sources: list[Path]) -> None:
    out.mkdir(exist_ok=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda source: convert(source, out), sources))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
