"""Looks inside sources, which are remembered by content: the same file is not looked at twice."""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any, TypeVar

from pydantic import ValidationError

from prep.media.isolation.messages import result_type
from prep.media.versions import reader_versions
from prep.model.context import SECONDS, Context
from prep.model.source import Source

T = TypeVar("T")


def see(ctx: Context, source: Source, function: Callable[..., T], *arguments: Any, seconds: float = SECONDS) -> T:
    """Return what *function* sees in *source*, as `Context.isolated` calls it.

    The first of *arguments* is the opened source; the others are the question. With a cache the answer is remembered
    for a local file, until it or the readers change.
    """

    def look() -> T:
        return ctx.isolated(function, *arguments, label=source.label, seconds=seconds)

    cache = ctx.access.cache
    if cache is None or not source.stamp or not source.fingerprint:
        return look()
    asked = f"{function.__module__}.{function.__qualname__} {arguments[1:]!r}"
    key = sha256("\n".join([source.fingerprint, str(source.stamp), asked, reader_versions()]).encode()).hexdigest()
    answer = result_type(function)
    if (kept := cache.recall(key)) is not None:
        with suppress(ValidationError):  # something else wrote it
            remembered: T = answer.validate_json(kept)
            return remembered
    seen = look()
    cache.remember(key, answer.dump_json(seen))
    return seen
