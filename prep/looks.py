"""Looks inside sources, which are remembered by content: the same file is not looked at twice."""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from prep.media.isolation.messages import result_type
from prep.media.versions import reader_versions
from prep.model.context import SECONDS, Context
from prep.model.source import Source

T = TypeVar("T")


class Unprobed(NamedTuple):
    """What tells a source from others and from its later versions, before more is known about it; as in Source."""

    label: str
    fingerprint: str
    stamp: tuple[int, ...]


def see(
    ctx: Context, source: Source | Unprobed, function: Callable[..., T], *arguments: Any, seconds: float = SECONDS
) -> T:
    """Return what *function* sees in *source*, as `Context.isolated` calls it.

    The first of *arguments* is the opened source; the others are the question. With a cache the answer is remembered
    for a local file, until it or the readers change.
    """

    if (remembered := recall(ctx, source, function, *arguments)) is not None:
        return remembered[0]
    seen = ctx.isolated(function, *arguments, label=source.label, seconds=seconds)
    remember(seen, ctx, source, function, *arguments)
    return seen


def recall(ctx: Context, source: Source | Unprobed, function: Callable[..., T], *arguments: Any) -> tuple[T] | None:
    """Return what `see` would without a look, as the only item; None: nothing is remembered."""
    key = _key(ctx, source, function, arguments)
    if key is not None and ctx.access.cache is not None and (kept := ctx.access.cache.recall(key)) is not None:
        with suppress(ValidationError):  # something else wrote it
            return (result_type(function).validate_json(kept),)
    return None


def remember(seen: T, ctx: Context, source: Source | Unprobed, function: Callable[..., T], *arguments: Any) -> None:
    """Keep *seen* as the answer of *function* to *arguments*."""
    key = _key(ctx, source, function, arguments)
    if key is not None and ctx.access.cache is not None:
        ctx.access.cache.remember(key, result_type(function).dump_json(seen))


def _key(
    ctx: Context, source: Source | Unprobed, function: Callable[..., Any], arguments: tuple[Any, ...]
) -> str | None:
    if ctx.access.cache is None or not source.stamp or not source.fingerprint:
        return None
    asked = f"{function.__module__}.{function.__qualname__} {arguments[1:]!r}"
    return sha256("\n".join([source.fingerprint, str(source.stamp), asked, reader_versions()]).encode()).hexdigest()
