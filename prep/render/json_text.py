"""JSON as text that a terminal can show: no character in it moves the cursor or turns the direction of reading."""

import json
import re
from typing import Any

# Control characters beyond those that JSON escapes anyway, breaks of lines and paragraphs, and marks of direction.
# Joiners (U+200C, U+200D) stay: names in Persian and emoji have them.
UNSEEN = re.compile("[\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def json_text(value: Any, *, indent: int | None = None) -> str:
    """*value* as JSON, letters as they are and what is not seen escaped."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
