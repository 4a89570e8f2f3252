"""The rules for one image."""

from prep.model.limits import ImageLimits
from prep.model.media import ImageInfo
from prep.rules.findings import Findings, advice, at_most, one_of
from prep.rules.sides import check_enlargement, check_sides


def check_image(info: ImageInfo, limits: ImageLimits) -> Findings:
    """Every finding about one image, in a fixed order."""
    return (
        *one_of("image-format-unsupported", info.container, limits.containers),
        *at_most("image-file-too-large", info.bytes, limits.max_bytes, "bytes"),
        *check_sides("image", info.width, info.height, limits),
        *_orientation(info),
        *_animation(info),
        *_hdr(info),
        *check_enlargement("image", info.width, info.height, limits),
        *_private(info),
    )


def damaged(what: str | None) -> Findings:
    """What decoding showed: *what* the decoder says of the coded data; None: nothing."""
    if what is None:
        return ()
    message = f"its coded data is damaged ({what}); a part may be grey, shifted or of wrong colours: look at it"
    return advice("image-damaged", what, "none", message)


def _orientation(info: ImageInfo) -> Findings:
    if info.orientation == 1:
        return ()
    return advice(
        "image-not-upright",
        info.orientation,
        1,
        f"it stands upright only for readers that heed its EXIF orientation ({info.orientation})",
    )


def _animation(info: ImageInfo) -> Findings:
    if info.frames == 1:
        return ()
    return advice("image-animated", info.frames, 1, f"it has {info.frames} frames; an image reference is one picture")


def _hdr(info: ImageInfo) -> Findings:
    if info.hdr is None:
        return ()
    return advice("image-hdr", info.hdr.upper(), "SDR", f"it is HDR ({info.hdr.upper()}), and pale for readers of SDR")


def _private(info: ImageInfo) -> Findings:
    if not info.private_metadata:
        return ()
    told = ", ".join(info.private_metadata)
    return advice("image-private-metadata", told, "none", f"it tells more than the picture: {told}")
