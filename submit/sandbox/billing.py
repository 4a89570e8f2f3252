"""Bills of finished jobs, as the platform would make them out; independent of the code that quotes prices."""

from decimal import Decimal
from math import ceil

from prep.model.limits import EndpointSpec, Price
from prep.model.value import Value
from submit.sandbox.judge.output import Output


class Charge(Value):
    """One entry of the ledger. *billable_units* is what the platform multiplies with the unit price.

    *usd* is None when no price is known for the endpoint or the resolution.
    """

    endpoint: str
    request_id: str
    resolution: str
    input_video_s: float
    output_s: float
    tokens: int
    billable_units: Decimal
    usd: Decimal | None


def charge(spec: EndpointSpec, request_id: str, output: Output, input_video_s: float) -> Charge:
    """A token is 1024 pixels of a frame, a unit a thousand of them; what goes in and what comes out counts.

    The provider's minimum is charged as well: the sandbox judges by the provider's rules, not by the platform's alone.
    """
    price = spec.price
    charged_s = _charged_s(price, output.duration_s, input_video_s)
    frames_out = output.duration_s * output.fps + (price.extra_frames if price else 0)
    tokens_in, tokens_out = _tokens(output, charged_s * output.fps), _tokens(output, frames_out)
    units = Decimal(tokens_in + tokens_out) / 1000
    if price and input_video_s:
        cheaper = tokens_in + (tokens_out if price.video_factor_on == "all" else 0)
        units -= Decimal(cheaper) / 1000 * (1 - price.video_factor)
    unit_usd = price.usd_per_1000_tokens.get(output.resolution) if price else None
    return Charge(
        endpoint=spec.endpoint,
        request_id=request_id,
        resolution=output.resolution,
        input_video_s=input_video_s,
        output_s=output.duration_s,
        tokens=tokens_in + tokens_out,
        billable_units=units,
        usd=None if unit_usd is None else round(units * unit_usd, 6),
    )


def _tokens(output: Output, frames: float) -> int:
    return round(output.width * output.height * frames / 1024)


def _charged_s(price: Price | None, output_s: int, input_video_s: float) -> float:
    if not input_video_s or price is None or price.least_s_per_output_s is None:
        return input_video_s
    return max(input_video_s, ceil(output_s * price.least_s_per_output_s.value) - output_s)
