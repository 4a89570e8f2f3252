"""Changes that may be made without asking: people still see and hear the same afterwards."""

from prep.model.media import AudioInfo
from prep.model.plan import CropTo, Extend, Flatten, Pad, PlanEntry, Scale, Step, TakeFrame, Trim

CHOICES = (CropTo, Extend, Flatten, Pad, TakeFrame, Trim)


def unsafe_steps(entry: PlanEntry) -> tuple[Step, ...]:
    """The steps that remove, add or invent something that nobody asked for.

    A trim or a crop that the user stated is safe; one that a limit asks for is a choice. Making smaller, turning
    upright, and writing in another format are safe, enlarging and padding are not.
    """
    if isinstance(entry.source, AudioInfo):
        width = height = 0
    else:
        width, height = entry.source.width, entry.source.height
    unsafe: list[Step] = []
    for step in entry.steps:
        if isinstance(step, CHOICES) and set(step.because) != {"asked"}:
            unsafe.append(step)
        if isinstance(step, Scale) and (step.width > width or step.height > height):
            unsafe.append(step)
        if isinstance(step, CropTo | Scale | Pad):
            width, height = step.width, step.height
    return tuple(unsafe)
