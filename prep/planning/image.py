"""The fewest steps that bring one image inside its limits."""

from typing import Literal

from prep.model.limits import ImageLimits
from prep.model.media import ImageInfo
from prep.model.plan import EncodeImage, Options, Orient, Step, TakeFrame
from prep.model.reference import Crop
from prep.planning.geometry import arrange
from prep.planning.predict import predict
from prep.rules.compare import broken
from prep.rules.image import check_image

# PNG writes at most the raw pixels, a filter byte a row and a little framing.
PNG_BYTES_PER_PIXEL = {False: 3.05, True: 4.05}
LOSSLESS = ("png", "bmp", "tiff", "gif")
# High enough that no eye tells it from the source; the tool goes lower only when max_bytes binds.
QUALITY = 95


def image_steps(
    info: ImageInfo, limits: ImageLimits, options: Options, crop: Crop | None, label: str
) -> tuple[Step, ...]:
    """Steps for one image; none if it is inside already and no crop was asked for.

    When no size is inside the limits the steps leave the sides as they are, and the prediction shows what stands.
    Raises UsageError when *crop* reaches outside the picture.
    """
    rules = broken(check_image(info, limits))
    if not rules and crop is None:
        return ()
    steps: list[Step] = []
    because = tuple(sorted(rules)) or ("asked",)
    if info.frames > 1:
        steps.append(TakeFrame(because=because))
    if info.orientation != 1:
        steps.append(Orient(because=("image-not-upright",)))
    arranged = arrange((info.width, info.height), crop, limits, options.fit, 1, _sides_broken(rules) or because, label)
    steps += arranged
    sized = predict(info, arranged)
    assert isinstance(sized, ImageInfo)
    if crop is not None:
        because = ("asked", *sorted(rules))
    steps.append(_encode(info, limits, sized.width * sized.height, because))
    return tuple(steps)


def _sides_broken(rules: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(rule for rule in rules if rule.startswith(("image-side-", "image-area-", "image-aspect-"))))


def _encode(info: ImageInfo, limits: ImageLimits, area: int, because: tuple[str, ...]) -> EncodeImage:
    """PNG for what is lossless or has transparency, if it surely fits; else WebP with transparency, JPEG without."""
    most = limits.max_bytes.value if limits.max_bytes else None
    container: Literal["jpeg", "png", "webp"]
    fits = most is None or area * PNG_BYTES_PER_PIXEL[info.has_alpha] <= most
    if (info.has_alpha or info.container in LOSSLESS) and fits:
        container, note = "png", "lossless, as the source is" if info.container in LOSSLESS else "keeps transparency"
    elif info.has_alpha:
        container, note = "webp", "keeps transparency in fewer bytes than PNG"
    else:
        container, note = "jpeg", "a photograph in few bytes"
    quality = None if container == "png" else QUALITY
    return EncodeImage(container=container, quality=quality, max_bytes=most, because=because, note=note)
