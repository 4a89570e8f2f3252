"""Page."""

from collections.abc import Iterable
from pathlib import Path

from submit.batches.result import BatchSummary, RowResult

PAGE = "batch.html"


def write_page(folder: Path, summary: BatchSummary, command: str, results: Iterable[RowResult]) -> None:
    """."""
