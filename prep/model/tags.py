"""The endpoint's names for the references: @Image1, @Video1, @Audio1, counted for each kind in the order given."""

from collections import Counter
from collections.abc import Iterable

from prep.model.media import Kind


def tags_for(kinds: Iterable[Kind]) -> tuple[str, ...]:
    counts: Counter[str] = Counter()
    tags = []
    for kind in kinds:
        counts[kind] += 1
        tags.append(f"@{kind.capitalize()}{counts[kind]}")
    return tuple(tags)
