"""Messages between a caller and its worker.

Orders go to the worker pickled, since it trusts its caller. What comes back is JSON, checked against the type that the
function promises: a worker may have been taken over by what it read.
"""

import io
import json
import os
import pickle
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from types import FunctionType, MethodType
from typing import Any, NamedTuple, get_type_hints

from pydantic import TypeAdapter

from prep.errors import NonCompliantError, PrepError, ToolError, UnreadableError, UnwritableError, UsageError
from prep.media.environment import environment
from prep.model.finding import Finding

RESULT, FAILURE, READ, PROGRESS = b"R", b"F", b"B", b"P"
DATA, NO_DATA = b"D", b"N"


class Order(NamedTuple):
    """A call to make in the worker, which may use *seconds* of processor time.

    It is made with the working directory and the environment that the caller has by then.
    """

    function: Callable[..., Any]
    arguments: Sequence[Any]
    seconds: float
    directory: str | None
    environment: dict[str, str]


def order(function: Callable[..., Any], arguments: Sequence[Any], seconds: float) -> Order:
    """An order to call *function* as if it were called here and now."""
    try:
        directory = os.getcwd()
    except OSError:  # it was removed
        directory = None
    return Order(function, arguments, seconds, directory, environment())


class Lendable(NamedTuple):
    """What stays with the caller; the worker gets a stand-in that asks for it by its number."""

    contents: list[Any]
    callbacks: list[Callable[[float], None]]


def pack_order(whole: Order) -> tuple[bytes, Lendable]:
    """*whole* as bytes, and what of its arguments stays here: contents to read, callbacks, and the event to cancel."""
    lendable, buffer = Lendable([], []), io.BytesIO()

    class Pickler(pickle.Pickler):
        def persistent_id(self, item: Any) -> tuple[Any, ...] | None:
            if isinstance(item, threading.Event):
                return ("event",)
            if hasattr(item, "read_at") and not isinstance(item, type):
                lendable.contents.append(item)
                return ("content", len(lendable.contents) - 1, str(item), item.size_bytes, item.far)
            if isinstance(item, MethodType | partial) or (
                isinstance(item, FunctionType) and "<" in item.__qualname__  # of another function, or without a name
            ):
                lendable.callbacks.append(item)
                return ("callback", len(lendable.callbacks) - 1)
            return None

    Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(whole)
    return buffer.getvalue(), lendable


def unpack_order(data: bytes, stand_in: Callable[[tuple[Any, ...]], Any]) -> Order:
    """The order in *data*; *stand_in* makes what stands for each thing that was lent."""

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, lent: Any) -> Any:
            return stand_in(lent)

    whole = Unpickler(io.BytesIO(data)).load()
    assert isinstance(whole, Order)
    return whole


@cache
def _findings() -> TypeAdapter[tuple[Finding, ...]]:
    return TypeAdapter(tuple[Finding, ...])  # few calls end with findings: it is built for those


@cache
def result_type(function: Callable[..., Any]) -> TypeAdapter[Any]:
    """The type that *function* returns, which carries its result as JSON."""
    return TypeAdapter(get_type_hints(function)["return"])


def pack_failure(error: Exception) -> bytes:
    """*error* as JSON: a PrepError or an OSError with what it holds, anything else by its text."""
    fields: dict[str, Any] = {"type": type(error).__name__, "text": str(error)}
    if isinstance(error, OSError):
        fields |= {"type": "OSError", "errno": error.errno, "strerror": error.strerror, "filename": error.filename}
    if isinstance(error, ToolError):
        fields["log"] = error.log
    if isinstance(error, NonCompliantError):
        fields["findings"] = _findings().dump_python(error.findings, mode="json")
    return json.dumps(fields, default=str).encode()


def unpack_failure(data: bytes) -> Exception:
    """The error that `pack_failure` put into *data*."""
    fields = json.loads(data)
    name, text = fields["type"], str(fields["text"])
    if name == "OSError":
        number, reason, path = fields["errno"], fields["strerror"], fields["filename"]
        return OSError(number if isinstance(number, int) else None, str(reason), None if path is None else str(path))
    if name == "MemoryError":
        return MemoryError(text)
    kind = _kinds().get(name)
    if kind is None:
        return RuntimeError(f"{name}: {text}")
    error = kind.__new__(kind)
    Exception.__init__(error, text)
    if isinstance(error, ToolError):
        error.log = str(fields.get("log", ""))
    if isinstance(error, NonCompliantError):
        error.findings, error.plan = _findings().validate_python(fields.get("findings", ())), None
    return error


def _kinds() -> dict[str, type[PrepError]]:
    """What opening media raises: not that somebody interrupted it, or that a request was refused."""
    return {
        kind.__name__: kind
        for base in (UnreadableError, UnwritableError, ToolError, UsageError, NonCompliantError)
        for kind in _with_children(base)
        if kind.__module__.startswith("prep.")
    }


def _with_children(kind: type[PrepError]) -> Iterator[type[PrepError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _with_children(child)
