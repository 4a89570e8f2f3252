"""Metrics against what receipts, results and the sandbox's ledger say."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep import prepare
from submit import cancel, resume, run, status
from submit.batches.api import batch
from submit.errors import Refusal, SubmitUncertain
from submit.platform import State
from submit.sandbox import Sandbox
from submit.webhook import receive
from tests.submit.batches.conftest import Jobs, billed
from tests.submit.cloud import Cloud, raising
from tests.submit.webhook.signing import KEY, NOW, jwk, notice, signed
from tests.telemetry.recorded import Recorded
from tests.types import Media

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
Generate = Callable[..., Any]
ENDPOINT = "bytedance/seedance-2.0/reference-to-video"


def states(recorded: Recorded, *, sandbox: bool = False) -> dict[str, int]:
    """How many jobs reached each state."""
    values = recorded.values("jobs")
    assert {key[0] for key in values} <= {ENDPOINT} and {key[2] for key in values} <= {sandbox}
    return {key[1]: value for key, value in values.items() if value}


def test_a_job_counts_once_in_each_state_and_costs_what_its_receipt_says(
    box: Sandbox, media: Media, recorded: Recorded, tmp_path: Path
) -> None:
    outcome = run([media("at_limit_300.png"), media("clip_720p.mp4")], "@Image1", out=tmp_path / "out", poll_s=0.02)
    receipt = json.loads((tmp_path / "out" / "receipt.json").read_text("utf-8"))
    reached = [moment["state"] for moment in receipt["history"]]
    assert states(recorded, sandbox=True) == Counter(reached)
    assert recorded.values("job.quoted_usd") == {(ENDPOINT, True): pytest.approx(receipt["cost"]["max_usd"])}
    assert recorded.values("job.billed_usd") == {(ENDPOINT, True): pytest.approx(receipt["bill"]["usd"])}
    assert float(sum(billed(box).values())) == pytest.approx(receipt["bill"]["usd"], abs=0.0001)
    assert recorded.values("prepared.media") == {("video",): outcome.manifest.totals.video_duration_s}
    sizes = {entry.kind: entry.output.info.bytes for entry in outcome.manifest.entries}
    assert recorded.values("uploaded") == {(kind, True): size for kind, size in sizes.items()}
    (waited,) = recorded.values("job.duration").values()
    (queued,) = recorded.values("job.queue.duration").values()
    assert waited[0] == queued[0] == 1
    assert 0 < queued[1] <= waited[1] <= outcome.timings_s["generate"] + outcome.timings_s["upload"]


def test_the_same_job_again_counts_nothing(box: Sandbox, media: Media, recorded: Recorded, tmp_path: Path) -> None:
    for _ in range(2):
        run(media("at_limit_300.png"), "@Image1", out=tmp_path / "out", poll_s=0.02)
    before = recorded.text()
    assert states(recorded, sandbox=True)["submitted"] == 1
    assert recorded.values("job.quoted_usd") and '"submit.run"' in before
    next((tmp_path / "out").glob("result-*.mp4")).unlink()
    run(media("at_limit_300.png"), "@Image1", out=tmp_path / "out", poll_s=0.02)
    assert states(recorded, sandbox=True)["downloaded"] == 2, "the video was gone and is here again"
    (usd,) = recorded.values("job.billed_usd").values()
    assert usd == pytest.approx(sum(map(float, billed(box).values())), abs=0.0001)


def test_a_file_that_is_there_is_not_uploaded_again(
    cloud: Cloud, generate: Generate, media: Media, recorded: Recorded, tmp_path: Path
) -> None:
    generate()
    generate("@Image1 runs", out=tmp_path / "other")
    size = media("at_limit_300.png").stat().st_size
    assert recorded.values("uploaded") == {("image", False): size}
    assert [span["cached"] for span in recorded.named("upload file")] == [False, True]


def test_own_uploads_count_too(generate: Generate, media: Media, recorded: Recorded) -> None:
    generate(uploader=lambda path: f"https://me.example/{path.name}")
    assert recorded.values("uploaded") == {("image", False): media("at_limit_300.png").stat().st_size}


def test_whoever_moves_a_job_counts(cloud: Cloud, generate: Generate, recorded: Recorded) -> None:
    """A webhook here; the bill comes with the video."""
    job = generate(wait=False).job
    assert states(recorded) == {"prepared": 1, "uploaded": 1, "submitting": 1, "submitted": 1}
    body = notice("abc-123", payload={"video": {"url": "https://fal.media/v.mp4"}})
    receive(signed(body), body, platform=cloud, keys={"keys": [jwk(KEY)]}, now=NOW)
    assert states(recorded)["completed"] == 1 and recorded.values("job.billed_usd") == {(ENDPOINT, False): 0}
    cloud.billed_units = "100"
    resume(job, platform=cloud)
    bill = status(job, platform=cloud).job.bill
    assert bill and bill.usd is not None
    assert recorded.values("job.billed_usd") == {(ENDPOINT, False): float(bill.usd)}
    assert recorded.values("job.queue.duration") == {}, "nobody asked while it was in the queue"
    assert recorded.values("job.duration")[ENDPOINT, False][0] == 1


def test_a_cancelled_and_a_refused_job(cloud: Cloud, generate: Generate, recorded: Recorded, tmp_path: Path) -> None:
    cloud.states = [State(status="queued", position=1)] * 2 + [State(status="completed")]
    cloud.answer = Refusal("refused", 422, [{"loc": ["body"], "msg": "no", "type": "content_policy_violation"}])
    with pytest.raises(Refusal):
        generate(poll_s=0.01)
    assert states(recorded)["failed"] == 1
    assert recorded.values("job.queue.duration")[ENDPOINT, False][0] == 1
    cloud.request_id, cloud.answer = "def", Refusal("Request was cancelled by the client", 499, "", "client_cancelled")
    job = generate("@Image1 runs", out=tmp_path / "other", wait=False).job
    cancel(job, platform=cloud)
    assert states(recorded)["cancelled"] == 1
    assert recorded.values("job.billed_usd") == {(ENDPOINT, False): 0}


def test_a_job_that_is_found_again_is_quoted_once(cloud: Cloud, generate: Generate, recorded: Recorded) -> None:
    cloud.on_submit = raising(SubmitUncertain("no answer"))
    with pytest.raises(SubmitUncertain):
        generate()
    assert recorded.values("job.quoted_usd") == {(ENDPOINT, False): 0}
    cloud.on_submit = lambda: None
    resume(request_id="abc-123", platform=cloud)
    (usd,) = recorded.values("job.quoted_usd").values()
    assert usd > 0 and states(recorded)["uncertain"] == 1
    assert "status" not in recorded.named("reconcile")[-1]


def test_a_batch_adds_up_to_its_results(jobs: Jobs, start: Callable[..., Sandbox], recorded: Recorded) -> None:
    box = start()
    made = batch(jobs(3), out=Path("takes"), max_cost=3, poll_s=0.02)
    results = list(made)
    assert states(recorded, sandbox=True)["downloaded"] == len(results) == 3
    (usd,) = recorded.values("job.billed_usd").values()
    assert usd == pytest.approx(float(made.summary.billed_usd)) == pytest.approx(float(sum(billed(box).values())))
    assert made.summary.quoted
    (quoted,) = recorded.values("job.quoted_usd").values()
    assert quoted == pytest.approx(float(made.summary.quoted.max_usd))
    (count, seconds) = recorded.values("prepare.duration")["image",]
    assert count == 3 and seconds > 0


def test_seconds_are_those_of_what_was_made(media: Media, recorded: Recorded, tmp_path: Path) -> None:
    manifest = prepare([media("at_limit_300.png"), media("song_20s.mp3")], out=tmp_path / "out")
    sound = manifest.entries[1].output.info
    assert sound.kind == "audio" and sound.duration_s < 20
    assert recorded.values("prepared.media") == {("audio",): pytest.approx(sound.duration_s)}
    assert {kind: count for (kind,), (count, _) in recorded.values("prepare.duration").items()} == {
        "image": 1,
        "audio": 1,
    }
