"""Facts and limits to a Plan. Pure: reads no file, clock or environment; imports model and rules."""

from prep.planning.plan_set import Needs, plan_set, what_to_analyse

__all__ = ["Needs", "plan_set", "what_to_analyse"]
