"""Spans: stretches of work, nested as the calls are, also across threads that run in a copy of the caller's context."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from prep import __version__
from prep.telemetry.api import Attributes, harmless, is_imported, known
from prep.telemetry.names import ERROR_TYPE, FILE_NAME, JOB_ID, SCOPE

if TYPE_CHECKING:
    from opentelemetry import trace as otel

P = ParamSpec("P")
T = TypeVar("T")
# The job and the reference that the work is about, for records and spans.
JOB: ContextVar[str | None] = ContextVar("job", default=None)
REFERENCE: ContextVar[str | None] = ContextVar("reference", default=None)


class Span:
    """A stretch of work, in the program's tracer; without one all of this does nothing."""

    def __init__(self, span: "otel.Span | None" = None) -> None:
        self._span = span

    @harmless(None)
    def set(self, attributes: Attributes) -> None:
        if self._span is not None:
            self._span.set_attributes(known(attributes))

    @harmless(None)
    def add_event(self, name: str, attributes: Attributes) -> None:
        if self._span is not None:
            self._span.add_event(name, known(attributes))

    @harmless(None)
    def fail(self, error: BaseException) -> None:
        """Record the type of *error*, but not its message, which may name paths."""
        if self._span is None or isinstance(error, GeneratorExit):
            return
        from opentelemetry.trace import StatusCode

        self._span.set_attribute(ERROR_TYPE, _name_of(type(error)))
        self._span.set_status(StatusCode.ERROR)

    @harmless(None)
    def end(self, error: BaseException | None = None) -> None:
        """End the work, by *error* if there is one."""
        if error is not None:
            self.fail(error)
        if self._span is not None:
            self._span.end()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Make this the parent of spans that begin in the block, and in threads that begin there."""
        if self._span is None:
            yield
            return
        from opentelemetry import context, trace

        ours, theirs = _CURRENT.set(self), context.attach(trace.set_span_in_context(self._span))
        try:
            yield
        finally:
            context.detach(theirs)
            _CURRENT.reset(ours)


NOTHING = Span()
NO_IDS: dict[str, str] = {}
_CURRENT: ContextVar[Span] = ContextVar("span", default=NOTHING)


def begin(name: str, attributes: Attributes | None = None) -> Span:
    """Begin a span below the active one; it has the job and the reference that the work is about as attributes."""
    return _begin(name, attributes or {}) if is_imported("opentelemetry.trace") else NOTHING


@harmless(NOTHING)
def _begin(name: str, attributes: Attributes) -> Span:
    from opentelemetry import trace

    own = known({JOB_ID: JOB.get(), FILE_NAME: REFERENCE.get(), **attributes})
    return Span(_tracer(trace.get_tracer_provider()).start_span(name, attributes=own))


@lru_cache(maxsize=8)
def _tracer(provider: "otel.TracerProvider") -> "otel.Tracer":
    return provider.get_tracer(SCOPE, __version__)


@contextmanager
def span(name: str, attributes: Attributes | None = None) -> Iterator[Span]:
    """A span of the length of the block, which fails if the block raises."""
    here = begin(name, attributes)
    try:
        with here.active():
            yield here
    except BaseException as error:
        here.end(error)
        raise
    here.end()


def traced(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Give each call of a function a span."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            with span(name):
                return function(*args, **kwargs)

        return call

    return decorate


def annotate(attributes: Attributes) -> None:
    """Add *attributes* to the span of ours that is active."""
    _CURRENT.get().set(attributes)


def fail(error: BaseException) -> None:
    """Let *error* fail the span of ours that is active: it is handled, and no block is left by it."""
    _CURRENT.get().fail(error)


def add_event(name: str, attributes: Attributes) -> None:
    """Add an event to the span of ours that is active."""
    _CURRENT.get().add_event(name, attributes)


@harmless(NO_IDS)
def trace_ids() -> dict[str, str]:
    """`trace_id` and `span_id` of the active span, whosever it is, in hexadecimal; empty where there is none."""
    if not is_imported("opentelemetry.trace"):
        return {}
    from opentelemetry import trace

    here = trace.get_current_span().get_span_context()
    if not here.is_valid:
        return {}
    return {"trace_id": trace.format_trace_id(here.trace_id), "span_id": trace.format_span_id(here.span_id)}


def _name_of(kind: type[BaseException]) -> str:
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
