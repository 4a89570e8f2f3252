"""The rules for the prompt: it may not be empty, and it should name the references it is about."""

import re
from collections.abc import Iterator, Mapping

from prep.model.finding import Finding
from prep.rules.amounts import listed
from prep.rules.findings import Findings, by_rule
from prep.spelling import did_you_mean

# An e-mail address is no mention; a word in a script without spaces may stand right before one.
MENTION = re.compile(r"(?<![A-Za-z0-9_.@-])@([A-Za-z_][A-Za-z0-9_-]*)")
TAG = re.compile(r"(image|video|audio)(\d+)", re.IGNORECASE)
# Names are shorter; each cut copies the word. Nobody reads more findings.
LONGEST_WORD, MOST_UNKNOWN = 1_000, 30
NOUNS = {"image": "image", "video": "video", "audio": "sound"}


def mentions(prompt: str, names: Mapping[str, str]) -> Iterator[tuple[re.Match[str], str, str | None]]:
    """Each `@word` in the prompt: the match, the word that counts, and the tag it stands for (None: unknown).

    *names* maps what the user may write, without the @ (names and tags, in lower case), to the endpoint's tag. A word
    such as "walk-in" is read as "walk" when only that is known.
    """
    for match in MENTION.finditer(prompt):
        word = match[1]
        while (
            len(match[1]) <= LONGEST_WORD
            and word.lower() not in names
            and len(word) > 1
            and ("-" in word or word.endswith("_"))
        ):
            word = word.rpartition("-")[0] if not word.endswith("_") else word[:-1]
        if word.lower() in names:
            yield match, word, names[word.lower()]
        else:
            yield match, match[1], None


def mentionable(tags: Mapping[str, str | None]) -> dict[str, str]:
    """The words that a prompt may use, in lower case, and their tags. *tags* maps each tag to its name, if any."""
    known = {tag.removeprefix("@").lower(): tag for tag in tags}
    return known | {name.lower(): tag for tag, name in tags.items() if name}


def check_prompt(prompt: str, tags: Mapping[str, str | None]) -> Findings:
    """Every finding about the prompt. *tags* are the tags of the references, in order, each with its name, if any."""
    if not prompt.strip():
        return (by_rule("prompt-empty", "empty", "text", "the prompt is empty"),)
    unknown: dict[str, Finding] = {}
    seen = set()
    for _, word, tag in mentions(prompt, mentionable(tags)):
        if tag is not None:
            seen.add(tag)
        elif len(unknown) < MOST_UNKNOWN and word not in unknown:
            unknown[word] = _unknown(word, tags)
    return (*unknown.values(), *_unused([tag for tag in tags if tag not in seen], tags))


def check_prompt_without(prompt: str, tags: Mapping[str, str | None], skipped: Mapping[str, str]) -> Findings:
    """Every finding about the prompt after references were skipped; *tags* are those of the references that are kept.

    *skipped* are the names of the others, in lower case, and the reasons.
    """
    known = {word: f"@{word}" for word in skipped} | mentionable(tags)
    words = {word.lower(): word for _, word, _ in mentions(prompt, known)}
    findings = tuple(_skipped(words[word], reason) for word, reason in skipped.items() if word in words)
    actual = {finding.actual for finding in findings}
    return (*findings, *(finding for finding in check_prompt(prompt, tags) if finding.actual not in actual))


def _skipped(word: str, reason: str) -> Finding:
    message = f"the prompt names @{word}, {reason}"
    return by_rule("prompt-reference-skipped", f"@{word}", "a reference that is kept", message)


def _unknown(word: str, tags: Mapping[str, str | None]) -> Finding:
    known = ", ".join(f"@{name}" if name else tag for tag, name in tags.items())
    if numbered := TAG.fullmatch(word):
        kind = numbered[1].lower()
        number = sum(tag.lower().startswith(f"@{kind}") for tag in tags)
        there = f"is only 1 {NOUNS[kind]}" if number == 1 else f"are {number or 'no'} {NOUNS[kind]}s"
        message = f"the prompt names @{word}, but there {there}"
        return by_rule("prompt-tag-out-of-range", f"@{word}", known or "none", message)
    message = f"the prompt names @{word}, but no reference has that name"
    near = did_you_mean(f"@{word}", [*tags, *(f"@{name}" for name in tags.values() if name)])
    words = f"{near} " * bool(near) + f"known: {known or 'none'}"
    return by_rule("prompt-tag-undefined", f"@{word}", known or "none", f"{message} ({words})")


def _unused(unused: list[str], tags: Mapping[str, str | None]) -> Findings:
    """One finding for all of them: a prompt that names nothing would bury what matters more."""
    if not unused:
        return ()
    names = [f"{tag} (@{tags[tag]})" if tags[tag] else tag for tag in unused]
    sent, them = ("is sent", "it") if len(names) == 1 else ("are sent", "them")
    message = f"{listed(names)} {sent}, but the prompt doesn't mention {them}"
    finding = by_rule("prompt-reference-unused", "not named", ", ".join(names), message)
    return (finding.model_copy(update={"tag": unused[0] if len(unused) == 1 else None}),)
