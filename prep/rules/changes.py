"""Findings about tracks that change in the middle of a file."""

from collections.abc import Sequence
from typing import Literal

from prep.model.media import Change
from prep.rules.amounts import amount
from prep.rules.findings import Findings, advice


def changed(rule: str, changes: Sequence[Change], track: Literal["picture", "sound"]) -> Findings:
    """One finding that names the first change of *track* and counts the others."""
    own = [change for change in changes if change.track == track]
    if not own:
        return ()
    first, more = own[0], len(own) - 1
    message = f"the {track} changes at {amount(first.time_s, 's')} from {first.before} to {first.after}"
    if more:
        message += f", and {more} more time{'' if more == 1 else 's'}"
    return advice(rule, first.after, first.before, message)
