"""A contact sheet: each video as it is stored, beside the video that `prep` makes of it.

python -m benchmarks.contact_sheet [TARGET]

The left picture ignores the display matrix, the pixel shape and the colour tags.
"""

import sys
import tempfile
from pathlib import Path
from typing import Final

import av
from PIL import Image, ImageDraw, ImageFont

from fixtures.make import make
from prep import prepare

SHOWN: Final = {
    "hdr10.mp4": "HDR10 (PQ)",
    "hlg.mp4": "HLG",
    "portrait_rot90.mov": "display matrix, 90°",
    "rot180.mp4": "display matrix, 180°",
    "flip_h.mp4": "display matrix, mirrored",
    "interlaced.mp4": "interlaced",
    "sar_4_3.mp4": "pixels of 4:3",
    "bt601_480p.mp4": "BT.601",
    "full_range.mp4": "full range",
    "vp9_alpha.webm": "transparent",
}
TARGET: Final = Path("docs/contact-sheet.webp")
CELL, LABEL, GAP, AT_S = (240, 180), 18, 8, 0.5


def frame(path: Path) -> Image.Image:
    """The first frame after half a second, as stored."""
    with av.open(str(path)) as container:
        picture = next(f for f in container.decode(video=0) if f.time is not None and f.time >= AT_S)
        rgb = picture.reformat(format="rgb24").planes[0]
        return Image.frombuffer("RGB", (picture.width, picture.height), bytes(rgb), "raw", "RGB", rgb.line_size, 1)


def sheet(pairs: list[tuple[str, Image.Image, Image.Image]]) -> Image.Image:
    """Two pairs in each row, the source on the left."""
    rows = (len(pairs) + 1) // 2
    width, height = CELL[0] + GAP, CELL[1] + LABEL + GAP
    picture = Image.new("RGB", (4 * width + 3 * GAP, rows * height + GAP), "#888")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size=13)
    for index, (label, before, after) in enumerate(pairs):
        left, top = GAP + index % 2 * (2 * width + GAP), GAP + index // 2 * height
        draw.text((left, top), f"{label}: stored, prepared", fill="black", font=font)
        for number, image in enumerate((before, after)):
            image.thumbnail(CELL, Image.Resampling.LANCZOS)
            picture.paste(image, (left + number * width, top + LABEL))
    return picture


def main(target: Path) -> None:
    pairs = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for fixture, label in SHOWN.items():
            source = make(fixture, folder)
            (entry,) = prepare([f"{source}#t=0,2"], out=folder / label).entries
            pairs.append((label, frame(source), frame(folder / label / (entry.output.path or ""))))
        sheet(pairs).save(target, quality=85)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
