"""The rules for width, height, area and aspect ratio, which images and videos share."""

from math import sqrt
from typing import Literal

from prep.model.finding import Finding
from prep.model.limits import SideLimits
from prep.rules.findings import Findings, advice, at_least, at_most

MUCH = 2.0


def check_sides(kind: Literal["image", "video"], width: int, height: int, limits: SideLimits) -> Findings:
    """*width* and *height* in displayed pixels. The resolution limits are areas: 1280×720 passes, 1280×726 does not."""
    findings = (
        *at_least(f"{kind}-side-too-short", min(width, height), limits.min_side_px, "px"),
        *at_most(f"{kind}-side-too-long", max(width, height), limits.max_side_px, "px"),
        *at_least(f"{kind}-area-too-small", width * height, limits.min_area_px, "px"),
        *at_most(f"{kind}-area-too-large", width * height, limits.max_area_px, "px"),
        *at_least(f"{kind}-aspect-too-narrow", width / height, limits.min_aspect, "ratio"),
        *at_most(f"{kind}-aspect-too-wide", width / height, limits.max_aspect, "ratio"),
    )
    padded = _padded(width, height, limits)
    way_out = next((finding.fix for finding in findings if "-aspect-" in finding.rule), None)
    enough = {
        f"{kind}-side-too-short": limits.min_side_px is None or min(padded) >= limits.min_side_px.value,
        f"{kind}-area-too-small": limits.min_area_px is None or padded[0] * padded[1] >= limits.min_area_px.value,
    }
    return tuple(
        _with_size(finding, width, height, way_out if way_out and enough.get(finding.rule) else finding.fix)
        for finding in findings
    )


def check_enlargement(kind: Literal["image", "video"], width: int, height: int, limits: SideLimits) -> Findings:
    """Advice where meeting the limits takes more than doubling both sides, also once bars are added."""
    wide, high = _padded(width, height, limits)
    side, area = limits.min_side_px, limits.min_area_px
    factor = max(
        side.value / min(wide, high) if side is not None else 0.0,
        sqrt(area.value / (wide * high)) if area is not None else 0.0,
    )
    if factor <= MUCH:
        return ()
    times = f"{factor:,.1f}".removesuffix(".0")
    message = f"{width}×{height} has to be enlarged {times}×, which adds no detail"
    return advice(f"{kind}-upscaled-much", round(factor, 2), MUCH, message, "ratio")


def _padded(width: int, height: int, limits: SideLimits) -> tuple[float, float]:
    """The sides with the bars that the aspect ratio needs."""
    wide = height * limits.min_aspect.value if limits.min_aspect is not None else 0.0
    high = width / limits.max_aspect.value if limits.max_aspect is not None else 0.0
    return max(width, wide), max(height, high)


def _with_size(finding: Finding, width: int, height: int, fix: str | None) -> Finding:
    """*finding* about "the area of 1920×1080" where it was about "the area", with its *fix*."""
    message = finding.message.replace(" is ", f" of {width}×{height} is ", 1)
    if width == height:
        message = message.replace("the shorter side", "each side").replace("the longer side", "each side")
    return finding.model_copy(update={"message": message, "fix": fix})
