"""The format of a re-made image: the gentlest that fits its size limit, with the reason."""

from prep.model.analysis import PHOTOGRAPH, Look
from prep.model.color import SRGB_NAMES
from prep.model.limits import ImageLimits
from prep.model.media import ImageInfo
from prep.model.plan import EncodeImage
from prep.model.redact import shown
from prep.rules.amounts import amount
from prep.rules.format_names import format_name

# Without loss, graphics take a few hundredths of their pixels' bytes and camera pictures a third to two thirds.
# A file this near to its pixels' bytes was hardly packed, and tells nothing about them.
HARDLY_PACKED = 0.9
# BMP does not pack at all.
UNLIKE_PNG = ("bmp",)
# Of a small file, profiles and notes may be the better part.
SMALL_BYTES = 50_000
# PNG writes at most the raw pixels, a filter byte a row and a little framing.
PNG_BYTES_PER_PIXEL = {False: 3.05, True: 4.05}
# High enough that no eye tells it from the source; the tool goes lower only when max_bytes binds.
QUALITY = 95
BYTES_OF_MODE = {
    "1": 1 / 8,
    "L": 1,
    "P": 1,
    "LA": 2,
    "PA": 2,
    "I;16": 2,
    "I;16B": 2,
    "CMYK": 4,
    "RGBA": 4,
    "F": 4,
    "I": 4,
}


def encode_image(
    info: ImageInfo, limits: ImageLimits, size: tuple[int, int], because: tuple[str, ...], look: Look
) -> EncodeImage:
    """A photograph becomes a JPEG; graphics and what is transparent a PNG, or where that is too large a WebP without
    loss, or at last one with loss (without transparency: a JPEG).

    *info* is the picture without what was flattened, *size* that of what is written.
    """
    chosen = _format(info, limits, size, because, look)
    return chosen.model_copy(update={"note": "; ".join(filter(None, (chosen.note, _colors(info))))})


def _format(
    info: ImageInfo, limits: ImageLimits, size: tuple[int, int], because: tuple[str, ...], look: Look
) -> EncodeImage:
    most = limits.max_bytes.value if limits.max_bytes else None
    if not info.has_alpha and is_photograph(info, look):
        lossy = "" if info.container == "jpeg" else f"the {format_name(info.container)} was lossy already"
        return _jpeg(most, because, "a photograph" if info.lossless else lossy)
    reason = "keeps transparency" if info.has_alpha else "graphics, lossless"
    if surely_fits(info, limits, size) or look.png_bytes is None or look.png_bytes <= (most or look.png_bytes):
        return EncodeImage(container="png", max_bytes=most, because=because, note=reason)
    sizes = f"{reason}; PNG would be {amount(look.png_bytes, 'bytes')}"
    if look.webp_bytes is not None and most is not None and look.webp_bytes <= most:
        return EncodeImage(container="webp", max_bytes=most, because=because, note=sizes)
    sizes += f", lossless WebP {amount(look.webp_bytes or 0, 'bytes')}"
    if info.has_alpha:
        return EncodeImage(container="webp", quality=QUALITY, max_bytes=most, because=because, note=sizes)
    return _jpeg(most, because, sizes.replace("graphics, lossless", "graphics"))


def _colors(info: ImageInfo) -> str:
    """The conversion of the colours, in words; empty where they are sRGB, or grey, already."""
    if info.hdr:
        return ""  # the tone mapping says it
    space = {"bt2020": "BT.2020", "smpte432": "Display P3"}.get(info.color_primaries or "", info.icc or "")
    if not space and info.mode in ("CMYK", "LAB"):
        space = info.mode
    return f"{shown(space)} colours become sRGB" if space and space not in SRGB_NAMES else ""


def is_photograph(info: ImageInfo, look: Look) -> bool:
    """True if a JPEG does the picture no harm: its format is lossy already, or it is a photograph."""
    if not info.lossless:
        return True
    if info.mode in ("1", "P"):
        return False
    packed = look.packed if look.packed is not None else packed_by_file(info)
    return packed is not None and packed > PHOTOGRAPH


def packed_by_file(info: ImageInfo) -> float | None:
    """How well the file's own lossless packing did, 0..1; None: it tells nothing, or there are several pictures."""
    packed = info.bytes / (info.width * info.height * BYTES_OF_MODE.get(info.mode, 3))
    telling = info.bytes >= SMALL_BYTES and info.frames == 1 and info.container not in UNLIKE_PNG
    return packed if telling and packed < HARDLY_PACKED else None


def surely_fits(info: ImageInfo, limits: ImageLimits, size: tuple[int, int]) -> bool:
    """True if a PNG of that size fits whatever it shows."""
    return limits.max_bytes is None or size[0] * size[1] * PNG_BYTES_PER_PIXEL[info.has_alpha] <= limits.max_bytes.value


def _jpeg(most: int | None, because: tuple[str, ...], note: str) -> EncodeImage:
    return EncodeImage(container="jpeg", quality=QUALITY, chroma="4:4:4", max_bytes=most, because=because, note=note)
