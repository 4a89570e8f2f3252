"""Colours as the user writes them and as plans hold them."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

BLACK: Final = "#000000"
# The 16 names of CSS level 1; everything else is written as a number.
NAMED_COLORS = {
    "black": "#000000",
    "silver": "#c0c0c0",
    "gray": "#808080",
    "white": "#ffffff",
    "maroon": "#800000",
    "red": "#ff0000",
    "purple": "#800080",
    "fuchsia": "#ff00ff",
    "green": "#008000",
    "lime": "#00ff00",
    "olive": "#808000",
    "yellow": "#ffff00",
    "navy": "#000080",
    "blue": "#0000ff",
    "teal": "#008080",
    "aqua": "#00ffff",
}


def color(text: str) -> str:
    """A name or "#rgb" or "#rrggbb" as "#rrggbb". Raises ValueError."""
    found = NAMED_COLORS.get(text.lower(), text.lower())
    if match := re.fullmatch(r"#([0-9a-f])([0-9a-f])([0-9a-f])", found):
        found = "#" + "".join(digit * 2 for digit in match.groups())
    if not re.fullmatch(r"#[0-9a-f]{6}", found):
        raise ValueError(f"{text!r} is not a colour; write a name such as white, or #rrggbb")
    return found


Color = Annotated[str, AfterValidator(color)]
