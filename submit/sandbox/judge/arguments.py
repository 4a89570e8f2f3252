"""Judgement of the arguments that are not media, as the platform's schema would refuse them."""

from collections.abc import Iterator, Mapping
from typing import Any

from prep.model.limits import RequestLimits
from submit.sandbox.judge.problem import Problem

TYPES = {"string": str, "integer": int, "boolean": bool}


def argument_problems(body: Mapping[str, Any], parameters: RequestLimits) -> Iterator[Problem]:
    """All that is wrong with prompt and parameters. Unknown keys are ignored, None stands for an absent one."""
    if "prompt" not in body:
        yield Problem(loc=("body", "prompt"), type="missing", msg="Field required")
    elif not isinstance(body["prompt"], str):
        yield _not_a("string", "prompt")
    for name, parameter in parameters:
        value = body.get(name)
        if value is None:
            continue
        if parameter.choices is not None:
            if value not in parameter.choices:  # strings, even where they look like numbers
                yield _not_one_of(name, parameter.choices)
        elif type(value) is not TYPES[parameter.type]:
            yield _not_a(parameter.type, name)


def _not_a(kind: str, *where: str | int) -> Problem:
    words = {"string": "string_type", "integer": "int_type", "boolean": "bool_type"}
    return Problem(loc=("body", *where), type=words[kind], msg=f"Input should be a valid {kind}")


def _not_one_of(key: str, allowed: tuple[str, ...]) -> Problem:
    quoted = ", ".join(f"'{value}'" for value in allowed)
    return Problem(loc=("body", key), type="one_of", msg=f"Input should be one of {quoted}", ctx={"expected": allowed})


def read_urls(body: Mapping[str, Any], key: str, max_count: int) -> tuple[tuple[str | None, ...], list[Problem]]:
    """The URLs under *key*, None in place of each that is no string, and the problems of the list."""
    urls = body.get(key)
    if urls is None:
        return (), []
    if not isinstance(urls, list):
        return (), [Problem(loc=("body", key), type="list_type", msg="Input should be a valid list")]
    problems = [_not_a("string", key, index) for index, item in enumerate(urls) if not isinstance(item, str)]
    if len(urls) > max_count:
        message = f"List should have at most {max_count} items after validation, not {len(urls)}"
        context = {"max_length": max_count, "actual_length": len(urls)}
        problems.append(Problem(loc=("body", key), type="sequence_too_long", msg=message, ctx=context))
    return tuple(item if isinstance(item, str) else None for item in urls), problems
