"""Loggers whose records name the job and the reference that the work is about."""

import logging
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, TypeVar

from prep.telemetry.spans import JOB, REFERENCE, trace_ids

S = TypeVar("S")
T = TypeVar("T")


class _Logger(logging.LoggerAdapter[logging.Logger]):
    """Gives each record the attributes `job` and `reference`, None where the work is about neither, and in a span its
    `trace_id` and `span_id`.
    """

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        return msg, {**kwargs, "extra": {"job": JOB.get(), "reference": REFERENCE.get(), **trace_ids()}}


def get_logger(name: str) -> _Logger:
    """The logger of the module *name*."""
    return _Logger(logging.getLogger(name), None)


def in_context(function: Callable[[T], S]) -> Callable[[T], S]:
    """*function* for the threads of a pool: its records name what those of the calling thread name, and its spans nest
    in that thread's.
    """
    context = copy_context()
    return lambda item: context.copy().run(function, item)


@contextmanager
def logged_about(*, job: str | None = None, reference: str | None = None) -> Iterator[None]:
    """Name *job* or *reference* in every record of the block; None leaves what is named around it."""
    named = [(variable, value) for variable, value in ((JOB, job), (REFERENCE, reference)) if value is not None]
    tokens = [(variable, variable.set(value)) for variable, value in named]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)
