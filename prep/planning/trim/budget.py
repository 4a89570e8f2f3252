"""Seconds: the part of each clip that is used, so that all together stay within the seconds that they share."""

from collections.abc import Sequence

from prep.model.limits import Limit
from prep.model.value import Value
from prep.planning.trim.part import Length

# When something has to be cut anyway, the sum aims this far below the limit: encoders round up to whole frames, and
# readers disagree about the last one (an MP3 of 15.000 s reads as 15.024 s elsewhere).
HEADROOM_S = 0.1


class Clip(Value):
    """One clip and the part of it that the user asked for; *fixed*: its end was named, so it is not cut.

    *remade*: it is re-encoded whatever its length. *rewritten*: at least a file is made of it, which has to meet the
    strict values. *padding_s* is what its encoder adds: delay and whole frames. A part of at most *unpadded_s* can be
    written without.
    """

    asked: Length
    fixed: bool = False
    remade: bool = False
    rewritten: bool = False
    padding_s: float = 0.0
    unpadded_s: float = 0.0


class TimeLimits(Value):
    """The limits on seconds that one kind has, and the rules that break them. *lengthen*: short clips may grow."""

    least: Limit[float] | None
    most: Limit[float] | None
    total: Limit[float] | None
    too_long: str
    set_too_long: str
    lengthen: bool = True


def share_seconds(clips: Sequence[Clip], limits: TimeLimits) -> tuple[Length, ...]:
    """Choose the part of every clip.

    The parts that the user asked for stay as they are. Of the rest, short clips stay whole and the longer ones share
    what is left equally, but none gets less than the least a clip may last: when that does not fit, the sum is over the
    limit, and the rules over the set say so. Nothing is cut only to make room for padding that can be left out.
    """
    crowded = [_without_padding(clip) if _is_crowded(clip, limits) else clip for clip in clips]
    ways = [(way, _lengths(way, limits)) for way in (clips, crowded, [_without_padding(clip) for clip in clips])]
    # the first of those that are as good: padding is left out only where that helps
    best, lengths = min(ways, key=lambda way: (_over(way[1], way[0], limits), _count_cut(way[0], way[1])))
    return tuple(
        length.model_copy(update={"unpadded": True}) if bare.padding_s < clip.padding_s else length
        for length, clip, bare in zip(lengths, clips, best, strict=True)
    )


def _lengths(clips: Sequence[Clip], limits: TimeLimits) -> list[Length]:
    return _shared([_within_each(clip, limits) for clip in clips], clips, limits)


def _without_padding(clip: Clip) -> Clip:
    """*clip* written without padding, where it can be."""
    fits = clip.padding_s and clip.asked.duration_s <= clip.unpadded_s
    return clip.model_copy(update={"padding_s": 0.0}) if fits else clip


def _is_crowded(clip: Clip, limits: TimeLimits) -> bool:
    """True if it is within the limit of one clip, and its padding would carry it over."""
    seconds = clip.asked.duration_s
    return limits.most is not None and seconds <= limits.most.value < seconds + clip.padding_s


def _count_cut(clips: Sequence[Clip], lengths: Sequence[Length]) -> int:
    return sum(length.duration_s < clip.asked.duration_s for clip, length in zip(clips, lengths, strict=True))


def _shared(lengths: list[Length], clips: Sequence[Clip], limits: TimeLimits) -> list[Length]:
    if not _over(lengths, clips, limits) or limits.total is None:
        return lengths
    used_s = [length.needed_s * clip.fixed + clip.padding_s for length, clip in zip(lengths, clips, strict=True)]
    free = [index for index, clip in enumerate(clips) if not clip.fixed]
    budget_s = limits.total.value - HEADROOM_S - sum(used_s)
    shares = dict(zip(free, water_fill([lengths[index].needed_s for index in free], budget_s), strict=True))
    least = limits.least.value if limits.least else 0.0
    return [
        _cut_to(length, max(shares[index], min(least, length.needed_s)), limits.set_too_long)
        if index in shares
        else length
        for index, length in enumerate(lengths)
    ]


def _within_each(clip: Clip, limits: TimeLimits) -> Length:
    """Apply what holds for each clip: cut what is too long, ask for more where it is too short."""
    length = clip.asked
    encoded = clip.remade or length.cut
    made = encoded or clip.rewritten
    if limits.most and not clip.fixed:
        ceiling = limits.most.value - clip.padding_s * encoded if made else limits.most.tolerated
        if length.duration_s > ceiling:
            return _cut_to(length, limits.most.value - HEADROOM_S, limits.too_long)
    if limits.least and limits.lengthen:
        floor = limits.least.value if made else limits.least.tolerated
        if length.duration_s < floor:
            return length.model_copy(update={"needed_s": limits.least.value})
    return length


def _over(lengths: Sequence[Length], clips: Sequence[Clip], limits: TimeLimits) -> bool:
    if limits.total is None:
        return False
    encoded = [clip.remade or length.cut or length.extended for length, clip in zip(lengths, clips, strict=True)]
    made = any(encoded) or any(clip.rewritten for clip in clips)
    bound = limits.total.value if made else limits.total.tolerated
    padding_s = sum(clip.padding_s for clip, counts in zip(clips, encoded, strict=True) if counts)
    return round(sum(length.needed_s for length in lengths) + padding_s, 6) > bound


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


def water_fill(wants: Sequence[float], budget: float) -> tuple[float, ...]:
    """Give each what it wants, up to one common level at which the sum is at most *budget*.

    Small wants are met in full (as the very same number); the rest share what is left equally. With a budget below zero
    nobody gets anything.
    """
    shares = [0.0] * len(wants)
    left = max(budget, 0.0)
    by_size = sorted(range(len(wants)), key=lambda index: wants[index])
    for position, index in enumerate(by_size):
        level = left / (len(wants) - position)
        shares[index] = min(wants[index], level)
        left -= shares[index]
    return tuple(shares)
