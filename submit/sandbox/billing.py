"""Prices of finished jobs, as the platform would bill them."""

from decimal import Decimal

from prep.model.limits import EndpointSpec, Value
from submit.sandbox.judge.output import Output


class Charge(Value):
    """One entry of the ledger. *billable_units* is what the platform multiplies with the unit price.

    *usd* is None when the endpoint or the resolution has no published price.
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
    """tokens = height × width × (input s + output s) × fps / 1024; the unit is a thousand, cheaper with video in."""
    tokens = round(output.width * output.height * (input_video_s + output.duration_s) * output.fps / 1024)
    factor = spec.price.video_factor if spec.price and input_video_s else Decimal(1)
    units = Decimal(tokens) / 1000 * factor
    unit_usd = spec.price.usd_per_1000_tokens.get(output.resolution) if spec.price else None
    return Charge(
        endpoint=spec.endpoint,
        request_id=request_id,
        resolution=output.resolution,
        input_video_s=input_video_s,
        output_s=output.duration_s,
        tokens=tokens,
        billable_units=units,
        usd=None if unit_usd is None else round(units * unit_usd, 6),
    )
