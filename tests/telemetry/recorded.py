"""Records of a program with the SDK of OpenTelemetry, in memory."""

import json
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

OWN = "prep_and_submit."


class Recorded:
    """The spans that have ended, and the sums of the metrics; names of our own are without their prefix."""

    def __init__(self) -> None:
        self._exporter, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracer_provider, self.meter_provider = TracerProvider(), MeterProvider([self._reader])
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    @property
    def spans(self) -> list[ReadableSpan]:
        return sorted(self._exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    def named(self, name: str) -> list[dict[str, Any]]:
        """The attributes of each span called *name*, in the order of their beginnings."""
        return [attributes(span) for span in self.spans if span.name == name]

    def below(self, parent: ReadableSpan | None = None) -> list[tuple[str, Any]]:
        """The names below *parent*, each with those below it; siblings by name, since threads begin them."""
        key = parent.context.span_id if parent else None
        children = [span for span in self.spans if (span.parent.span_id if span.parent else None) == key]
        return sorted((span.name, self.below(span)) for span in children)

    def values(self, name: str) -> dict[tuple[Any, ...], Any]:
        """The value of a metric, of a histogram count and sum, by the values of its attributes by name."""
        data = self._reader.get_metrics_data()
        points = [
            point
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == OWN + name
            for point in metric.data.data_points
        ]
        return {
            tuple(value for _, value in sorted((point.attributes or {}).items())): (
                (point.count, point.sum) if hasattr(point, "count") else point.value
            )
            for point in points
        }

    def text(self) -> str:
        """Everything, as JSON."""
        data = self._reader.get_metrics_data()
        return json.dumps([json.loads(span.to_json()) for span in self.spans]) + (data.to_json() if data else "")


def attributes(span: ReadableSpan) -> dict[str, Any]:
    status = {} if span.status.is_unset else {"status": span.status.status_code.name}
    return {name.removeprefix(OWN): value for name, value in (span.attributes or {}).items()} | status
