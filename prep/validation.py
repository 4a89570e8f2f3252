"""What is wrong with a document or a call, in our words instead of the validation library's."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from prep.errors import UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

LONGEST_INPUT = 40

Key = tuple[int | str, ...]


def complaints(error: "ValidationError", model: "type[BaseModel]") -> Iterator[tuple[Key, str]]:
    """Each wrong key of *model* and what was expected there; an empty key is the whole."""
    for item in error.errors(include_url=False):
        yield item["loc"], _told(item["type"], item["msg"], item["input"], item["loc"], model)


def lines(error: "ValidationError", model: "type[BaseModel]") -> list[str]:
    """`options.fit: should be 'pad' or 'crop', not 'stretch'`, one for each complaint."""
    return [f"{dotted(key)}: {why}" if key else why for key, why in complaints(error, model)]


def expect(kind: type, **given: object) -> None:
    """Raise UsageError naming the first argument that is neither a *kind* nor None."""
    for name, value in given.items():
        if value is not None and not isinstance(value, kind):
            raise UsageError(f"{name}: should be {kind.__name__}, not {short(value)}")


def expect_function(**given: object) -> None:
    """Raise UsageError naming the first argument that can't be called and is not None."""
    for name, value in given.items():
        if value is not None and not callable(value):
            raise UsageError(f"{name}: should be a function, not {short(value)}")


def dotted(key: Sequence[int | str]) -> str:
    return ".".join(map(str, key))


def unknown(key: str, known: Sequence[str]) -> str:
    """That there is no such key, with the nearest of the *known*, or all of them."""
    near = get_close_matches(key, known, 1)
    return f"no such key; did you mean {near[0]}?" if near else f"no such key; known are {', '.join(known)}"


def _told(kind: str, message: str, given: Any, key: Key, model: "type[BaseModel]") -> str:
    if kind == "extra_forbidden":
        return unknown(str(key[-1]), _fields(model, key[:-1]))
    if kind == "missing":
        return "missing"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind in ("tuple_type", "list_type"):
        return f"should be a list, not {short(given)}"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"should be keys and values, not {short(given)}"
    if message.startswith("Input should"):
        return f"{message.removeprefix('Input ')}, not {short(given)}"
    return message


def short(given: object) -> str:
    """*given* as it would be written, cut where that is long."""
    text = repr(given)
    return text if len(text) <= LONGEST_INPUT else f"{text[:LONGEST_INPUT]}..."


def _fields(model: "type[BaseModel]", key: Key) -> list[str]:
    """The names of the fields at *key* below *model*; those of the nearest model above where that can't be told."""
    for part in key:
        field = model.model_fields.get(str(part))
        inner = _model_in(field.annotation if field else model.__annotations__.get("__pydantic_extra__"))
        model = inner or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> "type[BaseModel] | None":
    if hasattr(annotation, "model_fields"):
        found: type[BaseModel] = annotation
        return found
    return next((model for part in get_args(annotation) if (model := _model_in(part))), None)
