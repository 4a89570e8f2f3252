"""The bases of all models: values that are frozen and closed, answers to show, and what callers write themselves."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from prep.errors import UsageError
from prep.validation import lines

T = TypeVar("T")


class Value(BaseModel):
    """Everything that can be a value is frozen and takes no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def model_dump(self, **options: Any) -> dict[str, Any]:
        return _interruptible(lambda: super(Value, self).model_dump(**options))

    def model_dump_json(self, **options: Any) -> str:
        return _interruptible(lambda: super(Value, self).model_dump_json(**options))


class Printable(Value):
    """Base of the answers of the library: `str()` and notebooks show the text of the command, `repr()` the fields."""

    def __str__(self) -> str:
        return str(_renderer().text_of(self))

    def _repr_html_(self) -> str:
        return str(_renderer().html_of(self))


class Given(Value):
    """Raises UsageError when made with wrong values, as every wrong call does, not the validation library's error."""

    if not TYPE_CHECKING:  # checkers know the fields; a signature of its own would hide them

        def __init__(self, *unnamed: Any, **fields: Any) -> None:
            kind = type(self)
            if unnamed:
                raise UsageError(f"{kind.__name__} takes named values only: {', '.join(kind.model_fields)}")
            try:
                super().__init__(**fields)
            except ValidationError as error:
                raise UsageError("\n".join(lines(error, kind))) from None

        # Inside a document the library validates it without __init__, so that all complaints come with their keys.
        __init__.__pydantic_base_init__ = True


def _interruptible(dump: Callable[[], T]) -> T:
    """Call *dump*; raise KeyboardInterrupt when a signal interrupted it.

    pydantic turns whatever its serializer of a Path raises into an error of its own, without the cause. A signal
    interrupts once: when the second try succeeds, there was one.
    """
    try:
        return dump()
    except ValueError:  # PydanticSerializationError, which pydantic does not export
        dump()
        raise KeyboardInterrupt from None


def _renderer() -> Any:
    """Renderers stand above the models, and are loaded only where something is shown."""
    return import_module("prep.render.readable")
