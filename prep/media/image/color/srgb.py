"""Conversion of a picture's colours to 8-bit sRGB, from any mode and ICC profile."""

from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

from prep.model.color import SRGB_NAMES

# The colour spaces of profiles, and the mode that pixels must have for each.
MODE_OF_SPACE = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "LAB": "LAB"}


def simplify(image: Image.Image) -> Image.Image:
    """*image* with samples that can be scaled: 8 bits, no palette, transparency in a channel of its own."""
    if image.mode in ("P", "PA") or "transparency" in image.info:
        transparent = image.mode == "PA" or "transparency" in image.info
        return _keeping_profile(image, image.convert("RGBA" if transparent else "RGB"))
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "F" or image.mode.startswith("I"):
        return _keeping_profile(image, _eight_bit(image))
    if image.mode in ("RGBa", "La"):
        return image.convert("RGBA" if image.mode == "RGBa" else "LA")
    return image


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """An image from `simplify` as RGB, or RGBA where it has alpha; *profile* is its ICC profile, None: sRGB.

    Perceptual, with black point compensation. May write into *image*.
    """
    alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
    opaque = image.convert({"RGBA": "RGB", "LA": "L"}[image.mode]) if alpha else image
    colored = _from_lab(opaque) if opaque.mode == "LAB" else _through_profile(opaque, profile) if profile else opaque
    if colored.mode != "RGB":
        colored = colored.convert("RGB")
    if alpha is not None:
        colored.putalpha(alpha)
    return colored


def _from_lab(image: Image.Image) -> Image.Image:
    converted = ImageCms.profileToProfile(image, ImageCms.createProfile("LAB"), _srgb(), outputMode="RGB")
    assert converted is not None  # it is not done in place
    return converted


def _keeping_profile(before: Image.Image, after: Image.Image) -> Image.Image:
    if "icc_profile" in before.info:
        after.info["icc_profile"] = before.info["icc_profile"]
    return after


def _eight_bit(image: Image.Image) -> Image.Image:
    """16-bit grey and floating point scaled to 8 bits; Pillow's conversion would clip everything above 255."""
    if image.mode == "F":
        brightest = float(image.getextrema()[1])  # type: ignore[arg-type]
        white = next((top for top in (1.0, 255.0) if brightest <= top), 65535.0)
        return _scaled(image, 255 / white)
    return _scaled(image.convert("I"), 1 / 256)


def _scaled(image: Any, factor: float) -> Image.Image:
    scaled: Image.Image = image.point(lambda value: value * factor + 0).convert("L")
    return scaled


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = MODE_OF_SPACE.get(source.profile.xcolor_space.strip().upper())
        if mode is None or ImageCms.getProfileDescription(source).strip() in SRGB_NAMES:
            return image
        if image.mode != mode:
            if image.mode != "L" or mode != "RGB":
                return image  # a profile for something else: viewers ignore it as well
            image = image.convert(mode)
        converted = ImageCms.profileToProfile(
            image,
            source,
            _srgb(),
            renderingIntent=ImageCms.Intent.PERCEPTUAL,
            outputMode="RGB",
            inPlace=mode == "RGB",  # a second picture of 48 million pixels takes 190 MB
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError):
        return image  # a profile that does not fit its picture: viewers ignore it as well
    return image if converted is None else converted


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
