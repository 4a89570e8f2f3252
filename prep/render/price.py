"""Rendering of a price, and of what it is for."""

from collections.abc import Sequence

from prep.model.finding import Finding
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.model.manifest import Totals
from prep.pricing.cost import Cost
from prep.render.text import findings_text
from prep.rules.amounts import amount
from prep.specs.parameters import in_effect

INDENT = 13
NARROWER = "--duration SECONDS narrows the range"


def price_text(cost: Cost | str, generation: Generation, spec: EndpointSpec, totals: Totals) -> str:
    """The price, what it is for and why it is a range; *cost* may be the sentence that it is not known."""
    video = f"; {amount(totals.video_duration_s, 's')} of reference video" if totals.videos else ""
    rows = [
        ("price", str(cost)),
        ("for", ", ".join([describe_output(generation, spec), *_others(generation, spec)]) + video),
        *(("", line) for line in reason_lines(cost)),
    ]
    if isinstance(cost, Cost) and cost.is_range and generation.fixed_s is None:
        rows.append(("", NARROWER))
    return "\n".join(f"{name:<{INDENT}}{text}" for name, text in rows)


def reason_lines(cost: Cost | str | None) -> list[str]:
    """The reasons why *cost* is a range, a line each; none where it is no range, or not known."""
    reasons = cost.reasons if isinstance(cost, Cost) else ()
    return [f"{'and' if number else 'a range,'} because {reason}" for number, reason in enumerate(reasons)]


def priced_text(price: str, findings: Sequence[Finding]) -> str:
    """*price* and the findings beside it."""
    return f"{price}\n\n{findings_text(findings)}" if findings else price


def describe_output(generation: Generation, spec: EndpointSpec) -> str:
    """Describe the video: `5 s, 720p`, or `auto length 4–15 s, 720p`."""
    asked = in_effect(generation, spec).asked()
    duration, resolution = (asked.get(name, spec.request[name].default) for name in ("duration", "resolution"))
    if str(duration).isdigit():
        return f"{duration} s, {resolution}"
    lengths = sorted(int(choice) for choice in spec.request.duration.choices or () if choice.isdigit())
    return f"auto length {lengths[0]}–{lengths[-1]} s, {resolution}" if lengths else f"auto length, {resolution}"


def _others(generation: Generation, spec: EndpointSpec) -> list[str]:
    """The aspect ratio, and whatever else was asked for."""
    asked = in_effect(generation, spec).asked()
    ratio = asked.get("aspect_ratio", spec.request.aspect_ratio.default)
    silent = ["no sound"] if asked.get("generate_audio") is False else []
    named = ("resolution", "duration", "aspect_ratio", "generate_audio")
    others = [f"{name}={value}" for name, value in asked.items() if name not in named]
    return ["auto aspect ratio" if ratio == "auto" else str(ratio), *silent, *others]
