"""The price before anything is spent, from the formula that the platform publishes."""

from decimal import ROUND_HALF_UP, Decimal

from pydantic import field_serializer

from prep.errors import RefusedError
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec, Value


class Cost(Value):
    """US dollars. A range, because an output of "auto" length or shape has no one price."""

    min_usd: Decimal
    max_usd: Decimal

    @field_serializer("min_usd", "max_usd", when_used="json")
    def _as_number(self, usd: Decimal) -> float:
        return float(usd)

    def __str__(self) -> str:
        return self._told(Decimal("0.01"))

    def exactly(self) -> str:
        """To a hundredth of a cent, for where it is compared with a cap."""
        return self._told(Decimal("0.0001"))

    def _told(self, step: Decimal) -> str:
        low, high = (f"${usd.quantize(step, ROUND_HALF_UP)}" for usd in (self.min_usd, self.max_usd))
        return low if low == high else f"{low} to {high}"


def price(spec: EndpointSpec, generation: Generation, input_video_s: float) -> Cost | None:
    """What one request costs; None when no price is published for that endpoint or resolution.

    tokens = width × height × (input video s + output s) × fps / 1024, USD = tokens / 1000 × unit; each second of
    reference video is billed, its size is not, and videos among the references lower the unit. *generation* has its
    defaults filled in, *input_video_s* is the sum that was measured.
    """
    table = spec.price
    if table is None or generation.resolution not in table.usd_per_1000_tokens:
        return None
    areas = [
        size.width * size.height
        for size in table.sizes
        if size.resolution == generation.resolution and generation.aspect_ratio in ("auto", size.aspect_ratio)
    ]
    if not areas:
        return None
    numbers = [int(value) for value in spec.request.duration.choices or () if value.isdigit()]
    lengths = numbers if generation.duration == "auto" else [int(generation.duration or 0)]
    unit = table.usd_per_1000_tokens[generation.resolution] * (table.video_factor if input_video_s > 0 else 1)

    def usd(area: int, output_s: int) -> Decimal:
        tokens = area * (Decimal(str(input_video_s)) + output_s) * table.fps / 1024
        return (tokens / 1000 * unit).quantize(Decimal("0.0001"), ROUND_HALF_UP)

    return Cost(min_usd=usd(min(areas), min(lengths)), max_usd=usd(max(areas), max(lengths)))


def refuse_over(cost: Cost | None, max_cost: Decimal | None) -> None:
    """Raise RefusedError when the price may exceed *max_cost*, or is unknown and there is a cap."""
    if max_cost is None:
        return
    if cost is None:
        raise RefusedError("no price is published for this endpoint and resolution, so `max_cost` can't be kept")
    if cost.max_usd > max_cost:
        raise RefusedError(
            f"the price is {cost.exactly()}, over `max_cost` ${max_cost}; nothing was submitted. "
            "Each second of reference video is billed as well as each of the result"
        )
