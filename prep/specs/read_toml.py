"""TOML documents, and the line of a key, which the standard reader does not keep."""

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prep.errors import UsageError
from prep.media.io.text_file import DEEP, read_text
from prep.model.redact import shown

# The built-in specs have a hundredth of it.
MOST_BYTES = 1_000_000
# Names of tables and keys are shorter; the patterns below take long on a long line that has none.
LONGEST_LINE = 500
# The library's time grows with the square of the parts of a key.
MOST_DOTS = 1_000
TABLE = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]")
PAIR = re.compile(r"\s*([A-Za-z0-9_.\"'-]+(?:\s*\.\s*[A-Za-z0-9_\"'-]+)*)\s*=")


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """The document in *path*, and its text. Raises UsageError when it can't be read or is no TOML."""
    text = read_text(path, MOST_BYTES)
    return parse_toml(text, shown(path)), text


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Read one document; *name* is for messages. Raises UsageError."""
    if number := next((number for number, line in enumerate(text.split("\n"), 1) if line.count(".") > MOST_DOTS), None):
        raise UsageError(f"{name}:{number}: more than the {MOST_DOTS:,} dots that a line may have")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: not TOML: {error}") from error
    except RecursionError:
        raise UsageError(f"{name}: {DEEP}") from None


def line_of(text: str, key: Sequence[int | str]) -> int | None:
    """The line, from 1, of *key*, or of the nearest key above it or the first below it; None: there is none."""
    path = tuple(map(str, key))
    best, best_line = 0, None
    table: tuple[str, ...] = ()
    counts: Counter[tuple[str, ...]] = Counter()
    for number, line in enumerate((whole[:LONGEST_LINE] for whole in text.splitlines()), 1):
        if header := TABLE.match(line):
            here = table = _parts(header[1])
            if line.lstrip().startswith("[["):
                here = table = (*table, str(counts[table]))
                counts[here[:-1]] += 1
        elif pair := PAIR.match(line):
            here = (*table, *_parts(pair[1]))
        else:
            continue
        shared = min(len(here), len(path))
        if shared > best and here[:shared] == path[:shared]:
            best, best_line = shared, number
    return best_line


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
