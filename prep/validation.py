"""Complaints about a document or a call, in our words instead of the validation library's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from prep.errors import UsageError
from prep.spelling import did_you_mean

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

LONGEST_INPUT = 40
# A document of a megabyte can have more wrong keys than anybody reads, or memory holds.
MOST_COMPLAINTS, MOST_ERRORS = 30, 100_000
# The value that was expected, by the beginning of the library's own name for the error.
EXPECTED = {
    "bool": "true or false",
    "callable": "a function",
    "dataclass": "keys and values",
    "date": "a date such as 2026-11-22",
    "decimal": "a number",
    "dict": "keys and values",
    "finite": "a finite number",
    "float": "a number",
    "frozen_set": "a list",
    "int": "a whole number",
    "list": "a list",
    "model": "keys and values",
    "none": "null",
    "path": "a path",
    "set": "a list",
    "string": "text",
    "time": "a time",
    "tuple": "a list",
    "url": "a URL",
}


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _characters(number: int) -> str:
    return f"{number} character{'' if number == 1 else 's'}"


# The same, with the bound or the choices that the library hands over.
BOUNDED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "enum": lambda ctx: str(ctx["expected"]),
    "greater_than": lambda ctx: f"more than {_number(ctx['gt'])}",
    "greater_than_equal": lambda ctx: f"at least {_number(ctx['ge'])}",
    "less_than": lambda ctx: f"less than {_number(ctx['lt'])}",
    "less_than_equal": lambda ctx: f"at most {_number(ctx['le'])}",
    "literal_error": lambda ctx: str(ctx["expected"]),
    "multiple_of": lambda ctx: f"a multiple of {_number(ctx['multiple_of'])}",
    "string_pattern_mismatch": lambda ctx: f"text that matches {ctx['pattern']}",
    "string_too_long": lambda ctx: f"at most {_characters(ctx['max_length'])} long",
    "string_too_short": lambda ctx: f"at least {_characters(ctx['min_length'])} long",
    "too_long": lambda ctx: f"at most {ctx['max_length']} long",
    "too_short": lambda ctx: f"at least {ctx['min_length']} long",
    "union_tag_invalid": lambda ctx: f"of a kind among {ctx['expected_tags']}",
}

Key = tuple[int | str, ...]


def complaints(error: "ValidationError", model: "type[BaseModel]") -> Iterator[tuple[Key, str]]:
    """Each wrong key of *model* and what was expected there; an empty key is the whole. The last of many says how many
    there are beyond it.
    """
    count = error.error_count()
    if count > MOST_ERRORS:
        yield (), f"{count:,} keys are missing or wrong"
        return
    for number, item in enumerate(error.errors(include_url=False)[:MOST_COMPLAINTS], start=1):
        left = count - number if number == MOST_COMPLAINTS else 0
        yield item["loc"], _complaint(item, model) + (f"; {left:,} more are missing or wrong" if left else "")


def lines(error: "ValidationError", model: "type[BaseModel]") -> list[str]:
    """`options.fit: should be 'pad' or 'crop', not 'stretch'`, one for each complaint."""
    return [f"{dotted(key)}: {why}" if key else why for key, why in complaints(error, model)]


def expect(kind: type, **arguments: object) -> None:
    """Raise UsageError naming the first argument that is neither a *kind* nor None."""
    for name, value in arguments.items():
        if value is not None and not isinstance(value, kind):
            raise UsageError(f"{name}: should be {kind.__name__}, not {short(value)}")


def expect_function(**arguments: object) -> None:
    """Raise UsageError naming the first argument that can't be called and is not None."""
    for name, value in arguments.items():
        if value is not None and not callable(value):
            raise UsageError(f"{name}: should be a function, not {short(value)}")


def dotted(key: Sequence[int | str]) -> str:
    return ".".join(_cut(str(part)) for part in key)


def unknown(key: str, known: Sequence[str], below: Sequence[str] = ()) -> str:
    """The complaint about a *key* that does not exist: one *below*, the nearest of the *known*, or all of them."""
    near = f"did you mean {below[0]!r}?" if below else did_you_mean(key, known)
    return f"unknown key ({near or 'known: ' + ', '.join(known)})"


def short(value: object) -> str:
    """*value* as it would be written, cut where that is long."""
    try:
        return _cut(repr(value))
    except Exception:  # the caller's object may raise anything; an integer of thousands of digits raises ValueError
        return f"<{type(value).__name__}>"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_INPUT else f"{text[:LONGEST_INPUT]}..."


def _complaint(item: "ErrorDetails", model: "type[BaseModel]") -> str:
    kind, key, ctx = item["type"], item["loc"], item.get("ctx", {})
    if kind == "extra_forbidden":
        around = _model_at(model, key[:-1])
        return unknown(str(key[-1]), list(around.model_fields), _below(around, str(key[-1])))
    if kind in ("missing", "union_tag_not_found"):
        return "missing"
    if kind in ("value_error", "assertion_error"):
        return str(ctx["error"])
    if kind == "string_unicode":
        return "not valid UTF-8"
    if expected := _expected(kind, ctx):
        return f"should be {expected}, not {short(item['input'])}"
    return f"not valid: {short(item['input'])}"


def _expected(kind: str, ctx: Mapping[str, Any]) -> str:
    """The value that should have been there; empty where the kind of error is not known here."""
    if kind in BOUNDED:
        return BOUNDED[kind](ctx)
    return next((words for start, words in EXPECTED.items() if kind.startswith(f"{start}_")), "")


def _model_at(model: "type[BaseModel]", key: Key) -> "type[BaseModel]":
    """The model at *key* below *model*; the nearest one above where that can't be told."""
    for part in key:
        field = model.model_fields.get(str(part))
        inner = _model_in(field.annotation if field else model.__annotations__.get("__pydantic_extra__"))
        model = inner or model
    return model


def _below(model: "type[BaseModel]", name: str) -> list[str]:
    """The fields called *name* of the models in *model*: "generation.duration" for a job's "duration"."""
    return [
        f"{field}.{name}"
        for field, facts in model.model_fields.items()
        if (inner := _model_in(facts.annotation)) and name in inner.model_fields
    ]


def _model_in(annotation: Any) -> "type[BaseModel] | None":
    if hasattr(annotation, "model_fields"):
        model: type[BaseModel] = annotation
        return model
    return next((inner for part in get_args(annotation) if (inner := _model_in(part))), None)
