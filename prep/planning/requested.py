"""The facts of a reference as requested: its part and crop, not the whole file."""

from collections.abc import Sequence
from math import floor
from typing import TypeVar

from prep.errors import UsageError
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import CropTo
from prep.model.reference import Crop
from prep.model.source import Source
from prep.planning.trim.part import least_seconds, requested_length
from prep.rules.amounts import amounts, listed

Info = TypeVar("Info", AudioInfo, ImageInfo, VideoInfo, MediaInfo)


def requested_info(source: Source, spec: EndpointSpec | None = None) -> MediaInfo:
    """The MediaInfo of the part of *source* that was asked for; its bytes in proportion.

    With *spec*, a number of seconds that is too short for the endpoint counts as the least, as in a plan. Raises
    UsageError when that part does not exist in the source.
    """
    info = source.info
    if not isinstance(info, ImageInfo):
        length = requested_length(source, info.duration_s, least_s=least_seconds(info, spec) if spec else 0.0)
        size = round(info.bytes * length.duration_s / info.duration_s)
        info = info.model_copy(update={"duration_s": length.duration_s, "bytes": size})
    refuse_inapplicable(source)
    if isinstance(info, ImageInfo) and source.reference.part is not None:
        info = info.model_copy(update={"frames": 1})
    return cropped(info, requested_crop(source))


def cropped(info: Info, crop: CropTo | None) -> Info:
    """The facts of a picture of which *crop* is left; None: all of it."""
    return info.model_copy(update={"width": crop.width, "height": crop.height}) if crop else info


def too_long_as_asked(finding: Finding, source: Source) -> Finding:
    """*finding*, and what to ask for instead, where the user's own part is too long."""
    part = source.reference.part
    if part is None or not finding.rule.endswith("-too-long") or finding.unit != "s":
        return finding
    actual, most = amounts(float(finding.actual), float(finding.allowed), "s")
    shorter = f"t={part.start_s:.9g},{part.start_s + float(finding.allowed):.9g}"
    message = f"#{part.text} lasts {actual} (max {most}); use #{shorter}, or no #t=, to keep the best part"
    return finding.model_copy(update={"message": message})


def too_long_together(finding: Finding, sources: Sequence[Source]) -> Finding:
    """*finding*, and what to change, where the users' own parts take more than all references may."""
    kind = {"videos-too-long": "video", "audios-too-long": "audio"}.get(finding.rule)
    chosen = [s.tag for s in sources if s.info.kind == kind and (part := s.reference.part) and part.best_s is None]
    if not chosen:
        return finding
    more = f"; shorten the {'part' if len(chosen) == 1 else 'parts'} that you chose of {listed(chosen)}"
    return finding.model_copy(update={"message": f"{finding.message}{more}"})


def is_whole_file(source: Source) -> bool:
    """True if the reference names its file as it is: no part, no crop, no soundtrack of a video."""
    soundtrack = source.reference.track == "audio" and source.info.container not in ("mp3", "wav")
    return not soundtrack and requested_info(source) == source.info


def refuse_inapplicable(source: Source) -> None:
    """Raise UsageError for a part or a crop that this kind of file can't have, so that none is ignored silently."""
    info, part, label = source.info, source.reference.part, source.label
    if isinstance(info, AudioInfo) and source.reference.crop is not None:
        raise UsageError(f"{label}: #xywh= crops a picture, but this is a sound")
    if not isinstance(info, ImageInfo) or part is None:
        return
    if info.frames == 1:
        raise UsageError(f"{label}: #t= picks a part of a video or a sound, but this is a still picture")
    if info.container == "tiff":
        raise UsageError(f"{label}: #t= can't pick one of its {info.frames} pages; leave it out")
    if part.best_s is not None:
        raise UsageError(f"{label}: #{part.text} picks a clip; add &track=video, or write #t= with one moment")
    if part.end_s is not None:
        raise UsageError(
            f"{label}: an image reference is one picture; write #t={part.start_s:g} for the one shown then, or "
            "add &track=video to keep a clip"
        )


def requested_crop(source: Source) -> CropTo | None:
    """The crop that the user asked for; None when there is none, or it names the whole picture.

    Raises UsageError when it reaches outside the picture.
    """
    info, crop = source.info, source.reference.crop
    if crop is None or isinstance(info, AudioInfo):
        return None
    kept = crop_in_pixels(crop, info.width, info.height, source.label)
    return None if (kept.width, kept.height) == (info.width, info.height) else kept


def crop_in_pixels(crop: Crop, width: int, height: int, label: str) -> CropTo:
    """*crop* of a picture of *width* × *height*, in whole pixels. Raises UsageError when it reaches outside."""
    across, down = (width / 100, height / 100) if crop.unit == "percent" else (1, 1)
    left, top = floor(crop.x * across + 1e-6), floor(crop.y * down + 1e-6)
    wide, high = max(1, round(crop.width * across)), max(1, round(crop.height * down))
    if crop.unit == "percent":
        wide, high = min(wide, width - left), min(high, height - top)
    if left + wide > width or top + high > height or wide < 1 or high < 1:
        raise UsageError(
            f"{label}: #xywh={crop.x:g},{crop.y:g},{crop.width:g},{crop.height:g} reaches outside the picture "
            f"({width}×{height})"
        )
    return CropTo(x=left, y=top, width=wide, height=high, because=("asked",))
