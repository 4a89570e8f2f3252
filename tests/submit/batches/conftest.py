"""Fixtures for tests of batches: small jobs against the sandbox, whose ledger is the judge of what was paid."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from submit.sandbox import Sandbox

SMALL = {"duration": "4", "resolution": "480p", "aspect_ratio": "1:1"}
Jobs = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    """`jobs(5, pictures=2)`: five jobs with ids and seeds of their own, about two pictures that need no change."""

    def made(count: int, pictures: int = 2) -> list[dict[str, Any]]:
        for number in range(pictures):
            path = tmp_path / f"picture{number}.png"
            if not path.exists():
                Image.new("RGB", (320, 320), (20 * number, 90, 160)).save(path)
        return [
            {
                "id": f"take{number}",
                "prompt": f"@Image1 dances, take {number}",
                "references": [str(tmp_path / f"picture{number % pictures}.png")],
                "generation": {**SMALL, "seed": number},
            }
            for number in range(count)
        ]

    return made


def billed(box: Sandbox) -> dict[str, Decimal]:
    """What the ledger's file says each request was billed."""
    lines = [json.loads(line) for line in box.ledger_file.read_text("utf-8").splitlines()]
    entries = [line for line in lines if line["event"] == "billed"]
    assert len({line["request_id"] for line in entries}) == len(entries), "a request was billed twice"
    return {line["request_id"]: Decimal(str(line["usd"])) for line in entries}


def recorded(out: Path) -> list[dict[str, Any]]:
    """The lines of results.jsonl."""
    return [json.loads(line) for line in (out / "results.jsonl").read_text("utf-8").splitlines()]
