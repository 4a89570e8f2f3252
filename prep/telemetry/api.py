"""Way to OpenTelemetry: only where the program has imported it, since without a provider nothing is recorded.

Whatever fails there is logged and never stops the work: a job may be paid for already.
"""

import logging
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from types import ModuleType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Attribute = str | bool | int | float | tuple[str, ...]
Attributes = Mapping[str, Attribute | None]  # None: not known, and left out

logger = logging.getLogger(__name__)


def is_imported(module: str) -> bool:
    """Whether the program uses *module* of OpenTelemetry."""
    return isinstance(sys.modules.get(module), ModuleType)


def harmless(otherwise: T) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make a function return *otherwise* in the place of an exception."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return function(*args, **kwargs)
            except Exception:
                logger.debug("telemetry failed", exc_info=True)
                return otherwise

        return call

    return decorate


def known(attributes: Attributes) -> dict[str, Attribute]:
    return {name: value for name, value in attributes.items() if value is not None}
