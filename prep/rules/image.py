"""The rules for one image."""

from prep.model.limits import ImageLimits
from prep.model.media import ImageInfo
from prep.rules.findings import Findings, advice, at_most, one_of
from prep.rules.private import check_private
from prep.rules.sides import check_enlargement, check_sides

# EXIF 2.32, tag 0x0112: where the stored picture's top row and left column are.
STORED = {
    2: "mirrored",
    3: "upside down",
    4: "upside down and mirrored",
    5: "sideways and mirrored",
    6: "sideways",
    7: "sideways and mirrored",
    8: "sideways",
}


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
        *check_private("image-private-metadata", info.private_metadata),
    )


def damaged(reason: str | None) -> Findings:
    """Damage that decoding showed: *reason* is what the decoder says of it; None: there is none."""
    if reason is None:
        return ()
    message = f"damaged ({reason}): part of the picture may be grey, shifted or discoloured; look at it"
    return advice("image-damaged", reason, "none", message)


def _orientation(info: ImageInfo) -> Findings:
    if info.orientation == 1:
        return ()
    stored = STORED.get(info.orientation, "turned")
    message = f"stored {stored}; some viewers ignore the EXIF orientation ({info.orientation})"
    return advice("image-not-upright", info.orientation, 1, message)


def _animation(info: ImageInfo) -> Findings:
    if info.frames == 1:
        return ()
    return advice("image-animated", info.frames, 1, f"has {info.frames} frames, but an image reference is one picture")


def _hdr(info: ImageInfo) -> Findings:
    if info.hdr is None:
        return ()
    name = info.hdr.upper()
    return advice("image-hdr", name, "SDR", f"HDR ({name}): looks washed out in SDR viewers")
