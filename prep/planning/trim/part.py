"""Parts: the seconds of a source that the user asked for, and those that a plan keeps."""

from prep.errors import UsageError
from prep.model.limits import EndpointSpec
from prep.model.media import ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import Options, PlanEntry, Trim, Window, find
from prep.model.source import Source
from prep.model.value import Value
from prep.rules.amounts import amount

# A part that reaches this close to both ends is the whole clip.
WHOLE_S = 0.02


class Length(Value):
    """The part of a clip that is used.

    *cut*: it is less than the whole clip; *because* names who asked for that, and *why* says in words why this part was
    chosen; *alternatives* are the next best. *needed_s* is longer than *duration_s* when the clip has to be lengthened.
    *unpadded*: it is written in a format that adds nothing, since there is no room for the padding of an encoder.
    *limited* says in words why it is shorter than it may be.
    """

    start_s: float = 0.0
    duration_s: float
    needed_s: float
    cut: bool = False
    because: tuple[str, ...] = ()
    why: str = ""
    alternatives: tuple[Window, ...] = ()
    unpadded: bool = False
    limited: str = ""

    @property
    def extended(self) -> bool:
        return self.needed_s > self.duration_s

    @property
    def end_s(self) -> float:
        return self.start_s + self.duration_s

    def trim(self, start_s: float, duration_s: float, note: str = "") -> Trim:
        """The step that keeps this part, with its ends moved to *start_s* and *duration_s*."""
        words = "; ".join(filter(None, (self.why, self.limited, note)))
        return Trim(
            start_s=start_s,
            duration_s=duration_s,
            because=self.because,
            note=words,
            alternatives=self.alternatives,
        )


def chooses_part(source: Source, options: Options) -> bool:
    """True if the user leaves it to the plan where the part of *source* lies, and wants the best."""
    part = source.reference.part
    return part.best_s is not None if part else options.window == "best"


def requested_length(source: Source, lasts_s: float, most_s: float | None = None, least_s: float = 0.0) -> Length:
    """The part of a clip that the user asked for, the whole clip otherwise; of the clip *lasts_s* seconds are of use.

    *most_s* is the most that the user wants of a clip without a part of its own. A part of which the user named only
    the seconds begins at 0 here, and has *least_s* at least: fewer would only have to be lengthened again. Raises
    UsageError when the part starts after the end.
    """
    part, info = source.reference.part, source.info
    whole = Length(duration_s=lasts_s, needed_s=lasts_s)
    if part is None or part.best_s is not None:
        wanted_s = part.best_s if part else most_s
        if wanted_s is None or (wanted_s := max(wanted_s, least_s)) >= lasts_s - WHOLE_S:
            return whole
        return Length(duration_s=wanted_s, needed_s=wanted_s, cut=True, because=("asked",))
    shown_s = info.picture_s if isinstance(info, VideoInfo) else None
    last_s = lasts_s if shown_s is None else min(shown_s, lasts_s)
    if part.start_s >= last_s:
        raise UsageError(
            f"{source.label}: #t={part.start_s:g} starts after the end of the clip ({amount(last_s, 's')})"
        )
    end_s = lasts_s if part.end_s is None else min(part.end_s, lasts_s)
    if part.start_s <= WHOLE_S and end_s >= lasts_s - WHOLE_S:
        return whole
    length_s = round(end_s - part.start_s, 6)  # 2.3 − 0.3 is 2, also where it is computed
    return Length(start_s=part.start_s, duration_s=length_s, needed_s=length_s, cut=True, because=("asked",))


def least_seconds(info: MediaInfo, spec: EndpointSpec) -> float:
    """The seconds that a clip or a sound has to have at least."""
    limit = spec.video.min_duration_s if info.kind == "video" else spec.audio.min_duration_s
    return limit.value if limit and info.kind != "image" else 0.0


def requested_part(source: Source) -> tuple[float, float] | None:
    """Start and end of the part that the user asked for; the whole clip without one, None for an image."""
    if isinstance(source.info, ImageInfo):
        return None
    length = requested_length(source, source.info.duration_s)
    return length.start_s, length.end_s


def kept_part(entry: PlanEntry) -> tuple[float, float] | None:
    """Start and end of what *entry* keeps of its source; None for what is not a clip, or not sent as one."""
    if isinstance(entry.source, ImageInfo) or isinstance(entry.predicted, ImageInfo):
        return None
    if trim := find(entry.steps, Trim):
        return trim.start_s, trim.start_s + trim.duration_s
    return 0.0, entry.source.duration_s
