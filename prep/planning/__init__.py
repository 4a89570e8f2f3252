"""Facts and limits to a Plan. `draft`, to read first, plans the steps for every reference of a set.

`trim` chooses the seconds of a clip that are kept, `video` and `audio` the frames and samples that they end on. Pure:
reads no file, clock or environment; imports model and rules.
"""

from prep.planning.draft import Needs, plan_steps, what_to_analyse
from prep.planning.plan_set import plan_set

__all__ = ["Needs", "plan_set", "plan_steps", "what_to_analyse"]
