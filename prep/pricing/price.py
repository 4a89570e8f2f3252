"""The price of one generation, computed before anything is spent."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from math import ceil
from typing import NamedTuple

from prep.model.generation import Generation
from prep.model.limits import EndpointSpec, Price
from prep.model.manifest import Totals, totals
from prep.model.plan import Plan
from prep.pricing.cost import Cost
from prep.rules.amounts import amount
from prep.specs.parameters import in_effect

STEP_USD = Decimal("0.0001")


class Tariff(NamedTuple):
    """The prices of one resolution, and what one request may turn out to be: areas in pixels, lengths in seconds."""

    price: Price
    unit_usd: Decimal
    rate_usd: Decimal | None
    areas: tuple[int, ...]
    lengths_s: tuple[int, ...]


def price_of(spec: EndpointSpec, generation: Generation, input_video_s: float) -> Cost | None:
    """What one request costs; None when no price is known for that endpoint and resolution.

    *generation* has its defaults filled in, *input_video_s* is the length of all video references together. Each second
    of them is billed, their size is not.
    """
    tariff = _tariff(spec, in_effect(generation, spec))
    if tariff is None:
        return None
    video_s = Decimal(str(input_video_s))
    areas, lengths = (min(tariff.areas), max(tariff.areas)), (min(tariff.lengths_s), max(tariff.lengths_s))
    low = _by_units(tariff, areas[0], lengths[0], video_s)
    high = _by_units(tariff, areas[1], lengths[1], video_s)
    charged_s = _charged(tariff.price, lengths[1], video_s)
    least = _by_units(tariff, areas[1], lengths[1], charged_s)
    rate = _by_seconds(tariff, lengths[1], charged_s)
    choices = [f"the length ({lengths[0]} to {lengths[1]} s)"] if lengths[0] != lengths[1] else []
    if areas[0] != areas[1]:
        choices.append("the aspect ratio")
    reasons = [f"the model chooses {' and '.join(choices)}"] if choices else []
    if least > high:
        billed, made = (amount(float(seconds + lengths[1]), "s") for seconds in (charged_s, video_s))
        reasons.append(
            f"the provider of the model bills at least {billed} (references and result), and this job has only {made}; "
            f"fal may bill only those {made}"
        )
    if rate > least:
        reasons.append(f"the platform's page also states ${tariff.rate_usd} a second, which is more")
    return Cost(
        min_usd=_rounded(low),
        max_usd=_rounded(max(high, least, rate)),
        unit_usd=tariff.unit_usd,
        reasons=tuple(reasons),
    )


def price_of_plan(planned: Plan, spec: EndpointSpec, generation: Generation) -> Cost | None:
    """As `price_of`, with the seconds of video that the plan keeps."""
    return price_of(spec, generation, totals(entry.predicted for entry in planned.entries).video_duration_s)


class Priced(NamedTuple):
    """A price, and what it is for. *cost* None: no price is known."""

    spec: EndpointSpec
    generation: Generation
    totals: Totals
    cost: Cost | None

    @property
    def unknown(self) -> str | None:
        """The sentence for a price that is not known; None where it is."""
        return without_price(self.spec, self.generation) if self.cost is None else None


def priced(spec: EndpointSpec, generation: Generation, files: Totals) -> Priced:
    """As `price_of`, with the seconds of video in *files*."""
    return Priced(spec, generation, files, price_of(spec, generation, files.video_duration_s))


def without_price(spec: EndpointSpec, generation: Generation) -> str:
    """The sentence for a price that is None."""
    return f"no price was found for {generation.resolution or spec.request.resolution.default} of {spec.endpoint}"


def _tariff(spec: EndpointSpec, generation: Generation) -> Tariff | None:
    price, resolution = spec.price, generation.resolution
    if price is None or resolution not in price.usd_per_1000_tokens:
        return None
    any_shape = generation.aspect_ratio == spec.request.aspect_ratio.default
    areas = tuple(
        size.width * size.height
        for size in price.sizes
        if size.resolution == resolution and (any_shape or size.aspect_ratio == generation.aspect_ratio)
    )
    lengths = tuple(_lengths_s(spec, generation))
    if not areas or not lengths:
        return None
    return Tariff(price, price.usd_per_1000_tokens[resolution], price.usd_per_s.get(resolution), areas, lengths)


def _lengths_s(spec: EndpointSpec, generation: Generation) -> Iterator[int]:
    """The whole seconds that the result may last: those asked for, or all that the endpoint has to choose from."""
    if generation.fixed_s is not None:
        yield generation.fixed_s
    else:
        yield from (int(value) for value in spec.request.duration.choices or () if value.isdigit())


def _charged(price: Price, output_s: int, video_s: Decimal) -> Decimal:
    """The seconds of reference video that the provider charges for at least."""
    if not video_s or price.least_s_per_output_s is None:
        return video_s
    return max(video_s, Decimal(ceil(output_s * price.least_s_per_output_s.value) - output_s))


def _by_units(tariff: Tariff, area: int, output_s: int, video_s: Decimal) -> Decimal:
    price = tariff.price
    frames = _paid(price, Decimal(output_s * price.fps + price.extra_frames), video_s * price.fps)
    return area * frames / 1024 / 1000 * tariff.unit_usd


def _by_seconds(tariff: Tariff, output_s: int, video_s: Decimal) -> Decimal:
    return (tariff.rate_usd or Decimal(0)) * _paid(tariff.price, Decimal(output_s), video_s)


def _paid(price: Price, out: Decimal, went_in: Decimal) -> Decimal:
    """What of seconds or frames is paid for in full."""
    if not went_in:
        return out
    return out * (price.video_factor if price.video_factor_on == "all" else 1) + went_in * price.video_factor


def _rounded(usd: Decimal) -> Decimal:
    """Up, so that a cap holds."""
    return usd.quantize(STEP_USD, ROUND_CEILING)
