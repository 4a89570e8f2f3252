"""Judges the arguments of a request that are not media: what the platform's schema refuses."""

from collections.abc import Iterator, Mapping
from typing import Any

from prep.model.limits import RequestLimits
from submit.sandbox.judge.problem import Problem


def argument_problems(body: Mapping[str, Any], limits: RequestLimits) -> Iterator[Problem]:
    """All that is wrong with prompt and options. Unknown keys are ignored, None stands for an absent option."""
    if "prompt" not in body:
        yield Problem(loc=("body", "prompt"), type="missing", msg="Field required")
    elif not isinstance(body["prompt"], str):
        yield _not_a_string("prompt")
    enums = {
        "resolution": limits.resolutions,
        "duration": limits.durations,  # strings, even where they look like numbers
        "aspect_ratio": limits.aspect_ratios,
    }
    for key, limit in enums.items():
        if body.get(key) is not None and body[key] not in limit.tolerated:
            yield _not_one_of(key, limit.tolerated)
    if not isinstance(body.get("generate_audio", True), bool | None):
        yield Problem(loc=("body", "generate_audio"), type="bool_type", msg="Input should be a valid boolean")
    if type(body.get("seed", 0)) not in (int, type(None)):
        yield Problem(loc=("body", "seed"), type="int_type", msg="Input should be a valid integer")
    if not isinstance(body.get("end_user_id"), str | None):
        yield _not_a_string("end_user_id")


def _not_a_string(*where: str | int) -> Problem:
    return Problem(loc=("body", *where), type="string_type", msg="Input should be a valid string")


def _not_one_of(key: str, allowed: tuple[str, ...]) -> Problem:
    quoted = ", ".join(f"'{value}'" for value in allowed)
    return Problem(loc=("body", key), type="one_of", msg=f"Input should be one of {quoted}", ctx={"expected": allowed})


def read_urls(body: Mapping[str, Any], key: str, max_count: int) -> tuple[tuple[str | None, ...], list[Problem]]:
    """The URLs under *key*, with None in the place of what is not a string, and what is wrong with the list."""
    given = body.get(key)
    if given is None:
        return (), []
    if not isinstance(given, list):
        return (), [Problem(loc=("body", key), type="list_type", msg="Input should be a valid list")]
    problems = [_not_a_string(key, index) for index, item in enumerate(given) if not isinstance(item, str)]
    if len(given) > max_count:
        message = f"List should have at most {max_count} items after validation, not {len(given)}"
        context = {"max_length": max_count, "actual_length": len(given)}
        problems.append(Problem(loc=("body", key), type="sequence_too_long", msg=message, ctx=context))
    return tuple(item if isinstance(item, str) else None for item in given), problems
