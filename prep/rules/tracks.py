"""Findings about the tracks of videos and sounds: lengths that mislead, ends that are missing, changes midway."""

from collections.abc import Sequence
from typing import Literal

from prep.model.media import AudioInfo, Change, VideoInfo
from prep.rules.amounts import amount, amounts
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


def misleading(rule: str, measured_s: float, claimed_s: float | None, source: str) -> Findings:
    """One finding when *source* claims *claimed_s* for what lasts *measured_s*; None: it does not mislead."""
    if claimed_s is None:
        return ()
    actual, claimed = amounts(measured_s, claimed_s, "s")
    message = f"lasts {actual}, but its {source} says {claimed}; the endpoint may trust that"
    return advice(rule, claimed_s, measured_s, message, "s")


def truncated(info: VideoInfo | AudioInfo) -> Findings:
    """One finding when the file is shorter than it should be."""
    if not info.truncated:
        return ()
    message = "the file ends before its header says it does; only what is there can be used"
    return advice(f"{info.kind}-truncated", "truncated", "whole", message)
