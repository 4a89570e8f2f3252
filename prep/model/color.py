"""Colours as users write them and as plans hold them."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

from prep.spelling import did_you_mean

BLACK: Final = "#000000"
# Profiles that cameras and editors embed when they mean sRGB: converting would only round.
SRGB_NAMES: Final = ("sRGB IEC61966-2.1", "sRGB built-in", "sRGB")


def color(text: str) -> str:
    """A CSS colour name, "#rgb" or "#rrggbb", as "#rrggbb". Raises ValueError."""
    value = text.lower()
    if re.fullmatch(r"#[0-9a-f]{6}", value):
        return value
    if match := re.fullmatch(r"#([0-9a-f])([0-9a-f])([0-9a-f])", value):
        return "#" + "".join(digit * 2 for digit in match.groups())
    from PIL import ImageColor  # has the names of CSS Color Module Level 4; takes a while to load

    if value in ImageColor.colormap:
        return f"#{bytes(ImageColor.getrgb(value)).hex()}"
    hint = did_you_mean(value, ImageColor.colormap) or "use a name such as white, or #rrggbb"
    raise ValueError(f"{text!r} is not a colour ({hint})")


Color = Annotated[str, AfterValidator(color)]
