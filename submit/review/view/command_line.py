"""The command line and the job file that do what the page would do."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from prep.model.generation import Generation
from prep.model.plan import Options
from prep.specs import DEFAULT_ENDPOINT
from submit.review.draft import Card, Draft

# The parameters that have a flag of their own; others are set with --set.
FLAGS = {
    "resolution": "--resolution",
    "duration": "--duration",
    "aspect_ratio": "--aspect-ratio",
    "seed": "--seed",
    "end_user_id": "--end-user-id",
}


def command_line(draft: Draft, endpoint: str, out: Path, *, sandbox: bool) -> str:
    """The command as one types it in a shell. Dropped files are named by their names alone."""
    words = ["prep-and-submit", "run", *(_typed(card) for card in draft.cards)]
    if endpoint != DEFAULT_ENDPOINT:
        words += ["--endpoint", endpoint]
    words += ["--prompt", draft.prompt.strip() or "TEXT"]
    words += [*_generation(draft.generation), *_options(draft.options), "--out", str(out)]
    return " ".join(map(_quoted, [*words, *(["--sandbox"] if sandbox else [])]))


def job_file(draft: Draft, endpoint: str) -> str:
    """The job as YAML, for --from-job; its paths are absolute, but for dropped files."""
    options = draft.options.model_dump(mode="json", exclude_defaults=True)
    fields: dict[str, Any] = {
        "endpoint": endpoint,
        "references": [written(card, absolute=True) for card in draft.cards],
        "prompt": draft.prompt,
        "generation": draft.generation.asked(),
        "options": options,
    }
    kept = {name: value for name, value in fields.items() if value}
    return str(yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=120))


def written(card: Card, *, absolute: bool = False) -> str:
    """The reference of *card* as text; of a dropped file its name."""
    reference = card.reference
    location = reference.public_location
    if card.uploaded:
        location = Path(location).name
    elif absolute and not reference.is_url:
        location = os.path.abspath(location)
    return reference.written(location, reference.part.text if reference.part else "")


def _quoted(word: str) -> str:
    """*word* for bash and zsh; lines of a prompt, and bytes that are not UTF-8, as escapes."""
    if word.isprintable():
        return shlex.quote(word)
    known = {"\\": "\\\\", "'": "\\'", "\n": "\\n"}
    escaped = (
        known.get(char) or (char if char.isprintable() else "".join(f"\\x{byte:02x}" for byte in os.fsencode(char)))
        for char in word
    )
    return f"$'{''.join(escaped)}'"


def _typed(card: Card) -> str:
    text = written(card)
    return f"./{text}" if text.startswith("-") else text


def _generation(generation: Generation) -> Iterator[str]:
    for name, value in generation.asked().items():
        if name == "generate_audio":
            yield "--audio" if value else "--no-audio"
        elif name in FLAGS:
            yield from (FLAGS[name], str(value))
        else:
            yield from ("--set", f"{name}={str(value).lower() if isinstance(value, bool) else value}")


def _options(options: Options) -> Iterator[str]:
    for name, value in options.model_dump(mode="json", exclude_defaults=True).items():
        flag = f"--{name.replace('_', '-')}"
        yield flag
        if not isinstance(value, bool):
            yield f"{value:g}" if isinstance(value, float) else str(value)
