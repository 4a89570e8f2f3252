"""Guesses at what a misspelt word was meant to be: one rule for names, values, commands and files."""

from collections.abc import Iterable
from difflib import get_close_matches

CANDIDATES = 20  # compared letter by letter, which takes long
LETTERS_A_SLIP = 4
SHORTEST_BEGINNING = 3


def alike(word: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Those of the *known* words that *word* was probably meant to be, at most *most*, the likest first.

    A word may have one slip for each four letters (a letter wrong, missing, too many, or swapped with the next), or be
    the beginning of the other. Upper and lower case are alike.
    """
    spelt: dict[str, str] = {}
    for one in known:
        spelt.setdefault(one.lower(), one)
    word = word.lower()
    slips = {near: _slips(word, near) for near in get_close_matches(word, spelt, CANDIDATES)}
    near = [near for near in slips if slips[near] <= _slips_allowed(word, near) or _begins(word, near)]
    return [spelt[one] for one in sorted(near, key=lambda one: slips[one])[:most]]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question after the one of the *known* words that is most like *word*; empty when none is."""
    near = alike(word, known)
    return f"did you mean {near[0]!r}?" if near else ""


def hint(word: str, known: Iterable[str]) -> str:
    """As `did_you_mean`, in brackets, to be put behind the complaint about *word*."""
    question = did_you_mean(word, known)
    return f" ({question})" if question else ""


def _slips_allowed(word: str, other: str) -> int:
    length = max(len(word), len(other))
    return max(length // LETTERS_A_SLIP, int(length > len("ab")))


def _begins(word: str, other: str) -> bool:
    shorter, longer = sorted((word, other), key=len)
    return len(shorter) >= SHORTEST_BEGINNING and longer.startswith(shorter)


def _slips(word: str, other: str) -> int:
    """The optimal string alignment distance: how many letters to change, drop, add or swap with the next."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, start=1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, start=1):
            steps = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and (word[i - 2], letter) == (wanted, other[j - 2]):
                steps = min(steps, earlier[j - 2] + 1)
            row.append(steps)
    return row[-1]
