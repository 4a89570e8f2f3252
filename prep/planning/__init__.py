"""Facts and limits to a Plan. Pure: reads no file, clock or environment; imports model and rules."""

from prep.planning.draft import Needs, plan_steps, what_to_analyse
from prep.planning.plan_set import plan_set

__all__ = ["Needs", "plan_set", "plan_steps", "what_to_analyse"]
