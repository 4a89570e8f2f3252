"""A job that was prepared and never sent is paid for only when its price was shown and agreed to."""

from collections.abc import Callable
from typing import Any

import pytest

from prep.errors import RefusedError
from submit import Generation, Offer, resume, run
from submit.errors import Hopeless
from submit.platform import SANDBOX_ACCOUNT
from submit.sandbox import Sandbox
from tests.submit.cloud import Cloud, raising
from tests.types import Media, Say

Generate = Callable[..., Any]


@pytest.fixture
def unsent(cloud: Cloud, generate: Generate) -> Cloud:
    """A platform whose uploads work from now on, and a job whose upload failed."""
    cloud.on_upload = raising(Hopeless("uploading failed"))
    with pytest.raises(Hopeless):
        generate()
    cloud.on_upload = lambda path: None
    return cloud


def test_its_offer_is_agreed_to(unsent: Cloud) -> None:
    offers: list[Offer] = []

    def refuse(offer: Offer) -> bool:
        offers.append(offer)
        return False

    with pytest.raises(RefusedError, match=r"^not agreed to; job [2-9a-z]{8} was not sent$"):
        resume(platform=unsent, confirm=refuse)
    assert (unsent.uploads, unsent.posts) == ([], [])
    (offer,) = offers
    assert (offer.request.prompt, offer.plan) == ("@Image1 waves", None)
    assert offer.cost is not None
    with pytest.raises(RefusedError, match=r"is over your \$0\.01 cap; nothing was submitted"):
        resume(platform=unsent, max_cost="0.01")
    assert (unsent.uploads, unsent.posts) == ([], [])
    resume(platform=unsent, max_cost=offer.cost.max_usd, confirm=lambda offer: True)
    assert len(unsent.posts) == 1


def test_one_that_was_sent_is_no_question(cloud: Cloud, generate: Generate) -> None:
    def never(offer: Offer) -> bool:
        raise AssertionError("asked about a job that is paid for")

    generate(wait=False)
    assert resume(platform=cloud, confirm=never, max_cost="0.01").path
    assert len(cloud.posts) == 1


def test_the_command_asks(box: Sandbox, media: Media, cloud: Cloud, say: Say) -> None:
    cloud.account, cloud.on_upload = SANDBOX_ACCOUNT, raising(Hopeless("uploading failed"))
    options: dict[str, Any] = {"out": "out", "state": "state", "generation": Generation(duration=4)}
    with pytest.raises(Hopeless):
        run(media("at_limit_300.png"), "@Image1 waves", platform=cloud, **options)
    command = ["resume", "--state", "state", "--poll", "0.02"]
    code, out, err = say(*command)
    assert code == 5
    assert "needs your agreement, and nobody can be asked here; pass --yes or --max-cost USD" in err
    for words in (
        "was never sent",
        "Prompt: @Image1 waves",
        "Output: 4 s, 720p",
        "Price: sandbox, $0.00 (would be $",
    ):
        assert words in err
    assert out == "", "stdout is for the path of the video"
    assert say(*command, "--max-cost", "0.01")[0] == 5
    assert box.accesses() == ()
    assert say(*command, "--max-cost", "2")[0] == 0
    assert len(box.ledger) == 1
    code, out, err = say(*command)
    assert (code, err, out.endswith(".mp4\n")) == (0, "sandbox, $0.00: a stand-in made this video\n", True)
