"""The base of every model: values that are frozen, closed, and shown to people by the renderers above."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticSerializationError

T = TypeVar("T")


class Value(BaseModel):
    """Everything that can be a value is frozen and takes no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def model_dump(self, **options: Any) -> dict[str, Any]:
        return _interruptible(lambda: super(Value, self).model_dump(**options))

    def model_dump_json(self, **options: Any) -> str:
        return _interruptible(lambda: super(Value, self).model_dump_json(**options))


class Readable(Value):
    """Base of the answers of the library: `str()` and notebooks show the text of the command, `repr()` the fields."""

    def __str__(self) -> str:
        return str(_renderer().text_of(self))

    def _repr_html_(self) -> str:
        return str(_renderer().html_of(self))


def _interruptible(dump: Callable[[], T]) -> T:
    """Call *dump*; raise KeyboardInterrupt when a signal interrupted it.

    pydantic turns whatever its serializer of a Path raises into an error of its own, without the cause. A signal
    interrupts once: when the second try succeeds, there was one.
    """
    try:
        return dump()
    except PydanticSerializationError:
        dump()
        raise KeyboardInterrupt from None


def _renderer() -> Any:
    """Renderers stand above the models, and are loaded only where something is shown."""
    return import_module("prep.render.readable")
