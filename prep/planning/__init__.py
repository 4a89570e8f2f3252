"""Facts and limits to a Plan. Pure: reads no file, clock or environment; imports model and rules.

Which seconds of a clip are kept: `part` has what the user asked for, `budget_seconds` how long each may be,
`video_window` and `audio_window` where the part lies, `video` and `audio` the frames and samples that it ends on.
"""

from prep.planning.draft import Needs, plan_steps, what_to_analyse
from prep.planning.plan_set import plan_set

__all__ = ["Needs", "plan_set", "plan_steps", "what_to_analyse"]
