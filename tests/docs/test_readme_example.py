"""The example of `run` in the README: its sentences are those that the command prints."""

import re
from decimal import Decimal

from prep.model.generation import Generation
from prep.model.media import VideoInfo
from prep.pricing.price import price_of
from prep.render.price import describe_output
from prep.rules import Wishes, check_wishes
from prep.specs import DEFAULT_ENDPOINT, load_spec
from prep.specs.parameters import with_defaults
from submit.render import offer_text, question
from submit.request.build import Request
from submit.request.offer import Offer
from tests.checkout import ROOT

PROMPT = "@Image1 walks like the person in @Video1"
LASTS_S = 8.0


def test_the_end_of_the_example() -> None:
    example = " ".join((ROOT / "README.md").read_text("utf-8").partition("```console\n")[2].partition("```")[0].split())
    spec = load_spec(DEFAULT_ENDPOINT)
    generation = with_defaults(Generation(duration="8"), spec)
    media = {"@Video1": VideoInfo.model_construct(kind="video", duration_s=LASTS_S)}
    assert check_wishes(Wishes(PROMPT, generation, media, {"@Video1": None}, {"@Video1": "walk.mp4"}), spec) == ()
    proposal = Offer(
        plan=None,
        request=Request.model_validate({"prompt": PROMPT, "duration": "8"}),
        cost=price_of(spec, generation, LASTS_S),
        output=describe_output(generation, spec),
    )
    assert " ".join(offer_text(proposal, sandbox=False).split()) in example
    assert f"{question(proposal, sandbox=False)} [y/N]:" in example


def test_the_paid_example_keeps_its_cap() -> None:
    (line,) = re.findall(r"^prep-and-submit run .*--max-cost.*$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    duration, cap = (re.search(rf"--{name} (\d+)", line) for name in ("duration", "max-cost"))
    assert duration and cap
    spec = load_spec(DEFAULT_ENDPOINT)
    cost = price_of(spec, with_defaults(Generation(duration=duration[1]), spec), LASTS_S)
    assert cost and cost.max_usd <= Decimal(cap[1])
