"""Receiving of webhooks: the journal moves on as a poll would move it, once, and by what the platform says."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from prep.errors import RemoteError, UsageError
from submit import resume, status
from submit.errors import (
    NotSent,
    Refusal,
    RefusedBefore,
    ResultUnavailable,
    SubmitUncertain,
    UnknownRequest,
    Unverified,
)
from submit.journal import Journal
from submit.platform import ListedRequest, State
from submit.webhook import Delivery, areceive, receive
from tests.submit.cloud import Cloud, raising
from tests.submit.webhook.signing import KEY, NOW, OTHER, jwk, notice, signed

pytestmark = pytest.mark.usefixtures("both_journals")

Generate = Callable[..., Any]
VIDEO = {"video": {"url": "https://fal.media/v.mp4"}, "seed": 7}
FORGED = {"video": {"url": "https://elsewhere.example/v.mp4"}}
PEOPLE = Refusal(
    "request abc-123 failed",
    422,
    [{"loc": ["body", "image_urls", 0], "msg": "looks like a person", "type": "content_policy_violation"}],
)
CANCELLED = Refusal("Request was cancelled by the client", 499, "", "client_cancelled")
KEYS = {"keys": [jwk(KEY)]}


def deliver(cloud: Cloud, body: bytes, **options: Any) -> Delivery:
    return receive(signed(body), body, platform=cloud, keys=KEYS, now=NOW, **options)


@pytest.fixture
def job(generate: Generate) -> str:
    """A job that nobody waits for."""
    return str(generate(wait=False, webhook="https://me.example/hook").job)


def test_a_finished_job_is_completed_without_a_poll(cloud: Cloud, job: str, tmp_path: Path) -> None:
    cloud.billed_units = "108.9"
    delivery = deliver(cloud, notice("abc-123", payload=VIDEO))
    assert (delivery.outcome, delivery.job, delivery.http_status) == ("completed", job, 200)
    record = status(job, platform=cloud).job
    assert delivery.record == record
    assert (record.state, record.result, record.billed_units) == ("completed", VIDEO, "108.9")
    assert '"completed"' in (tmp_path / "out" / "receipt.json").read_text()
    result = resume(job, platform=cloud)
    assert Path(result.path).read_bytes() == b"the video"
    assert (cloud.polls, len(cloud.posts)) == (0, 1)


@pytest.mark.usefixtures("job")
def test_half_characters_belong_to_no_job(cloud: Cloud) -> None:
    assert deliver(cloud, notice("\ud800")).outcome == "unknown"
    assert deliver(cloud, notice("nobody"), job="\ud800").outcome == "unknown"


def test_a_refusal_is_recorded_as_a_poll_records_it(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    polled = generate(wait=False).job
    cloud.answer = PEOPLE
    with pytest.raises(Refusal):
        resume(polled, platform=cloud)
    cloud.request_id = "def-456"
    received = generate("@Image1 runs", out=tmp_path / "other", wait=False).job
    delivery = deliver(cloud, notice("def-456", "ERROR", error="Invalid status code: 422", payload={"detail": []}))
    assert (delivery.outcome, delivery.job, delivery.http_status) == ("failed", received, 200)
    assert [(item.rule, item.tag) for item in delivery.findings] == [("refused-content-policy-violation", "@Image1")]
    records = [Journal().get(one) for one in (polled, received)]
    assert records[0].failure == records[1].failure
    with pytest.raises(RefusedBefore):
        resume(received, platform=cloud)


def test_a_cancellation(cloud: Cloud, job: str) -> None:
    cloud.answer = CANCELLED
    assert deliver(cloud, notice("abc-123", "ERROR")).outcome == "cancelled"


def test_a_repeat_is_known_and_changes_nothing(cloud: Cloud, job: str) -> None:
    body = notice("abc-123", payload=VIDEO)
    deliver(cloud, body)
    record = Journal().get(job)
    cloud.on_result = raising(AssertionError("asked again"))
    for claim in (body, notice("abc-123", payload=FORGED), notice("abc-123", "ERROR")):
        delivery = deliver(cloud, claim)
        assert (delivery.outcome, delivery.record, delivery.http_status) == ("known", record, 200)
    assert Journal().get(job) == record
    cloud.on_result = lambda: None
    resume(job, platform=cloud)
    assert deliver(cloud, body).outcome == "known"


def test_the_request_of_somebody_else_is_unknown(cloud: Cloud, job: str) -> None:
    """The platform signs webhooks for all its users."""
    before = Journal().get(job)
    delivery = deliver(cloud, notice("their-request", payload=FORGED), job=job)
    assert (delivery.outcome, delivery.job, delivery.http_status) == ("unknown", None, 404)
    assert Journal().get(job) == before


def test_a_forgery_changes_nothing(cloud: Cloud, job: str) -> None:
    body, before = notice("abc-123", payload=VIDEO), Journal().get(job)
    with pytest.raises(Unverified):
        receive(signed(body, OTHER), body, platform=cloud, keys=KEYS, now=NOW)
    with pytest.raises(Unverified):
        receive(signed(body, timestamp=NOW - 301), body, platform=cloud, keys=KEYS, now=NOW)
    assert Journal().get(job) == before


@pytest.mark.parametrize("claim", [("OK", FORGED), ("ERROR", None)], ids=["another-video", "an-error"])
def test_the_answer_of_the_platform_counts(cloud: Cloud, job: str, claim: tuple[str, Any]) -> None:
    delivery = deliver(cloud, notice("abc-123", claim[0], payload=claim[1], billed_units="0", cost=0))
    assert delivery.record is not None
    assert (delivery.outcome, delivery.record.result, delivery.record.billed_units) == ("completed", VIDEO, None)


def test_success_is_not_believed_of_what_was_refused(cloud: Cloud, job: str) -> None:
    cloud.answer = PEOPLE
    assert deliver(cloud, notice("abc-123", payload=FORGED)).outcome == "failed"


@pytest.mark.parametrize("error", [RemoteError("status 503"), UnknownRequest("gone")], ids=["away", "gone"])
def test_a_result_that_can_not_be_fetched_is_taken_from_the_webhook(cloud: Cloud, job: str, error: RemoteError) -> None:
    """The platform may not keep it until it can be asked. The bill is asked for with the video."""
    cloud.on_result = raising(error)
    delivery = deliver(cloud, notice("abc-123", payload=VIDEO))
    assert delivery.record is not None
    assert (delivery.outcome, delivery.record.result, delivery.record.bill) == ("completed", VIDEO, None)
    cloud.on_result, cloud.billed_units = (lambda: None), "108.9"
    assert Path(resume(job, platform=cloud).path).read_bytes() == b"the video"
    assert status(job, platform=cloud).job.billed_units == "108.9"


def test_the_video_does_not_wait_for_the_bill(cloud: Cloud, job: str) -> None:
    cloud.on_result = raising(RemoteError("status 503"))
    deliver(cloud, notice("abc-123", payload=VIDEO))
    assert Path(resume(job, platform=cloud).path).read_bytes() == b"the video"
    assert status(job, platform=cloud).job.state == "downloaded"


@pytest.mark.parametrize(
    "body",
    [
        notice("abc-123", "ERROR", error="Invalid status code: 422", payload=VIDEO),
        notice("abc-123"),
        notice("abc-123", payload=[VIDEO]),
        notice("abc-123", payload={"video": "https://fal.media/v.mp4"}),
        notice("abc-123", payload={"video": {"url": 7}}),
    ],
    ids=["error", "none", "list", "text", "number"],
)
def test_nothing_else_is_believed_unasked(cloud: Cloud, job: str, body: bytes) -> None:
    cloud.on_result = raising(RemoteError("status 503"))
    before = Journal().get(job)
    with pytest.raises(RemoteError, match="503"):
        deliver(cloud, body)
    assert Journal().get(job) == before
    cloud.on_result = lambda: None
    assert deliver(cloud, body).outcome == "completed"


def test_a_result_that_the_journal_could_not_keep(cloud: Cloud, job: str) -> None:
    cloud.on_result = raising(RemoteError("status 503"))
    deliver(cloud, notice("abc-123", payload={**VIDEO, "seed": float("nan"), "more": "\ud800"}))
    result = Journal().get(job).result
    assert result == {**VIDEO, "seed": None, "more": "?"}


def test_another_key(cloud: Cloud, job: str) -> None:
    cloud.account = "another"
    with pytest.raises(UsageError, match="another key"):
        deliver(cloud, notice("abc-123", payload=VIDEO))
    assert Journal().get(job).state == "submitted"


def test_a_run_that_waits_records_the_end_itself(cloud: Cloud, generate: Generate) -> None:
    waiting, body = threading.Event(), notice("abc-123", payload=VIDEO)
    cloud.states = [State(status="running")]
    cloud.on_state = waiting.set
    with ThreadPoolExecutor() as pool:
        running = pool.submit(generate, poll_s=0.01)
        assert waiting.wait(60)
        delivery = deliver(cloud, body)
        cloud.states = [State(status="completed")]
        assert running.result().result is not None
    assert (delivery.outcome, delivery.http_status) == ("busy", 503)
    assert deliver(cloud, body).outcome == "known"


def test_many_deliveries_at_once_are_one(cloud: Cloud, job: str) -> None:
    body, together = notice("abc-123", payload=VIDEO), threading.Barrier(8)

    def one(_: int) -> str:
        together.wait(30)
        return deliver(cloud, body).outcome

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(one, range(8)))
    assert outcomes.count("completed") == 1
    assert set(outcomes) <= {"completed", "known", "busy"}
    assert [moment.state for moment in Journal().get(job).history].count("completed") == 1


def _uncertain(cloud: Cloud, generate: Generate) -> str:
    cloud.on_submit = raising(SubmitUncertain("the connection was lost"))
    with pytest.raises(SubmitUncertain):
        generate(webhook="https://me.example/hook")
    [record] = Journal().jobs()
    return record.id


def test_an_uncertain_job_is_looked_for(cloud: Cloud, generate: Generate) -> None:
    """Its request has ended, so the platform lists it by now."""
    job = _uncertain(cloud, generate)
    cloud.list = [ListedRequest(request_id="abc-123", arguments=cloud.posts[0][1])]
    body = notice("abc-123", payload=VIDEO)
    assert deliver(cloud, body).outcome == "unknown"
    delivery = deliver(cloud, body, job=job)
    assert (delivery.outcome, delivery.job, len(cloud.posts)) == ("completed", job, 1)
    assert deliver(cloud, body, job=job).outcome == "known"


@pytest.mark.parametrize(
    "listed",
    [[], [ListedRequest(request_id="abc-123", arguments={"prompt": "another"})], RemoteError("status 403")],
    ids=["nothing", "another", "not-allowed"],
)
def test_the_url_alone_is_not_believed(cloud: Cloud, generate: Generate, listed: Any) -> None:
    job = _uncertain(cloud, generate)
    cloud.list = listed
    with pytest.raises(SubmitUncertain):
        deliver(cloud, notice("abc-123", payload=VIDEO), job=job)
    assert (Journal().get(job).state, len(cloud.posts)) == ("uncertain", 1)


def test_a_job_that_was_never_sent_is_not_sent(cloud: Cloud, generate: Generate) -> None:
    cloud.on_submit = raising(NotSent("unreachable"))
    with pytest.raises(NotSent):
        generate()
    [record] = Journal().jobs()
    assert deliver(cloud, notice("abc-123", payload=VIDEO), job=record.id).outcome == "unknown"
    assert (Journal().get(record.id).state, len(cloud.posts)) == ("uploaded", 1)


@pytest.mark.parametrize("job", ["", "nonsense", "../etc", "%", "a" * 1000])
def test_a_url_with_nonsense(cloud: Cloud, job: str) -> None:
    assert deliver(cloud, notice("abc-123", payload=VIDEO), job=job).outcome == "unknown"


def test_a_job_that_is_still_being_sent(cloud: Cloud, generate: Generate) -> None:
    """Refused at once, a request may be over before its id is recorded."""
    deliveries: list[Delivery] = []
    body = notice("abc-123", "ERROR")
    cloud.on_submit = lambda: deliveries.append(deliver(cloud, body, job=Journal().jobs()[0].id))
    generate(wait=False)
    assert [(one.outcome, one.http_status) for one in deliveries] == [("busy", 503)]
    assert deliver(cloud, body).outcome == "completed"


def test_a_result_that_was_given_up(cloud: Cloud, job: str) -> None:
    cloud.on_result = raising(UnknownRequest("gone"))
    with pytest.raises(ResultUnavailable):
        resume(job, platform=cloud)
    assert deliver(cloud, notice("abc-123", payload=VIDEO)).outcome == "completed"


def test_a_job_that_was_over_and_is_done_all_the_same(cloud: Cloud, job: str) -> None:
    cloud.answer = CANCELLED
    deliver(cloud, notice("abc-123", "ERROR"))
    assert deliver(cloud, notice("abc-123", payload=VIDEO)).outcome == "known", "the platform says no"
    cloud.answer = VIDEO
    assert deliver(cloud, notice("abc-123", "ERROR")).outcome == "known", "not asked"
    assert deliver(cloud, notice("abc-123", payload=VIDEO)).outcome == "completed"


def test_the_async_twin(cloud: Cloud, job: str) -> None:
    body = notice("abc-123", payload=VIDEO)
    delivery = asyncio.run(areceive(signed(body), body, platform=cloud, keys=KEYS, now=NOW))
    assert (delivery.outcome, delivery.job) == ("completed", job)
