"""Colours as users write them and as plans hold them."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

from prep.model.color_names import NAMED_COLORS
from prep.validation import nearest

BLACK: Final = "#000000"


def color(text: str) -> str:
    """A CSS colour name, "#rgb" or "#rrggbb", as "#rrggbb". Raises ValueError."""
    value = NAMED_COLORS.get(text.lower(), text.lower())
    if match := re.fullmatch(r"#([0-9a-f])([0-9a-f])([0-9a-f])", value):
        value = "#" + "".join(digit * 2 for digit in match.groups())
    if not re.fullmatch(r"#[0-9a-f]{6}", value):
        hint = nearest(value, list(NAMED_COLORS)) or "use a name such as white, or #rrggbb"
        raise ValueError(f"{text!r} is not a colour ({hint})")
    return value


Color = Annotated[str, AfterValidator(color)]
