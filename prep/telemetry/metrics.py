"""Metrics: adds to the counters and histograms of the program's meter provider."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from prep import __version__
from prep.telemetry.api import Attributes, harmless, is_imported, known
from prep.telemetry.names import SCOPE, Counter, Histogram

if TYPE_CHECKING:
    from opentelemetry import metrics as otel


@harmless(None)
def record(metric: Counter | Histogram, amount: float, attributes: Attributes) -> None:
    """Add *amount* to a counter, or to the values of a histogram."""
    if not is_imported("opentelemetry.metrics"):
        return
    from opentelemetry import metrics

    instrument = _instrument(metric, metrics.get_meter_provider())
    (instrument.add if isinstance(metric, Counter) else instrument.record)(amount, known(attributes))


@lru_cache(maxsize=64)  # a provider complains about a second instrument of the same name
def _instrument(metric: Counter | Histogram, provider: "otel.MeterProvider") -> Any:
    meter = provider.get_meter(SCOPE, __version__)
    if isinstance(metric, Counter):
        return meter.create_counter(metric.name, metric.unit, metric.description)
    return meter.create_histogram(
        metric.name, metric.unit, metric.description, explicit_bucket_boundaries_advisory=metric.bounds
    )
