"""Time: which part of each clip is used, so that all together stay within the seconds that they share."""

from collections.abc import Sequence

from prep.errors import UsageError
from prep.model.limits import Limit, Value
from prep.model.reference import Part
from prep.planning.allocate import water_fill
from prep.rules.amounts import amount

# When something has to be cut anyway, the sum aims this far below the limit: encoders round up to whole frames, and
# readers disagree about the last one (an MP3 of 15.000 s reads as 15.024 s elsewhere).
HEADROOM_S = 0.1
# A part that reaches this close to both ends is the whole clip.
WHOLE_S = 0.02


class Clip(Value):
    """One clip that wants seconds. *part* is the user's; *remade*: it is re-encoded whatever its length.

    *rewritten*: a file is made of it at least, which has to meet the strict values. *padding_s* is what its encoder
    adds where it is encoded anew: encoder delay and whole frames. What is used of it can be written without, if that is
    at most *unpadded_s*.
    """

    label: str
    duration_s: float
    picture_s: float | None = None
    part: Part | None = None
    remade: bool = False
    rewritten: bool = False
    padding_s: float = 0.0
    unpadded_s: float = 0.0


class Length(Value):
    """The part of a clip that is used. *cut*: it is less than the whole clip. *because* says who asked for the cut.

    *why* says in words why this part was chosen. *needed_s* is longer than *duration_s* when the clip has to be
    lengthened. *unpadded*: what an encoder would add to it is left out, since there is no room for it.
    """

    start_s: float = 0.0
    duration_s: float
    needed_s: float
    cut: bool = False
    because: tuple[str, ...] = ()
    why: str = ""
    unpadded: bool = False


class TimeLimits(Value):
    """The limits on seconds that one kind has, and the rules that speak of them. *lengthen*: short clips may grow."""

    least: Limit[float] | None
    most: Limit[float] | None
    total: Limit[float] | None
    too_long: str
    set_too_long: str
    lengthen: bool = True


def share_seconds(clips: Sequence[Clip], limits: TimeLimits) -> tuple[Length, ...]:
    """Choose the part of every clip.

    The user's own parts are taken as given. Of the rest, short clips stay whole and the longer ones share what is left
    equally, but none gets less than the least a clip may last: when that does not fit, the sum is over the limit, which
    the set's rules then say. Nothing is cut only to make room for padding that can be left out.
    """
    asked = [asked_length(clip) for clip in clips]
    crowded = [
        _bare(clip) if _is_crowded(clip, want, limits) else clip for clip, want in zip(clips, asked, strict=True)
    ]
    ways = [(taken, _lengths(asked, taken, limits)) for taken in (clips, crowded, [_bare(clip) for clip in clips])]
    # the first of those that are as good: padding is left out only where that helps
    taken, lengths = min(ways, key=lambda way: (_over(way[1], way[0], limits), _losers(asked, way[1])))
    return tuple(
        length.model_copy(update={"unpadded": True}) if bare.padding_s < clip.padding_s else length
        for length, clip, bare in zip(lengths, clips, taken, strict=True)
    )


def _lengths(asked: Sequence[Length], clips: Sequence[Clip], limits: TimeLimits) -> list[Length]:
    return _shared(
        [_within_each(length, clip, limits) for length, clip in zip(asked, clips, strict=True)], clips, limits
    )


def _bare(clip: Clip) -> Clip:
    """*clip* written without padding, where it can be."""
    fits = clip.padding_s and asked_length(clip).duration_s <= clip.unpadded_s
    return clip.model_copy(update={"padding_s": 0.0}) if fits else clip


def _is_crowded(clip: Clip, asked: Length, limits: TimeLimits) -> bool:
    """Whether it is within the limit of one clip, and its padding would carry it over."""
    return limits.most is not None and asked.duration_s <= limits.most.value < asked.duration_s + clip.padding_s


def _losers(before: Sequence[Length], after: Sequence[Length]) -> int:
    return sum(new.duration_s < old.duration_s for old, new in zip(before, after, strict=True))


def _shared(wants: list[Length], clips: Sequence[Clip], limits: TimeLimits) -> list[Length]:
    if not _over(wants, clips, limits) or limits.total is None:
        return wants
    fixed = [_is_fixed(clip) for clip in clips]
    taken = [want.needed_s * fix + clip.padding_s for want, fix, clip in zip(wants, fixed, clips, strict=True)]
    budget = limits.total.value - HEADROOM_S - sum(taken)
    free = [index for index, fix in enumerate(fixed) if not fix]
    shares = dict(zip(free, water_fill([wants[index].needed_s for index in free], budget), strict=True))
    least = limits.least.value if limits.least else 0.0
    return [
        _cut_to(want, max(shares[index], min(least, want.needed_s)), limits.set_too_long) if index in shares else want
        for index, want in enumerate(wants)
    ]


def asked_length(clip: Clip) -> Length:
    """The part that the user asked for, the whole clip otherwise. Raises UsageError when it starts after the end."""
    part = clip.part
    if part is None:
        return Length(duration_s=clip.duration_s, needed_s=clip.duration_s)
    last_s = clip.duration_s if clip.picture_s is None else min(clip.picture_s, clip.duration_s)
    if part.start_s >= last_s:
        raise UsageError(f"{clip.label}: #t={part.start_s:g} starts after the end of the clip ({amount(last_s, 's')})")
    end_s = clip.duration_s if part.end_s is None else min(part.end_s, clip.duration_s)
    if part.start_s <= WHOLE_S and end_s >= clip.duration_s - WHOLE_S:
        return Length(duration_s=clip.duration_s, needed_s=clip.duration_s)
    length_s = round(end_s - part.start_s, 6)  # 2.3 − 0.3 is 2, also where it is computed
    return Length(start_s=part.start_s, duration_s=length_s, needed_s=length_s, cut=True, because=("asked",))


def _is_fixed(clip: Clip) -> bool:
    return clip.part is not None and clip.part.end_s is not None


def _within_each(length: Length, clip: Clip, limits: TimeLimits) -> Length:
    """Apply what holds for each clip: cut what is too long, ask for more where it is too short."""
    encoded = clip.remade or length.cut
    made = encoded or clip.rewritten
    if limits.most and not _is_fixed(clip):
        ceiling = limits.most.value - clip.padding_s * encoded if made else limits.most.tolerated
        if length.duration_s > ceiling:
            return _cut_to(length, limits.most.value - HEADROOM_S, limits.too_long)
    if limits.least and limits.lengthen:
        floor = limits.least.value if made else limits.least.tolerated
        if length.duration_s < floor:
            return length.model_copy(update={"needed_s": limits.least.value})
    return length


def _over(wants: Sequence[Length], clips: Sequence[Clip], limits: TimeLimits) -> bool:
    if limits.total is None:
        return False
    made = any(clip.rewritten or _is_encoded(want, clip) for want, clip in zip(wants, clips, strict=True))
    bound = limits.total.value if made else limits.total.tolerated
    return round(sum(want.needed_s for want in wants) + sum(_paddings(wants, clips)), 6) > bound


def _is_encoded(want: Length, clip: Clip) -> bool:
    return clip.remade or want.cut or want.needed_s > want.duration_s


def _paddings(wants: Sequence[Length], clips: Sequence[Clip]) -> list[float]:
    return [clip.padding_s * _is_encoded(want, clip) for want, clip in zip(wants, clips, strict=True)]


def _cut_to(length: Length, seconds: float, rule: str) -> Length:
    if seconds >= length.needed_s:
        return length
    return length.model_copy(
        update={
            "duration_s": min(length.duration_s, seconds),
            "needed_s": seconds,
            "cut": True,
            "because": (*length.because, rule),
        }
    )
