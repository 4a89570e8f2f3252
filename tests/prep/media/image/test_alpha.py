"""Videos with transparency: what is transparent comes out black, whatever colour it hides."""

from pathlib import Path

import pytest
from PIL import ImageDraw

from fixtures.card import card
from fixtures.clip import HD, VP9, encode_clip
from tests.prep.media import reading
from tests.types import Made

PRORES = ("-c:v", "prores_ks", "-profile:v", "4444", "-alpha_bits", "16")


@pytest.mark.parametrize(
    ("name", "deeper", "video"),
    [("hidden.webm", "null", VP9), ("hidden.mov", "format=yuva444p10le", PRORES)],
    ids=["vp9", "prores"],
)
def test_what_is_transparent_is_black(
    made: Made, tmp_path: Path, name: str, deeper: str, video: tuple[str, ...]
) -> None:
    """The top left quadrant is red and transparent in its upper half."""
    picture = card(HD).convert("RGBA")
    alpha = picture.getchannel("A")
    ImageDraw.Draw(alpha).rectangle((0, 0, HD[0] // 2 - 1, HD[1] // 4 - 1), fill=0)
    picture.putalpha(alpha)
    pixels = "yuva420p" if name.endswith("webm") else "yuva444p"
    encode_clip(tmp_path / name, seconds=2, picture=picture, pixels=pixels, after_clock=deeper, video=video, sound=None)
    path, entry = made(tmp_path / name)
    assert "flatten" in [step.kind for step in entry.steps]
    image = reading.first_image(path)
    hidden, opaque = image.getpixel((HD[0] // 4, HD[1] // 8)), image.getpixel((HD[0] // 4, HD[1] * 3 // 8))
    assert isinstance(hidden, tuple) and isinstance(opaque, tuple)
    assert max(hidden) < 12
    assert opaque[0] > 220 and max(opaque[1:]) < 40
