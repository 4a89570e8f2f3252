"""Proposals that bring a job under its price cap: shorter references first, then a shorter or smaller video."""

from collections.abc import Iterator
from decimal import Decimal
from math import inf

from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.model.media import VideoInfo
from prep.model.plan import Options, Plan, PlanEntry, Trim, find
from prep.model.value import Value
from prep.planning.trim.budget import water_fill
from prep.pricing.cost import Cost
from prep.pricing.price import price_of, price_of_plan
from prep.specs.parameters import for_generation

STEP_S = 0.1  # as exact as a person wants to cut; rounded down, so that the cap holds


class Cheaper(Value):
    """A change: the *arguments* of the command line that make it, and what the job would *cost* then."""

    arguments: tuple[str, ...]
    cost: Cost


def cheaper(planned: Plan, spec: EndpointSpec, generation: Generation, cap: Decimal) -> tuple[Cheaper, ...]:
    """Every single change that keeps the price at or under *cap*.

    If neither shorter references nor a shorter video are enough, both together are proposed as well.
    """
    references = tuple(_shorter_references(planned, spec, generation, cap))
    output = tuple(_shorter_output(planned, spec, generation, cap))
    both = () if references or output else tuple(_both_shorter(planned, spec, generation, cap))
    return (*references, *output, *both, *_smaller_output(planned, spec, generation, cap))


def _shorter_references(planned: Plan, spec: EndpointSpec, generation: Generation, cap: Decimal) -> Iterator[Cheaper]:
    """The longest seconds of reference video that the cap allows, shared as the planner shares them."""
    videos = [entry for entry in planned.entries if isinstance(entry.predicted, VideoInfo)]
    lengths = [_length_s(entry) for entry in videos]
    least_s = spec.video.min_duration_s.value if spec.video.min_duration_s else 0.0
    tenths = int(sum(lengths) / STEP_S)
    while videos and (total_s := tenths * STEP_S) >= least_s * len(videos):
        cost = price_of(spec, generation, total_s)
        if cost is not None and cost.max_usd <= cap:
            shares = [int(share / STEP_S + 1e-6) * STEP_S for share in water_fill(lengths, total_s)]
            if all(share >= least_s for share in shares):
                texts = [_with_part(entry, share) for entry, share in zip(videos, shares, strict=True)]
                yield Cheaper(arguments=tuple(texts), cost=price_of(spec, generation, round(sum(shares), 6)) or cost)
            return
        tenths -= 1


def _shorter_output(planned: Plan, spec: EndpointSpec, generation: Generation, cap: Decimal) -> Iterator[Cheaper]:
    numbers = sorted((int(value) for value in spec.request.duration.choices or () if value.isdigit()), reverse=True)
    for seconds in numbers:
        if generation.fixed_s is not None and seconds >= generation.fixed_s:
            continue
        shorter = generation.model_copy(update={"duration": str(seconds)})
        cost = price_of(spec, shorter, _video_s(planned, spec, shorter))
        if cost is not None and cost.max_usd <= cap:
            yield Cheaper(arguments=("--duration", str(seconds)), cost=cost)
            return


def _video_s(planned: Plan, spec: EndpointSpec, generation: Generation) -> float:
    """The seconds of video that a plan of the same references keeps for *generation*."""
    most_s = for_generation(Options(), generation, spec).generated_s or inf
    least_s = spec.video.min_duration_s.value if spec.video.min_duration_s else 0.0
    kept_s = 0.0
    for entry in planned.entries:
        if isinstance(entry.predicted, VideoInfo):
            trim = find(entry.steps, Trim)
            free = trim is not None and "asked" not in trim.because
            kept_s += min(_length_s(entry), max(least_s, most_s)) if free else _length_s(entry)
    return round(kept_s, 6)


def _both_shorter(planned: Plan, spec: EndpointSpec, generation: Generation, cap: Decimal) -> Iterator[Cheaper]:
    """The shortest video, with the longest references that the cap then allows."""
    numbers = [int(value) for value in spec.request.duration.choices or () if value.isdigit()]
    if numbers and generation.duration != str(min(numbers)):
        shortest = generation.model_copy(update={"duration": str(min(numbers))})
        for change in _shorter_references(planned, spec, shortest, cap):
            arguments = (*change.arguments, "--duration", str(min(numbers)))
            yield Cheaper(arguments=arguments, cost=change.cost)


def _smaller_output(planned: Plan, spec: EndpointSpec, generation: Generation, cap: Decimal) -> Iterator[Cheaper]:
    for resolution in spec.request.resolution.choices or ():
        cost = price_of_plan(planned, spec, generation.model_copy(update={"resolution": resolution}))
        if resolution != generation.resolution and cost is not None and cost.max_usd <= cap:
            yield Cheaper(arguments=("--resolution", resolution), cost=cost)
            return


def _length_s(entry: PlanEntry) -> float:
    return entry.predicted.duration_s if isinstance(entry.predicted, VideoInfo) else 0.0


def _with_part(entry: PlanEntry, share_s: float) -> str:
    """The reference as it is written on the command line, its part shortened to *share_s* from where it begins."""
    reference = entry.reference
    if share_s >= _length_s(entry) - STEP_S / 2 and reference.part is None and find(entry.steps, Trim) is None:
        part = ""
    else:
        trim = find(entry.steps, Trim)
        start_s = trim.start_s if trim else reference.part.start_s if reference.part else 0.0
        part = f"t={_number(start_s)},{_number(start_s + min(share_s, _length_s(entry)))}"
    return reference.written(reference.location, part)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
