"""Matches of a pattern, as a shell finds them."""

import glob
import os
from collections.abc import Iterator
from contextlib import suppress

ANY_DEPTH = "**"


def matches(pattern: str) -> list[str]:
    """The files and folders that *pattern* stands for, as `glob.glob` with *recursive* finds them.

    `**` follows no linked folders: they may lead in a ring. No recursion, as folders may be nested deeper than Python's
    stack.
    """
    parts = pattern.split(os.sep)
    if ANY_DEPTH not in parts:
        return glob.glob(pattern)
    at = parts.index(ANY_DEPTH)
    above, below = os.sep.join((*parts[:at], "")), parts[at + 1 :]
    tops = glob.glob(above) if glob.has_magic(above) else [above]
    paths = (path for top in tops for folder, names in _folders(top) for path in _within(folder, names, below))
    return list(dict.fromkeys(paths))


def _within(folder: str, names: list[str], below: list[str]) -> list[str]:
    return matches(glob.escape(folder) + os.sep.join(below)) if below else [folder + name for name in names]


def _folders(top: str) -> Iterator[tuple[str, list[str]]]:
    """*top* and the folders below it, each with a separator at its end, and the names in it; nothing that is hidden."""
    waiting = [top]
    while waiting:
        folder, names = waiting.pop(), []
        with suppress(OSError), os.scandir(folder or os.curdir) as entries:
            for entry in entries:
                if not entry.name.startswith("."):
                    names.append(entry.name)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(os.path.join(folder, entry.name, ""))
        yield folder, names
