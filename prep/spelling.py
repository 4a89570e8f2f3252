"""Guesses at what a misspelt word was meant to be: one rule for names, values, commands and files."""

from collections.abc import Iterable
from difflib import get_close_matches


def alike(word: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Those of the *known* words that *word* was probably meant to be, at most *most*, the likest first.

    Upper and lower case are alike.
    """
    spelt: dict[str, str] = {}
    for one in known:
        spelt.setdefault(one.lower(), one)
    return [spelt[near] for near in get_close_matches(word.lower(), spelt, most)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question after the one of the *known* words that is most like *word*; empty when none is."""
    near = alike(word, known)
    return f"did you mean {near[0]!r}?" if near else ""


def hint(word: str, known: Iterable[str]) -> str:
    """As `did_you_mean`, in brackets, to be put behind the complaint about *word*."""
    question = did_you_mean(word, known)
    return f" ({question})" if question else ""
