"""Deciding what to do: pure functions from references, MediaInfo and limits to a Plan. Nothing here reads a file."""

from prep.planning.reference_set import Source, plan_set, to_look_for

__all__ = ["Source", "plan_set", "to_look_for"]
