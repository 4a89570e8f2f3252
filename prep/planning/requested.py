"""The facts of a reference as requested: its part and crop, not the whole file."""

from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.source import Source
from prep.planning.budget_seconds import asked_length
from prep.planning.geometry import asked_crop
from prep.planning.plan_set import clip_of, refuse_inapplicable


def denoted(source: Source) -> MediaInfo:
    """The MediaInfo of the part of *source* that was asked for; its bytes in proportion.

    Raises UsageError when that part does not exist in the source.
    """
    info, reference = source.info, source.reference
    if isinstance(info, VideoInfo | AudioInfo):
        length = asked_length(clip_of(source, info, info.duration_s))
        size = round(info.bytes * length.duration_s / info.duration_s)
        info = info.model_copy(update={"duration_s": length.duration_s, "bytes": size})
    refuse_inapplicable(source)
    if isinstance(info, ImageInfo) and reference.part is not None:
        info = info.model_copy(update={"frames": 1})
    if isinstance(info, VideoInfo | ImageInfo) and reference.crop is not None:
        kept = asked_crop(reference.crop, info.width, info.height, source.label)
        info = info.model_copy(update={"width": kept.width, "height": kept.height})
    return info


def asks_for_change(source: Source) -> bool:
    """True if the reference is a part, a crop or a track of its file."""
    reference = source.reference
    sound_of_video = reference.track == "audio" and source.info.container not in ("mp3", "wav")
    return sound_of_video or denoted(source) != source.info
