"""The parameters of a request: names and values that the endpoint takes, and its defaults."""

import re
from collections.abc import Iterator
from typing import Any

from prep.errors import UsageError
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec, Parameter
from prep.model.plan import Options
from prep.spelling import alike
from prep.validation import short

WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def with_defaults(generation: Generation, spec: EndpointSpec) -> Generation:
    """*generation* with the defaults that are sent to the endpoint unasked, and every value of the parameter's type.

    Raises UsageError for each name that the endpoint does not have and each value that it does not take, saying what
    it does take.
    """
    problems = list(_unknown(generation, spec))
    values = {name: parameter.default for name, parameter in spec.request if parameter.explicit}
    for name, value in generation.asked().items():
        if parameter := spec.request.get(name):
            values[name] = _typed(parameter, value)
            if values[name] is None:
                problems.append(_not_allowed(name, value, parameter))
    if problems:
        raise UsageError("\n".join(problems))
    return Generation(**values)


def refuse_unknown(generation: Generation, spec: EndpointSpec) -> None:
    """Raise UsageError for each name that the endpoint does not have, whatever its value."""
    if problems := list(_unknown(generation, spec)):
        raise UsageError("\n".join(problems))


def in_effect(generation: Generation, spec: EndpointSpec) -> Generation:
    """*generation*, its defaults filled in, as the endpoint carries it out: without what another parameter resets."""
    reset = {
        other
        for name, value in generation.asked().items()
        if (parameter := spec.request.get(name))
        for other in parameter.resets.get(str(value), ())
    }
    return generation.model_copy(update={name: spec.request[name].default for name in reset})


def for_generation(options: Options, generation: Generation, spec: EndpointSpec) -> Options:
    """*options* for references of *generation*, with its length where that is known.

    A video that is edited or continued instead of followed has a length of its own.
    """
    task = spec.request.get("task")
    followed = task is None or generation.asked().get("task", task.default) == task.default
    if options.generated_s is not None or generation.fixed_s is None or not followed:
        return options
    return options.model_copy(update={"generated_s": float(generation.fixed_s)})


def _unknown(generation: Generation, spec: EndpointSpec) -> Iterator[str]:
    known = [name for name, _ in spec.request]
    for name in generation.asked():
        if name not in known:
            near = alike(name, known)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}"
            yield f"{spec.endpoint} has no parameter {short(name)}; {hint}"


def _typed(parameter: Parameter, value: Any) -> str | int | bool | None:
    """*value* as the endpoint wants it; None: it can't be. The command line knows strings alone."""
    match parameter.type, value:
        case "boolean", bool():
            return value
        case "boolean", str():
            return WORDS.get(value.lower())
        case _, bool():
            return None
        case "integer", int():
            return value
        case "integer", str() if re.fullmatch(r"[+-]?[0-9]{1,20}", value):
            return int(value)
        case "string", str() | int() | float() if parameter.choices is None or str(value) in parameter.choices:
            return str(value)
        case _:
            return None


def _not_allowed(name: str, value: Any, parameter: Parameter) -> str:
    words = name.replace("_", " ")
    if parameter.choices is None:
        wanted = {"boolean": "true or false", "integer": "a whole number", "string": "text"}[parameter.type]
        return f"{words} {short(value)} is not allowed; it should be {wanted}"
    if re.search("[a-z]", str(value), re.IGNORECASE):
        near = alike(re.sub(r"\W", "", str(value)), parameter.choices)
    else:  # another number is no slip, a missing unit is: 720 for 720p
        near = [choice for choice in parameter.choices if re.fullmatch(rf"{re.escape(str(value))}[a-z]+", choice)]
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{words} {short(value)} is not allowed (allowed: {', '.join(parameter.choices)}){hint}"
