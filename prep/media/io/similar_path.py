"""Files that a path which leads nowhere was probably meant to name."""

import os
import re
from collections.abc import Callable
from itertools import islice

from prep.model.redact import shown
from prep.spelling import alike

MOST_NAMES = 5_000  # of a folder; comparing more would keep the message waiting
LONGEST = 1_024  # paths of most systems are shorter, and each folder in one is looked for
NUMBER = re.compile(r"\d+")


def or_similar(path: str, fits: Callable[[str], bool] = lambda name: True) -> str:
    """ " (did you mean 'photo.heic'?)", to be put behind a message about *path*; empty when nothing is like it.

    *fits* says which names of files come into question.
    """
    near = similar_path(path, fits)
    return f" (did you mean '{shown(near)}'?)" if near else ""


def similar_path(path: str, fits: Callable[[str], bool] = lambda name: True) -> str:
    """The existing path that *path* was probably meant to be: in the same folder, or in one of a similar name.

    A file of the same name with another extension goes first. Empty when there is none.
    """
    if len(path) > LONGEST:
        return ""
    folder, name = os.path.split(path)
    if folder and not os.path.isdir(folder):
        folder = similar_path(folder, lambda name: False)
        if not folder or not os.path.isdir(folder):
            return ""
        if name and os.path.exists(os.path.join(folder, name)):
            return os.path.join(folder, name)
    near = _similar_name(name, [own for own in _names(folder) if _is_meant(os.path.join(folder, own), fits)])
    return os.path.join(folder, near) if near else ""


def _names(folder: str) -> list[str]:
    try:
        with os.scandir(folder or ".") as entries:
            return [entry.name for entry in islice(entries, MOST_NAMES)]
    except OSError:
        return []


def _is_meant(path: str, fits: Callable[[str], bool]) -> bool:
    name = os.path.basename(path)
    return not name.startswith(".") and (fits(name) or os.path.isdir(path))


def _similar_name(name: str, names: list[str]) -> str:
    stem = _stem(name)
    if same := sorted(own for own in names if _stem(own) == stem):
        return (alike(name, same) or same)[0]
    numbers = NUMBER.findall(stem)
    # another number is another file, not a slip
    stems = {_stem(own): own for own in names if NUMBER.findall(own) in (numbers, []) or not numbers}
    near = alike(stem, stems)
    return stems[near[0]] if near else ""


def _stem(name: str) -> str:
    return os.path.splitext(name)[0].lower()
