"""Facts and limits to a Plan. Pure: reads no file, clock or environment; imports model and rules."""

from prep.planning.plan_set import plan_set, to_look_for

__all__ = ["plan_set", "to_look_for"]
