"""Contact sheets: the previews of several files in one picture, each with its caption."""

import base64
from collections.abc import Sequence
from io import BytesIO
from math import ceil

from PIL import Image, ImageDraw, ImageFont, ImageOps

from prep.model.preview import Preview, Thumbnail

# Up to so many files go into so many columns, each cell so wide; a sheet is at most 1,440 pixels wide.
COLUMNS = ((1, 1, 720), (4, 2, 480), (9, 3, 400), (16, 4, 360))
MOST_COLUMNS, NARROWEST = 5, 288
CAPTION, GAP, FONT = 26, 8, 15
PAPER, MOUNT, INK, BARS = "#ffffff", "#d9d9d9", "#1a1a1a", "#3565a8"
QUALITY = 82


def contact_sheet(items: Sequence[tuple[str, Preview]]) -> bytes:
    """A JPEG of *items*, captions and previews, row by row.

    Of a video four moments are shown, side by side or in the order of reading; of a sound its waveform.
    """
    columns, width = next(
        ((columns, width) for most, columns, width in COLUMNS if len(items) <= most), (MOST_COLUMNS, NARROWEST)
    )
    height = width * 3 // 4
    step_x, step_y = width + GAP, height + CAPTION + GAP
    sheet = Image.new("RGB", (columns * step_x + GAP, ceil(len(items) / columns) * step_y + GAP), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT)
    for index, (caption, preview) in enumerate(items):
        x, y = GAP + index % columns * step_x, GAP + index // columns * step_y
        sheet.paste(_cell(preview, (width, height)), (x, y))
        draw.text((x, y + height + 4), _fitted(caption, font, width), INK, font)
    file = BytesIO()
    sheet.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _cell(preview: Preview, size: tuple[int, int]) -> Image.Image:
    cell = Image.new("RGB", size, MOUNT)
    width, height = size
    if preview.strip:
        last = len(preview.strip) - 1
        moments = [preview.strip[round(last * part / 3)] for part in range(4)]
        across = 4 if moments[0].height > moments[0].width else 2
        part_width, part_height = width // across, height * across // 4
        for index, moment in enumerate(moments):
            place = (index % across * part_width, index // across * part_height)
            cell.paste(_picture(moment, (part_width, part_height)), place)
    elif preview.picture:
        cell.paste(_picture(preview.picture, size), (0, 0))
    elif preview.wave:
        _draw_wave(cell, preview.wave)
    else:
        ImageDraw.Draw(cell).text((GAP, GAP), "no preview", INK, ImageFont.load_default(FONT))
    return cell


def _picture(thumbnail: Thumbnail, size: tuple[int, int]) -> Image.Image:
    with Image.open(BytesIO(base64.b64decode(thumbnail.data)), formats=["WEBP"]) as image:
        return ImageOps.pad(image.convert("RGB"), size, Image.Resampling.LANCZOS, color=MOUNT)


def _draw_wave(cell: Image.Image, wave: Sequence[float]) -> None:
    draw, middle = ImageDraw.Draw(cell), cell.height / 2
    for index, value in enumerate(wave):
        x, half = index * cell.width / len(wave), max(1.0, value * (middle - GAP))
        draw.line((x, middle - half, x, middle + half), BARS)


def _fitted(caption: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """*caption* in the characters that the built-in font has, cut to *width* pixels."""
    text = caption.encode("latin-1", "replace").decode("latin-1")
    while text and font.getlength(text) > width:
        text = text[:-1]
    return text
