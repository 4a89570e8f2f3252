"""Names in messages."""

from pathlib import PurePath


def shown(name: str | PurePath) -> str:
    """*name* without what moves a cursor or fakes a line: a downloaded file may be called anything."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in str(name))
