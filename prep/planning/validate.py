"""Whether a plan that was read from a file still makes sense: somebody may have edited it."""

from prep.model.media import AudioInfo, ImageInfo, MediaInfo
from prep.model.plan import CropTo, Pad, PlanEntry, Step, Trim
from prep.planning.predict import predict

SLACK_S = 0.5  # the last frame or packet of a clip may reach beyond what it says it lasts


def incoherent(entry: PlanEntry) -> str | None:
    """What is wrong with the steps of *entry*, by its key in the plan; None: nothing."""
    info: MediaInfo = entry.source
    for number, step in enumerate(entry.steps):
        if why := _impossible(info, step):
            return f"steps.{number}: {why}"
        try:
            info = predict(info, (step,))
        except ValueError as error:
            return f"steps.{number}: {error}"
    return None if info == entry.predicted else "predicted: the steps do not lead to it"


def _impossible(info: MediaInfo, step: Step) -> str | None:
    if isinstance(step, Trim) and not isinstance(info, ImageInfo) and step.start_s + step.duration_s > _end(info):
        return f"it keeps {step.start_s:g} to {step.start_s + step.duration_s:g} s of {info.duration_s:g} s"
    if isinstance(info, AudioInfo):
        return None
    if isinstance(step, CropTo) and (step.x + step.width > info.width or step.y + step.height > info.height):
        return f"the crop reaches outside the picture, which is {info.width}×{info.height}"
    if isinstance(step, Pad) and (step.x + info.width > step.width or step.y + info.height > step.height):
        return f"the canvas is smaller than the picture, which is {info.width}×{info.height}"
    return None


def _end(info: MediaInfo) -> float:
    return float(getattr(info, "duration_s", 0.0)) + SLACK_S
