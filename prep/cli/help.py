"""Help texts whose commands, options, paths and URLs are never broken in two: they could not be copied."""

import re
from collections.abc import Iterable

import click

# Stand for a hyphen and a space at which no line is broken; the printed text has the real ones.
HYPHEN, SPACE = "\u2011", "\u00a0"
IN_WORD = re.compile(r"(?<=\S)-(?=\S)|(?<!\S)--?(?=\S)")
QUOTED = re.compile(r"(?<!\w)'[^'\n]+'(?!\w)")


class HelpFormatter(click.HelpFormatter):
    """As click's, which breaks lines at hyphens and between the words of a quoted command."""

    def write_text(self, text: str) -> None:
        super().write_text(_whole(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(term, _whole(text)) for term, text in rows], col_max, col_spacing)

    def getvalue(self) -> str:
        return super().getvalue().replace(HYPHEN, "-").replace(SPACE, " ")


class HelpContext(click.Context):
    """The context of a command whose help is written by HelpFormatter."""

    formatter_class = HelpFormatter


def _whole(text: str) -> str:
    joined = QUOTED.sub(lambda quoted: quoted[0].replace(" ", SPACE), text)
    return IN_WORD.sub(lambda hyphens: HYPHEN * len(hyphens[0]), joined)
