"""Parts: the seconds of a source that the user asked for, and those that a plan keeps."""

from prep.model.media import ImageInfo
from prep.model.plan import PlanEntry, Trim, find
from prep.model.source import Source
from prep.planning.budget_seconds import asked_length
from prep.planning.plan_set import clip_of


def asked_part(source: Source) -> tuple[float, float] | None:
    """From when to when the user's part is; the whole clip without one, None for an image."""
    if isinstance(source.info, ImageInfo):
        return None
    length = asked_length(clip_of(source, source.info, source.info.duration_s))
    return length.start_s, length.start_s + length.duration_s


def kept_part(entry: PlanEntry) -> tuple[float, float] | None:
    """From when to when *entry* keeps its source; None for what is not made of a clip, or not sent as one."""
    if isinstance(entry.source, ImageInfo) or isinstance(entry.predicted, ImageInfo):
        return None
    if trim := find(entry.steps, Trim):
        return trim.start_s, trim.start_s + trim.duration_s
    return 0.0, entry.source.duration_s
