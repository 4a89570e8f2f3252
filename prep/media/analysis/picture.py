"""Facts about the pixels of a picture that its plan depends on: how it packs, its edges, its subject."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageStat

from prep.errors import UnreadableError
from prep.media.analysis.subject import find_subject
from prep.media.image.decode import DECODING_ERRORS, why
from prep.media.image.picture import picture
from prep.model.analysis import PHOTOGRAPH, Look, Questions, Subject
from prep.model.media import ImageInfo
from prep.model.plan import CropTo, EncodeImage, Orient, Scale, Step, TakeFrame, ToneMap, find

Edges = tuple[str | None, str | None, str | None, str | None]

# Tiles from all over a picture show how well it packs: this many across and down, of this many pixels.
TILES, TILE_PX = 5, 128
# An edge is of one colour when its samples spread no more than this, of 255; a JPEG's noise spreads by 2 or 3.
EVEN = 6.0
EDGE_PX = 4
# Of a larger picture half the sides tell as much, in a quarter of the memory.
LARGE_PIXELS = 100_000_000


def look(path: Path, info: ImageInfo, steps: tuple[Step, ...], asked: Questions, kept: CropTo | None) -> Look:
    """Answer *asked* about a picture for which *steps* are planned; *kept* is the user's crop.

    Raises UnreadableError when it can't be decoded.
    """
    try:
        return _look(path, info, steps, asked, kept)
    except DECODING_ERRORS as error:
        raise UnreadableError(f"{path.name}: can't be decoded: {why(error)}; use another copy") from error


def _look(path: Path, info: ImageInfo, steps: tuple[Step, ...], asked: Questions, kept: CropTo | None) -> Look:
    upright = tuple(step for step in steps if isinstance(step, TakeFrame | Orient | ToneMap))
    whole: tuple[Step, ...] = (*upright, kept) if kept else upright
    if info.width * info.height > LARGE_PIXELS and not (kept or asked.subject):
        whole = (*whole, Scale(width=info.width // 2, height=info.height // 2, because=("asked",)))
    image = picture(path, info, whole).image
    packed = _packed(image) if asked.packed else None
    answers = Look(
        packed=packed,
        edges=_edges(image) if asked.edges else None,
        subject=_subject(image, steps, kept) if asked.subject else None,
    )
    if not asked.sizes or (packed is not None and packed > PHOTOGRAPH):
        return answers
    return answers.model_copy(update=_sizes(picture(path, info, steps).image, steps))


def _subject(image: Image.Image, steps: tuple[Step, ...], crop: CropTo | None) -> Subject:
    """The subject of *image*, which is the user's *crop*; the crop in *steps* has its final size already."""
    planned = find(steps, CropTo)
    size = (planned.width, planned.height) if planned else image.size
    return find_subject(image, size, (crop.x, crop.y) if crop else (0, 0))


def _packed(image: Image.Image) -> float:
    """Packed size of tiles from all over the picture, without loss, over their own size; 0 for a tiny picture."""
    if image.width * image.height < TILE_PX * TILE_PX:
        return 0.0
    wide, high = min(TILE_PX, image.width), min(TILE_PX, image.height)
    mosaic = Image.new("RGB", (wide * TILES, high * TILES))
    for column in range(TILES):
        for row in range(TILES):
            x, y = (image.width - wide) * column // (TILES - 1), (image.height - high) * row // (TILES - 1)
            mosaic.paste(image.crop((x, y, x + wide, y + high)).convert("RGB"), (column * wide, row * high))
    return min(1.0, len(_saved(mosaic, "PNG")) / (mosaic.width * mosaic.height * 3))


def _edges(image: Image.Image) -> Edges:
    width, height = image.size
    across, down = min(EDGE_PX, width), min(EDGE_PX, height)
    left, top = (0, 0, across, height), (0, 0, width, down)
    right, bottom = (width - across, 0, width, height), (0, height - down, width, height)
    return (_color(image, left), _color(image, top), _color(image, right), _color(image, bottom))


def _color(image: Image.Image, box: tuple[int, int, int, int]) -> str | None:
    """The colour of a strip; None where it has several."""
    strip = ImageStat.Stat(image.crop(box).convert("RGB"))
    if max(strip.stddev) > EVEN:
        return None
    red, green, blue = (round(mean) for mean in strip.mean)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _sizes(image: Image.Image, steps: tuple[Step, ...]) -> dict[str, int]:
    """The bytes of a PNG and, where that is too large, of a WebP."""
    most = next((step.max_bytes for step in steps if isinstance(step, EncodeImage)), None)
    png_bytes = len(_saved(image, "PNG"))
    if most is None or png_bytes <= most:
        return {"png_bytes": png_bytes}
    return {"png_bytes": png_bytes, "webp_bytes": len(_saved(image, "WEBP", lossless=True, method=4))}


def _saved(image: Image.Image, format: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, format=format, **options)
    return file.getvalue()
