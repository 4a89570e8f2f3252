"""Reader of JSON that comes from the platform: what is odd in one place costs nothing elsewhere."""

import json
import re
from collections.abc import Iterator
from typing import Any

# As deep as anything is read; the journal keeps less.
DEEPEST = 200
# A string, also one that never ends, or a bracket. None of it is looked at twice.
TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def read_answer(data: bytes) -> Any:
    """The JSON document in *data*. Integers that are too long, and what is nested too deep, are None.

    Raises ValueError when it is not JSON.
    """
    text = data.decode(json.detect_encoding(data), "surrogatepass")
    try:
        return json.loads(text, parse_int=_integer)
    except RecursionError:
        return json.loads("".join(_shallow(text)), parse_int=_integer)


def _integer(digits: str) -> int | None:
    try:
        return int(digits)
    except ValueError:  # thousands of digits
        return None


def _shallow(text: str) -> Iterator[str]:
    """The pieces of *text*, with null in the place of what is nested deeper than DEEPEST levels."""
    depth, start = 0, 0
    for token in TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == DEEPEST + 1:
                yield text[start : token.start()]
        elif token[0] in "]}":
            depth -= 1
            if depth == DEEPEST:
                yield "null"
                start = token.end()
    if depth <= DEEPEST:
        yield text[start:]
