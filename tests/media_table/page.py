"""docs/media.md, written from the rows that the tests run: `python -m tests.media_table` brings it up to date."""

import re
from collections.abc import Iterable
from pathlib import Path
from textwrap import fill
from typing import Final

from tests.media_table.images import IMAGES
from tests.media_table.row import Row
from tests.media_table.sounds import SOUNDS
from tests.media_table.videos import VIDEOS

PAGE: Final = Path(__file__).parents[2] / "docs" / "media.md"
KINDS: Final[dict[str, tuple[Row, ...]]] = {"Images": IMAGES, "Videos": VIDEOS, "Sounds": SOUNDS}
# Steps in words; those that make a file name its format.
WORDS: Final = {
    "take-frame": "take one frame",
    "orient": "turn upright",
    "trim": "trim",
    "crop": "crop",
    "scale": "scale",
    "pad": "pad",
    "set-rate": "change the frame rate",
    "extend": "lengthen",
    "deinterlace": "deinterlace",
    "flatten": "fill transparency",
    "mute": "drop the sound",
    "tone-map": "tone-map to SDR",
    "strip-metadata": "strip metadata",
    "set-loudness": "set the loudness",
    "encode-image": "re-encode as {format}",
    "encode-video": "re-encode",
    "encode-audio": "re-encode as {format}",
    "remux": "copy into MP4",
}
# Facts of a result, and the steps that change them.
FACTS: Final = {
    "size": re.compile(r"\d+×\d+"),
    "rate": re.compile(r"[\d.]+ fps"),
    "length": re.compile(r"[\d.]+ s\b"),
}
CHANGED_BY: Final = {
    "size": {"crop", "scale", "pad"},
    "rate": {"set-rate", "deinterlace"},
    "length": {"trim", "extend"},
}
HEAD: Final = """\
# Formats

What `prep` makes of each kind of file under the limits of `bytedance/seedance-2.0/reference-to-video`. Widths and
heights are as displayed. Re-encoded videos are MP4 with H.264 and AAC; re-encoded sounds have 44.1 or 48 kHz and at
most two channels. A PNG keeps transparency.
"""
DAMAGE: Final = """
## Damaged files

`prep` decodes every picture, and the clips and sounds that it re-encodes, so it finds damage there before anything is
paid. Damage in a clip or sound that is sent unchanged is found only by `check --thorough`. Damage that still decodes in
a format without checksums (JPEG, WebP, HEIC) may go unnoticed. A picture that is too damaged to decode is refused. A
clip or a sound is used as far as it can be decoded, with a warning.

What `check` refuses, `prep` refuses too. Some damaged files are refused only by `prep`, because `check` decodes of

- pictures: all, or what has no checksum; the first blocks of a JPEG
- HEIC of more than 3 megapixels: nothing; of 360 files with changed bytes it accepted 5 that `prep` refused
- JPEG 2000 of more than 3 megapixels: an eighth of its sides
- videos: the first frame; also the last where the file ends early or its index leads elsewhere
- sounds: the first frame; of an M4A one of the last as well
"""


def page() -> str:
    return HEAD + "".join(f"\n## {title}\n\n{_section(rows)}\n" for title, rows in KINDS.items()) + DAMAGE


def _section(rows: Iterable[Row]) -> str:
    """The files that are sent unchanged, and an item for each way in which others are prepared."""
    rows = tuple(rows)
    unchanged = "; ".join(row.what for row in rows if not row.steps)
    ways: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row.steps:
            file_format = row.comes_out.partition(" ")[0]
            steps = ", ".join(WORDS[step] for step in row.steps).format(format=file_format)
            ways.setdefault((f" (`{row.asked}`)" if row.asked else "", steps), []).append(row.what + _result(row))
    unasked_first = sorted(ways.items(), key=lambda way: way[0][0] != "")
    lines = [f"- **{steps}**{asked}: {'; '.join(files)}" for (asked, steps), files in unasked_first]
    return "\n".join(_wrapped(line) for line in (f"- **sent unchanged**: {unchanged}", *lines))


def _wrapped(line: str) -> str:
    return fill(line, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _result(row: Row) -> str:
    """What the steps change, unless the user asked for just that."""
    shown = [what for what, steps in CHANGED_BY.items() if steps & {*row.steps} and "#t=" not in row.fixture]
    facts = [match[0] for what in shown if (match := FACTS[what].search(row.comes_out))]
    return f" → {', '.join(facts)}" if facts else ""
