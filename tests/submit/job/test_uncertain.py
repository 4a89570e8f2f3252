"""A job of which nobody knows whether it arrived."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from prep.errors import RemoteError, UsageError
from submit import resume
from submit.errors import Hopeless, NotSent, Refusal, SubmitUncertain, UnknownRequest
from submit.journal import Journal, Moment
from submit.platform import ListedRequest
from tests.submit.cloud import Cloud, raising
from tests.submit.journal.records import record

pytestmark = pytest.mark.usefixtures("both_journals")

Generate = Callable[..., Any]


@pytest.fixture
def doubted(cloud: Cloud, generate: Generate) -> str:
    cloud.on_submit = raising(SubmitUncertain("the connection broke"))
    with pytest.raises(SubmitUncertain):
        generate()
    cloud.on_submit = lambda: None
    return Journal().jobs()[0].id


def test_it_is_found_in_the_list(cloud: Cloud, doubted: str) -> None:
    """Filled in by the platform or not; what is like it but belongs to another job is not taken."""
    sent = cloud.posts[0][1]
    cloud.list = [
        ListedRequest(request_id="other", arguments={**sent, "prompt": "something else"}),
        ListedRequest(request_id="closed", arguments=None),
        ListedRequest(request_id="def-456", arguments={**sent, "seed": 99}),
    ]
    assert Path(resume(doubted, platform=cloud).path).is_file()
    found = Journal().get(doubted)
    assert found.ticket is not None and found.ticket.request_id == "def-456"
    assert len(cloud.posts) == 1


def test_a_clock_that_is_an_hour_ahead_hides_no_request(cloud: Cloud, doubted: str) -> None:
    with pytest.raises(SubmitUncertain):
        resume(doubted, platform=cloud)
    assert cloud.listed_since is not None
    assert Journal().get(doubted).created_at - cloud.listed_since > timedelta(hours=1)


def test_a_clock_that_was_put_back_hides_no_request(cloud: Cloud, tmp_path: Path) -> None:
    """The job began tomorrow, as its clock said then."""
    tomorrow = Moment(state="uncertain", at=datetime.now(UTC) + timedelta(days=1))
    folder = tmp_path / "out"
    folder.mkdir()
    Journal().adopt(record(id="begun", state="uncertain", video=None, result=None, folder=folder, history=(tomorrow,)))
    with pytest.raises(SubmitUncertain):
        resume("begun", platform=cloud)
    assert cloud.listed_since is not None and cloud.listed_since < datetime.now(UTC)


class Signing(Cloud):
    """A platform whose URLs are signed."""

    def upload(self, *arguments: Any) -> str:
        return f"{super().upload(*arguments)}?X-Amz-Signature=abcdef"


def test_a_receipt_finds_its_request_without_the_secrets_of_urls(generate: Generate, tmp_path: Path) -> None:
    cloud = Signing()
    cloud.on_submit = raising(SubmitUncertain("the connection broke"))
    with pytest.raises(SubmitUncertain):
        generate(platform=cloud)
    cloud.list = [ListedRequest(request_id="def-456", arguments=cloud.posts[0][1])]
    assert Path(resume(tmp_path / "out", platform=cloud, state=tmp_path / "lost").path).is_file()


def test_a_request_is_one_jobs_only(cloud: Cloud, generate: Generate, doubted: str) -> None:
    other = generate(again=True)
    cloud.list = [ListedRequest(request_id=other.request_id, arguments=cloud.posts[0][1])]
    with pytest.raises(SubmitUncertain):
        resume(doubted, platform=cloud)


@pytest.mark.parametrize("hint", [None, "first"])
def test_equal_jobs_find_a_request_each(cloud: Cloud, generate: Generate, tmp_path: Path, hint: str | None) -> None:
    """Both read the list, or hold the same hint, before one of them has found anything."""
    cloud.on_submit = raising(SubmitUncertain("the connection broke", hint=hint))
    cloud.on_state = raising(RemoteError("it does not answer now either"))
    for take in range(2):
        with pytest.raises(RemoteError):
            generate(again=True, out=tmp_path / f"take{take}")
    cloud.list = [ListedRequest(request_id=name, arguments=cloud.posts[0][1]) for name in ("first", "second")]
    both = threading.Barrier(2)

    def meet() -> None:
        both.wait(60)

    cloud.on_state, cloud.on_list = (meet, lambda: None) if hint else (lambda: None, meet)
    assert [item.error for item in resume(all=True, platform=cloud)] == [None, None]
    assert {job.ticket.request_id for job in Journal().jobs() if job.ticket} == {"first", "second"}


@pytest.mark.parametrize("listed", [[], Hopeless("no list for this key"), RemoteError("status 503")])
def test_it_is_not_found(cloud: Cloud, doubted: str, listed: Any) -> None:
    cloud.list = listed
    for _ in range(2):
        with pytest.raises(SubmitUncertain, match="It was not sent again, because that could pay twice"):
            resume(doubted, platform=cloud)
    assert Journal().get(doubted).state == "uncertain" and len(cloud.posts) == 1


@pytest.mark.parametrize("listed", [[], Hopeless("no list for this key")], ids=["not there", "may not be read"])
def test_sent_again_because_somebody_says_so(cloud: Cloud, doubted: str, listed: Any) -> None:
    cloud.list = listed
    with pytest.raises(SubmitUncertain, match=r"`request_id`.*`resubmit`"):
        resume(doubted, platform=cloud)
    assert Path(resume(doubted, resubmit=True, platform=cloud).path).is_file()
    assert len(cloud.posts) == 2


def test_not_sent_again_while_the_list_can_not_be_asked(cloud: Cloud, doubted: str) -> None:
    cloud.list = RemoteError("listing this account's requests failed: status 503")
    with pytest.raises(
        SubmitUncertain, match=r"may have arrived, and .* 503\. It was not sent again.*resume \w+' asks"
    ):
        resume(doubted, resubmit=True, platform=cloud)
    assert (len(cloud.posts), Journal().get(doubted).state) == (1, "uncertain")


@pytest.mark.parametrize("failure", [NotSent("no connection"), Refusal("too many", 429, "", taken=False)])
def test_an_attempt_that_fails_leaves_the_doubt(cloud: Cloud, doubted: str, failure: RemoteError) -> None:
    """The request before it may have arrived, and is found by what it sent, though the files have other URLs by now."""
    sent, before = cloud.posts[0][1], Journal().get(doubted)
    cloud.urls_work, cloud.cdn = False, "https://cdn/again"
    cloud.on_submit = raising(failure)
    with pytest.raises(type(failure), match=f"still not known .*'prep-and-submit resume {doubted}' looks for it"):
        resume(doubted, resubmit=True, platform=cloud)
    assert cloud.posts[1][1] != sent
    after = Journal().get(doubted)
    assert (after.state, after.owed_microusd, after.sent_at) == ("uncertain", before.owed_microusd, before.sent_at)
    cloud.list = [ListedRequest(request_id="def-456", arguments=sent)]
    assert Path(resume(doubted, platform=cloud).path).is_file()
    assert len(cloud.posts) == 2


def test_not_sent_again_when_it_is_found_after_all(cloud: Cloud, doubted: str) -> None:
    cloud.list = [ListedRequest(request_id="def-456", arguments=cloud.posts[0][1])]
    resume(doubted, resubmit=True, platform=cloud)
    assert len(cloud.posts) == 1


def test_somebody_knows_its_request_id(cloud: Cloud, doubted: str) -> None:
    resume(doubted, request_id="from-the-dashboard", platform=cloud)
    found = Journal().get(doubted)
    assert found.ticket is not None and found.ticket.request_id == "from-the-dashboard"


def test_a_request_id_that_nobody_knows(cloud: Cloud, doubted: str) -> None:
    cloud.on_state = raising(UnknownRequest("Request not found"))
    with pytest.raises(UnknownRequest):
        resume(doubted, request_id="wrong", platform=cloud)
    assert Journal().get(doubted).state == "uncertain"


def test_another_key_does_not_send_it(cloud: Cloud, doubted: str) -> None:
    cloud.account = "another"
    with pytest.raises(UsageError, match="another key"):
        resume(doubted, resubmit=True, platform=cloud)
    assert len(cloud.posts) == 1


def test_a_doubtful_answer_with_a_request_id_is_followed_at_once(cloud: Cloud, generate: Generate) -> None:
    cloud.on_submit = raising(SubmitUncertain("502", hint="hinted"))
    outcome = generate()
    assert (outcome.request_id, len(cloud.posts)) == ("hinted", 1)
