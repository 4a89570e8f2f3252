"""Checks a plan that was read from a file: somebody may have edited it."""

from prep.model.media import AudioInfo, ImageInfo, MediaInfo
from prep.model.plan import CropTo, Pad, PlanEntry, Step, Trim
from prep.planning.predict import predict
from prep.rules.amounts import amount, moment

SLACK_S = 0.5  # the last frame or packet of a clip may reach beyond what it says it lasts


def error_in(entry: PlanEntry) -> str | None:
    """The error in the steps of *entry*, with its key in the plan; None: there is none."""
    info: MediaInfo = entry.source
    for number, step in enumerate(entry.steps):
        if why := _impossible(info, step):
            return f"steps.{number}: {why}"
        try:
            info = predict(info, (step,))
        except ValueError as error:
            return f"steps.{number}: {error}"
    return None if info == entry.predicted else "predicted: doesn't match the steps"


def _impossible(info: MediaInfo, step: Step) -> str | None:
    if isinstance(step, Trim) and not isinstance(info, ImageInfo):
        end_s = step.start_s + step.duration_s
        if end_s > info.duration_s + SLACK_S:
            return f"the trim ends at {moment(end_s)}, but the clip lasts {amount(info.duration_s, 's')}"
    if isinstance(info, AudioInfo):
        return None
    if isinstance(step, CropTo) and (step.x + step.width > info.width or step.y + step.height > info.height):
        return f"the crop reaches outside the picture ({info.width}×{info.height})"
    if isinstance(step, Pad) and (step.x + info.width > step.width or step.y + info.height > step.height):
        return f"the canvas is smaller than the picture ({info.width}×{info.height})"
    return None
