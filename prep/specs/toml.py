"""TOML documents, with the line that a key stands in: the standard reader keeps none."""

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prep.errors import UsageError
from prep.model.redact import shown

TABLE = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]")
PAIR = re.compile(r"\s*([A-Za-z0-9_.\"'-]+(?:\s*\.\s*[A-Za-z0-9_\"'-]+)*)\s*=")


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """The document in *path*, and its text. Raises UsageError when it can't be read or is no TOML."""
    try:
        text = path.read_bytes().decode("utf-8")
        return tomllib.loads(text), text
    except OSError as error:
        raise UsageError(f"{shown(path)}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown(path)}: not TOML: not UTF-8 text") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{shown(path)}: not TOML: {error}") from error


def line_of(text: str, key: Sequence[int | str]) -> int | None:
    """The line, from 1, of *key*, or of what is written nearest above or first below it; None: nothing is."""
    wanted = tuple(map(str, key))
    best, at = 0, None
    table: tuple[str, ...] = ()
    seen: Counter[tuple[str, ...]] = Counter()
    for number, line in enumerate(text.splitlines(), 1):
        if header := TABLE.match(line):
            here = table = _parts(header[1])
            if line.lstrip().startswith("[["):
                here = table = (*table, str(seen[table]))
                seen[here[:-1]] += 1
        elif pair := PAIR.match(line):
            here = (*table, *_parts(pair[1]))
        else:
            continue
        shared = min(len(here), len(wanted))
        if shared > best and here[:shared] == wanted[:shared]:
            best, at = shared, number
    return at


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
