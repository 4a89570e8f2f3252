"""The ledger of jobs that a sandbox leaves."""

import json
from decimal import Decimal

import fal_client
import pytest
from fal_client.client import FalClientHTTPError

from submit.sandbox import Sandbox
from submit.sandbox.ledger import Totals

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")

ENDPOINT = "bytedance/seedance-2.0/reference-to-video"
GOOD = {"prompt": "a cat", "resolution": "480p", "duration": "4", "aspect_ratio": "16:9"}


def test_every_job_has_two_lines(client: fal_client.SyncClient, box: Sandbox) -> None:
    billed = client.submit(ENDPOINT, GOOD)
    billed.get(interval=0.01)
    refused = client.submit(ENDPOINT, {**GOOD, "duration": 4})
    with pytest.raises(FalClientHTTPError):
        refused.get(interval=0.01)
    cancelled = client.submit(ENDPOINT, GOOD)
    cancelled.cancel()
    lines = [json.loads(line) for line in (box.directory / "ledger.jsonl").read_text().splitlines()]
    assert [(line["event"], line["request_id"]) for line in lines] == [
        ("accepted", billed.request_id),
        ("billed", billed.request_id),
        ("accepted", refused.request_id),
        ("refused", refused.request_id),
        ("accepted", cancelled.request_id),
        ("cancelled", cancelled.request_id),
    ]
    # 864 × 496 × (4 s × 24 + 1) / 1024 = 40,594 tokens; $0.014 a thousand
    assert (lines[1]["billable_units"], lines[1]["usd"]) == (40.594, 0.568316)
    assert [line.get("usd") for line in lines if line["event"] != "billed"] == [None] * 5
    assert str(box.totals()) == "3 jobs accepted, 1 billed ($0.00, would be $0.57), 1 refused, 1 cancelled"


def test_what_has_no_end_yet_is_told() -> None:
    totals = Totals(accepted=1, billed=0, refused=0, failed=0, cancelled=0, unfinished=1, usd=Decimal(0))
    assert str(totals) == "1 job accepted, 0 billed, 1 unfinished"


def test_an_interrupted_job_is_unfinished(client: fal_client.SyncClient, box: Sandbox) -> None:
    handle = client.submit(ENDPOINT, GOOD)
    assert box.totals().unfinished == 1
    handle.get(interval=0.01)
    assert box.totals().unfinished == 0
