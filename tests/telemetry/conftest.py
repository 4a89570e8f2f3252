"""Fixtures for tests of spans, metrics and logs."""

from collections.abc import Iterator

import pytest
from opentelemetry import metrics, trace

from tests.submit.batches.conftest import jobs  # noqa: F401
from tests.submit.conftest import cloud, generate, no_pauses, start  # noqa: F401
from tests.telemetry.recorded import Recorded


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    """A program sets its providers once; each test has others, so they are put where the API keeps them."""
    made = Recorded()
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", made.tracer_provider)
    monkeypatch.setattr("opentelemetry.metrics._internal._METER_PROVIDER", made.meter_provider)
    assert trace.get_tracer_provider() is made.tracer_provider
    assert metrics.get_meter_provider() is made.meter_provider
    yield made
    made.tracer_provider.shutdown()
    made.meter_provider.shutdown()
