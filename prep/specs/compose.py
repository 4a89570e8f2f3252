"""Composition of a spec document: what it inherits, what it drops, and the sources that its limits name.

A document that `extends` another says only what differs: a limit replaces the whole limit of that name, and a name in
`drop` removes one. `[sources]` gives each page its address, the date when it was read and the basis of what it says;
`source = "NAME"` puts them into a limit. Sources are inherited as well, and looked up last: a document that redefines
one redefines it for every limit that it inherits.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from prep.model.limits import Basis
from prep.model.value import Value
from prep.spelling import alike, did_you_mean
from prep.validation import Key, complaints, short

Fields = dict[str, Any]


class Citation(Value):
    """A page and when it was read. *basis* is that of the limits which name it, unless they state their own."""

    url: str
    checked: date
    basis: Basis | None = None


class Sources(Value):
    """The citations of a document by the names that its limits use."""

    sources: dict[str, Citation]


class CompositionError(ValueError):
    """The document can't be composed; *problems* holds each wrong key with the reason."""

    def __init__(self, *problems: tuple[Key, str]) -> None:
        super().__init__(problems)
        self.problems = problems


def inherited(fields: Fields, base_of: Callable[[Any], Fields]) -> Fields:
    """*fields* over the document that they extend, which *base_of* finds and which may extend another."""
    if "extends" not in fields:
        if "drop" in fields:
            raise CompositionError((("drop",), "only a spec that `extends` another can drop a limit"))
        return fields
    base = inherited(base_of(fields["extends"]), base_of)
    own = {key: value for key, value in fields.items() if key not in ("extends", "drop")}
    return _over(_without(base, fields.get("drop", [])), own)


def with_sources(fields: Fields) -> Fields:
    """*fields* without `sources`: each limit has the address, the date and the basis of the source that it names."""
    try:
        sources = Sources.model_validate({"sources": fields.get("sources", {})}).sources
    except ValidationError as error:
        raise CompositionError(*complaints(error, Sources)) from None
    if unknown := list(_unknown_sources(fields, sources)):
        raise CompositionError(*unknown)
    return {key: _cited(value, sources) for key, value in fields.items() if key != "sources"}


def _over(base: Fields, own: Fields) -> Fields:
    """Groups are merged one level deep: what stands in a group of *own* replaces its namesake in *base*."""
    return base | {
        key: base[key] | value if isinstance(value, dict) and isinstance(base.get(key), dict) else value
        for key, value in own.items()
    }


def _without(base: Fields, drop: Any) -> Fields:
    if not isinstance(drop, list) or not all(isinstance(name, str) for name in drop):
        raise CompositionError((("drop",), f"should be a list of names such as 'video.max_fps', not {short(drop)}"))
    kept = {key: dict(value) if isinstance(value, dict) else value for key, value in base.items()}
    for name in drop:
        group, _, limit = name.partition(".")
        holder = kept.get(group) if limit else kept
        if not isinstance(holder, dict) or (limit or group) not in holder:
            raise CompositionError((("drop",), f"{name!r} is not in the spec that this one extends{_near(name, base)}"))
        del holder[limit or group]
    return kept


def _near(name: str, base: Fields) -> str:
    names = [f"{group}.{limit}" for group, value in base.items() if isinstance(value, dict) for limit in value]
    question = did_you_mean(name, [*base, *names])
    return f"; {question}" if question else ""


def _unknown_sources(
    fields: Mapping[str, Any], known: Mapping[str, Citation], key: Key = ()
) -> Iterator[tuple[Key, str]]:
    """A limit that gives its own date, or a URL, cites a page itself; any other word is the name of a source."""
    for name, value in fields.items():
        if isinstance(value, dict) and (key or name != "sources"):
            yield from _unknown_sources(value, known, (*key, name))
    source = fields.get("source")
    if isinstance(source, str) and source not in known and "://" not in source and "checked" not in fields:
        near = alike(source, known) or list(known)
        yield (
            (*key, "source"),
            f"{source!r} is not in [sources]" + (f"; did you mean {' or '.join(near)}?" if near else ""),
        )


def _cited(value: Any, sources: Mapping[str, Citation]) -> Any:
    if isinstance(value, list):
        return [_cited(item, sources) for item in value]
    if not isinstance(value, dict):
        return value
    fields = {key: _cited(item, sources) for key, item in value.items()}
    citation = sources.get(fields["source"]) if isinstance(fields.get("source"), str) else None
    if citation is None:
        return fields
    stated = {"basis": citation.basis} if citation.basis else {}
    return {**stated, "checked": citation.checked, **fields, "source": citation.url}
