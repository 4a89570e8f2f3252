"""Cost of spans and metrics: the same preparations without the calls that record, with them but no provider, and with
the SDK of OpenTelemetry, in processes that take turns; and the calls by themselves.

python -m benchmarks.telemetry [ROUNDS]
"""

import operator
import subprocess
import sys
import tempfile
from itertools import permutations
from pathlib import Path
from statistics import median

from benchmarks.measure import ratio
from fixtures.make import make

NAMES = ("photo_orient6.jpg", "at_limit_300.png", "voice.mp3")  # small ones: the calls cost the same for any file
ROUNDS = 200
FRESH = 12  # rounds; two processes with the same code differ by percents, so there are new ones after so many
MOST = 1.01
NOTHING = """
from contextlib import nullcontext
from prep.telemetry import metrics, spans
nothing = nullcontext(spans.NOTHING)
spans.span = lambda name, attributes=None: nothing
spans.begin = lambda name, attributes=None: spans.NOTHING
spans.traced = lambda name: lambda function: function
spans.annotate = spans.add_event = metrics.record = lambda *anything: None
spans.trace_ids = dict
"""
RECORDED = """
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
tracers = TracerProvider()
tracers.add_span_processor(BatchSpanProcessor(InMemorySpanExporter()))
trace.set_tracer_provider(tracers)
metrics.set_meter_provider(MeterProvider([InMemoryMetricReader()]))
"""
# Media are opened in this process, so that its processor time is all there is; the first preparation imports.
WORK = """
import sys, time
from prep import prepare
out, *references = sys.argv[1:]
for _ in sys.stdin:
    started = time.process_time()
    prepare(references, out=out, isolation="none")
    print(time.process_time() - started, flush=True)
"""
# How often each is called in a preparation, and what they all cost then.
ALONE = """
import sys, timeit
from collections import Counter
from prep.telemetry import metrics, names, spans
counts = Counter()
def counted(name, function):
    return lambda *arguments: (counts.update([name]), function(*arguments))[1]
def one_span(span=spans.span):
    with span(names.PROBE):
        pass
costs = {
    "span": one_span,
    "annotate": lambda annotate=spans.annotate: annotate({names.KIND: "image", names.FILE_SIZE: 1}),
    "add_event": lambda add=spans.add_event: add(names.PLANNED, {names.KIND: "image"}),
    "trace_ids": spans.trace_ids,
    "record": lambda record=metrics.record: record(names.PREPARED, 1.0, {names.KIND: "image"}),
}
each = {name: min(timeit.repeat(cost, number=20_000, repeat=5)) / 20_000 for name, cost in costs.items()}
for name in ("span", "annotate", "add_event", "trace_ids"):
    setattr(spans, name, counted(name, getattr(spans, name)))
metrics.record = counted("record", metrics.record)
from prep import prepare
out, *references = sys.argv[1:]
prepare(references, out=out, isolation="none")
print(sum(counts.values()), sum(count * each[name] for name, count in counts.items()))
"""
CASES = {"without the calls": NOTHING, "no provider": "", "recorded": RECORDED}
ORDERS = tuple(permutations(CASES))


class Preparing:
    """A process that prepares when it is asked to."""

    def __init__(self, setup: str, arguments: list[str]) -> None:
        command = [sys.executable, "-c", setup + WORK, *arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.prepare()

    def prepare(self) -> float:
        """The seconds of the processor that one preparation took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("again\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate()


def main(rounds: int) -> None:
    """Print the median of each case, the medians of the ratios to the first in the same round, and the calls' cost."""
    seconds: dict[str, list[float]] = {name: [] for name in CASES}
    with tempfile.TemporaryDirectory() as scratch:
        references = [str(make(name, Path(scratch) / "made")) for name in NAMES]
        arguments = [str(Path(scratch) / "out"), *references]
        for first in range(0, rounds, FRESH):
            processes = {name: Preparing(setup, arguments) for name, setup in CASES.items()}
            for number in range(first, min(first + FRESH, rounds)):
                for name in ORDERS[number % len(ORDERS)]:
                    seconds[name].append(processes[name].prepare())
            for process in processes.values():
                process.end()
        alone = subprocess.run([sys.executable, "-c", ALONE, *arguments], check=True, capture_output=True, text=True)
    base = seconds["without the calls"]
    for name, values in seconds.items():
        print(f"{name:<24} {median(values) * 1000:7.1f} ms of the processor for each preparation")
    for name, most in (("no provider", MOST), ("recorded", None)):
        ratio(f"{name} / without the calls", median(map(operator.truediv, seconds[name], base)), most)
    calls, cost_s = map(float, alone.stdout.split())
    print(f"{calls:.0f} calls, with no provider {cost_s * 1e6:.0f} µs: {cost_s / median(base):.3%} of the preparation")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
