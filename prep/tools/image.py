"""Making one image: the steps of a plan carried out with Pillow."""

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps

from prep.errors import NonCompliantError, ToolError
from prep.model.media import ImageInfo
from prep.model.plan import CropTo, EncodeImage, Orient, Pad, PlanEntry, Scale, Step, TakeFrame, find
from prep.rules.compare import over_share
from prep.tools.probe_image import PILLOW_FORMATS, open_heif

# When a file is still too large the quality goes down to here before the tool gives up.
LOWEST_QUALITY = 80
QUALITY_STEP = 5
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def make_image(source: Path, entry: PlanEntry, target: Path) -> None:
    """Carry out the steps of *entry* on *source* and write *target*.

    Colours come out as sRGB, the orientation baked in, without metadata. Raises ToolError when the file can't be
    decoded, NonCompliantError when it does not fit into its bytes at the lowest quality.
    """
    info, encode = entry.source, find(entry.steps, EncodeImage)
    if not isinstance(info, ImageInfo) or encode is None:
        raise ToolError(f"{entry.label}: the plan does not encode it as an image")
    try:
        image = _open(source, info, entry.steps)
        image = to_srgb(image, keep_alpha=encode.container != "jpeg")
        image = _laid_out(image, entry.steps)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise ToolError(f"{entry.label}: can't be decoded: {error}") from error
    image.info = {}  # comments and the like would be written again
    _write(image, encode, target, entry.label)


def decodes(source: Path, container: str) -> bool:
    """Whether the whole picture can be decoded: a header alone proves nothing about the rest."""
    try:
        image = open_heif(source) if container == "heif" else Image.open(source, formats=PILLOW_FORMATS[container])
        with image:
            image.load()
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError):
        return False
    return True


def _open(source: Path, info: ImageInfo, steps: tuple[Step, ...]) -> Image.Image:
    if info.container == "heif":
        return open_heif(source)
    frame, scale = find(steps, TakeFrame), find(steps, Scale)
    with Image.open(source, formats=PILLOW_FORMATS[info.container]) as image:
        if frame is not None:
            image.seek(frame.index)
        if scale is not None and find(steps, CropTo) is None and info.container == "jpeg":
            # a JPEG decodes at a half, a quarter or an eighth for a fraction of the work
            wanted = (scale.width, scale.height) if info.orientation < 5 else (scale.height, scale.width)
            image.draft(None, wanted)
        image.load()
        # only as planned: a PNG may carry an orientation behind its pixels, which the probe does not read
        return ImageOps.exif_transpose(image) if find(steps, Orient) else image.copy()


def to_srgb(image: Image.Image, *, keep_alpha: bool) -> Image.Image:
    """8-bit sRGB, with the alpha channel when there is one and the format has room for it."""
    profile = image.info.get("icc_profile")
    alpha = _alpha(image) if keep_alpha else None
    plain = _eight_bit(image)
    if plain.mode in ("RGBA", "LA", "PA", "P") or "transparency" in plain.info:
        rgba = plain.convert("RGBA")
        if not keep_alpha:
            rgba = Image.alpha_composite(Image.new("RGBA", rgba.size, "black"), rgba)
        plain = rgba.convert("RGB")
    if profile:
        plain = _through_profile(plain, profile)
    plain = plain.convert("RGB")
    if alpha is not None:
        plain.putalpha(alpha)
    return plain


def _alpha(image: Image.Image) -> Image.Image | None:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        return image.convert("RGBA").getchannel("A")
    return None


def _eight_bit(image: Image.Image) -> Image.Image:
    """16-bit grey and floating point scaled; Pillow's own conversion clips everything above 255 to white."""
    if image.mode == "F":
        brightest = float(image.getextrema()[1])  # type: ignore[arg-type]
        white = next((top for top in (1.0, 255.0) if brightest <= top), 65535.0)
        return _scaled(image, 255 / white)
    return _scaled(image.convert("I"), 1 / 256) if image.mode.startswith("I") else image


def _scaled(image: Any, factor: float) -> Image.Image:
    scaled: Image.Image = image.point(lambda value: value * factor + 0).convert("L")
    return scaled


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(
            image,
            source,
            SRGB,
            renderingIntent=ImageCms.Intent.PERCEPTUAL,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError):
        return image  # a profile that does not fit its picture: readers ignore it as well
    return converted if converted is not None else image


def _laid_out(image: Image.Image, steps: tuple[Step, ...]) -> Image.Image:
    crop, scale, pad = find(steps, CropTo), find(steps, Scale), find(steps, Pad)
    if crop is not None:
        image = image.crop((crop.x, crop.y, crop.x + crop.width, crop.y + crop.height))
    if scale is not None:
        image = image.resize((scale.width, scale.height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if pad is not None:
        canvas = Image.new(image.mode, (pad.width, pad.height))
        canvas.paste(image, (pad.x, pad.y))
        image = canvas
    return image


def _write(image: Image.Image, encode: EncodeImage, target: Path, label: str) -> None:
    if encode.quality is None:
        image.save(target, format=encode.container.upper())
        return _judge_size(target, encode, label)
    for quality in range(encode.quality, LOWEST_QUALITY - 1, -QUALITY_STEP):
        options: dict[str, Any] = {"quality": quality, "subsampling": 0} if encode.container == "jpeg" else {}
        image.save(target, format=encode.container.upper(), **(options or {"quality": quality, "method": 4}))
        if encode.max_bytes is None or target.stat().st_size <= encode.max_bytes:
            return None
    return _judge_size(target, encode, label)


def _judge_size(target: Path, encode: EncodeImage, label: str) -> None:
    size = target.stat().st_size
    if encode.max_bytes is not None and size > encode.max_bytes:
        finding = over_share("image-file-too-large", size, encode.max_bytes, label)
        raise NonCompliantError(f"{label}: it does not fit into the bytes that an image may have", (finding,))
