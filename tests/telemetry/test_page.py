"""docs/observability.md: its set-up runs, and its names are those that come out."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from prep.telemetry import names
from submit import run
from submit.sandbox import Sandbox
from tests.types import Media

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "observability.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
NAMES = {name: value for name, value in vars(names).items() if name.isupper() and name not in ("SCOPE", "OWN")}
LABEL = re.compile(r"\b(?:prep_and_submit|gen_ai)_[a-z_]+\b")


def quoted(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", text))


def test_the_set_up_runs(media: Media, tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    shutil.copy(media("photo.heic"), tmp_path / "photo.heic")
    shutil.copy(media("silent_720p.mp4"), tmp_path / "walk.mp4")
    (tmp_path / "program.py").write_text(code, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "program.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert '"name": "prep.prepare"' in done.stdout and '"name": "prep_and_submit.prepare.duration"' in done.stdout
    assert sorted(path.name for path in (tmp_path / "ready").glob("*.*")) == [
        "image1-photo.jpg",
        "manifest.json",
        "video1-walk.mp4",
    ]


def items(title: str) -> list[str]:
    """Those of the list below *title*."""
    listed = SECTIONS["Spans"].partition(f"{title}\n\n")[2].partition("\n\n")[0]
    return re.findall(r"^- (.*(?:\n  .*)*)", listed, re.MULTILINE)


def test_every_span_is_listed() -> None:
    listed = items("Spans, with their attributes in brackets:")
    own = [value for value in NAMES.values() if isinstance(value, str)]
    spans = {value for value in own if "_" not in value and not value.startswith(("error.", "file.", "code."))}
    assert {name for item in listed for name in quoted(item.partition(": ")[0])} == spans - {names.PLANNED}
    assert f"`{names.PLANNED}`" in " ".join(listed)


def test_every_attribute_is_listed() -> None:
    attributes = {value for value in NAMES.values() if isinstance(value, str) and re.search(r"_|error\.|file\.", value)}
    listed, prefix = set[str](), ""
    for item in items("Attributes:"):
        for name in re.findall(r"`([^`]+)`", item.partition(": ")[0]):
            prefix = prefix if name.startswith(".") else name.rpartition(".")[0]
            listed.add(prefix + name if name.startswith(".") else name)
    assert listed == attributes | {names.FUNCTION}


@pytest.fixture
def scraped(box: Sandbox, media: Media, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """What Prometheus reads of a program that has done one job: the families by name."""
    from prometheus_client import generate_latest

    reader = PrometheusMetricReader()
    provider = MeterProvider([reader])
    monkeypatch.setattr("opentelemetry.metrics._internal._METER_PROVIDER", provider)
    run([media("at_limit_300.png"), media("silent_720p.mp4")], "@Image1", out=tmp_path / "out", poll_s=0.02)
    text = generate_latest(REGISTRY).decode()
    provider.shutdown()
    return {family.name: family for family in text_string_to_metric_families(text)}


def test_metrics_are_called_as_they_come_out(scraped: dict[str, Any]) -> None:
    rows = re.findall(r"^- `([\w.]+)`\s+\(`(\w+)`\):", SECTIONS["Metrics"], re.MULTILINE)
    own = [value for value in NAMES.values() if isinstance(value, names.Counter | names.Histogram)]
    assert [name for name, _ in rows] == [metric.name for metric in own]
    samples = {sample.name for family in scraped.values() for sample in family.samples}
    labels = {label for family in scraped.values() for sample in family.samples for label in sample.labels}
    for (_, exported), metric in zip(rows, own, strict=True):
        expected = exported if isinstance(metric, names.Counter) else f"{exported}_bucket"
        assert expected in samples, exported
    queries = re.findall(r"```promql\n(.*?)```", SECTIONS["A dashboard"], re.DOTALL)[0]
    assert set(LABEL.findall(queries)) <= samples | labels
    assert {exported for _, exported in rows} <= {
        re.sub(r"_(bucket|sum|count)$", "", name) for name in LABEL.findall(queries)
    }
    assert set(LABEL.findall(SECTIONS["Metrics"])) <= samples | labels | {
        re.sub(r"_(bucket|sum|count)$", "", name) for name in samples
    }


def test_records_are_written_as_shown() -> None:
    (line,) = re.findall(r"```json\n(.*?)\n```", SECTIONS["Logs"], re.DOTALL)
    assert list(json.loads(line)) == [
        *("time", "level", "logger", "message", "job", "reference", "trace_id", "span_id"),
    ]
