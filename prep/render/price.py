"""Rendering of a price, and of what it is for."""

from collections.abc import Sequence
from typing import Any

from prep.model.finding import Finding
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.pricing.cost import Cost
from prep.pricing.price import Priced
from prep.render.text import findings_text
from prep.rules.amounts import amount
from prep.specs.parameters import in_effect

INDENT = 13
NARROWER = "--duration SECONDS narrows the range"


def price_text(priced: Priced, findings: Sequence[Finding]) -> str:
    """The price, what it is for and why it is a range, and the findings beside it."""
    spec, generation, files, cost = priced.spec, priced.generation, priced.totals, priced.cost
    video = f"; {amount(files.video_duration_s, 's')} of reference video" if files.videos else ""
    rows = [
        ("price", str(cost) if cost else priced.unknown),
        ("for", ", ".join([describe_output(generation, spec), *_others(generation, spec)]) + video),
        *(("", line) for line in reason_lines(cost)),
    ]
    if cost and cost.is_range and generation.fixed_s is None:
        rows.append(("", NARROWER))
    text = "\n".join(f"{name:<{INDENT}}{value}" for name, value in rows)
    return f"{text}\n\n{findings_text(findings)}" if findings else text


def price_data(priced: Priced) -> dict[str, Any]:
    """The `data` of `price --json`."""
    return {
        "endpoint": priced.spec.endpoint,
        "generation": priced.generation.asked(),
        "totals": priced.totals.model_dump(mode="json"),
        "cost": priced.cost.model_dump(mode="json") if priced.cost else None,
        "unknown": priced.unknown,
    }


def reason_lines(cost: Cost | None) -> list[str]:
    """The reasons why *cost* is a range, a line each; none where it is no range, or not known."""
    reasons = cost.reasons if cost else ()
    return [f"{'and' if number else 'a range,'} because {reason}" for number, reason in enumerate(reasons)]


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
