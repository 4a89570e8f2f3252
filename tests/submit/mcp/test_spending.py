"""Money: nothing is sent without consent, and no more is paid than was agreed to. The sandbox's ledger judges."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import mcp_types
import pytest
from mcp import MCPError
from PIL import Image, ImageOps

from prep import prepare
from prep.errors import RefusedError
from prep.model.generation import Generation
from prep.pricing.cost import Cost
from submit import Offer, offer_prepared, submit
from submit.mcp.allowance import Allowance
from submit.mcp.consent import Quote
from submit.mcp.desk import Desk
from submit.sandbox import Sandbox
from tests.submit.mcp.agent import MODES, NO, YES, Agent, Person, connected
from tests.submit.mcp.conftest import PROMPT, WISHES

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
JOB: dict[str, Any] = {"folder": "ready", "prompt": PROMPT, "generation": WISHES}
MODE = pytest.mark.parametrize("mode", MODES)
Talk = Callable[[Agent], Awaitable[Any]]


def talked(desk: Desk, mode: str, person: Person | None, talk: Talk) -> Any:
    async def session() -> Any:
        async with connected(desk, mode, person) as agent:
            return await talk(agent)

    return asyncio.run(session())


def submitted(desk: Desk, mode: str, person: Person | None, **arguments: Any) -> dict[str, Any]:
    answer: dict[str, Any] = talked(desk, mode, person, lambda agent: agent.short("submit", **(JOB | arguments)))
    return answer


def price(desk: Desk) -> float:
    """The upper price of the job."""
    answer = talked(desk, "auto", None, lambda agent: agent.short("price", folder="ready", generation=WISHES))
    return float(answer["cost"]["max_usd"])


@MODE
@pytest.mark.parametrize(
    ("max_cost", "answer", "says"),
    [
        (None, YES, "Call again with max_cost"),
        (100, None, "can't ask the person"),
        (100, "decline", "The person said no"),
        (100, "cancel", "The person said no"),
        (100, NO, "The person said no"),
        (0.0001, YES, "over max_cost"),
        (0, YES, "over max_cost"),
    ],
    ids=["no-max-cost", "nobody-to-ask", "declined", "dismissed", "no", "under-the-price", "zero"],
)
def test_without_consent_the_price_is_the_answer(
    paying: Sandbox, desk: Desk, mode: str, max_cost: float | None, answer: Any, says: str
) -> None:
    person = Person(answer) if answer is not None else None
    result = submitted(desk, mode, person, **({} if max_cost is None else {"max_cost": max_cost}))
    assert not result["ok"] and says in result["text"] and "Price: $" in result["text"]
    assert result["cost"]["max_usd"] > 0
    following = {one["tool"]: one["arguments"] for one in result["next"]}
    assert following["submit"] == JOB | {"folder": result["folder"], "max_cost": result["cost"]["max_usd"]}
    assert paying.accesses() == (), "nothing left the machine"
    asked = person is not None and max_cost == 100
    assert (len(person.questions) if person else 0) == asked


@MODE
@pytest.mark.parametrize("word", ["yes", "true", "on", 1], ids=repr)
def test_a_word_is_no_yes(paying: Sandbox, desk: Desk, mode: str, word: Any) -> None:
    """The form asks for true or false, and a client that sends something else has not shown it."""
    answer = talked(desk, mode, Person({"pay": word}), lambda agent: agent.call("submit", **JOB, max_cost=100))
    assert answer.is_error
    assert paying.accesses() == ()


@MODE
def test_the_person_says_yes(paying: Sandbox, desk: Desk, root: Path, mode: str) -> None:
    person = Person(YES)
    result = submitted(desk, mode, person, max_cost=price(desk))
    assert result["ok"] and result["state"] == "submitted" and not result["sandbox"]
    (question,) = person.questions
    cost = Cost(min_usd=result["cost"]["min_usd"], max_usd=result["cost"]["max_usd"])
    assert question.startswith(f"Pay {cost} for a video?\n")
    assert PROMPT in question and "hero" in question and str(root / "ready") in question
    assert len(paying.requests()) == 1


@MODE
def test_the_same_job_again_is_found_and_nobody_is_asked(paying: Sandbox, desk: Desk, mode: str) -> None:
    first = submitted(desk, mode, Person(YES), max_cost=100)
    person = Person(YES)
    second = submitted(desk, mode, person)
    assert second["ok"] and second["job"] == first["job"] and person.questions == []
    assert len(paying.requests()) == 1
    third = submitted(desk, mode, person, again=True, max_cost=100)
    assert third["ok"], third["text"]
    assert third["job"] != first["job"] and len(person.questions) == 1
    assert person.questions[0].endswith("You have said yes to this same job once before.")
    assert len(paying.requests()) == 2


@MODE
def test_an_allowance_pays_without_a_question_up_to_its_total(paying: Sandbox, desk: Desk, mode: str) -> None:
    cost = Decimal(str(price(desk)))
    desk = replace(desk, allowance=Allowance(cost * 2))
    person = Person("decline")
    assert submitted(desk, mode, person)["ok"]
    assert submitted(desk, mode, person, again=True)["ok"]
    assert desk.allowance.left_usd == 0
    third = submitted(desk, mode, person, again=True)
    assert not third["ok"] and "max_cost" in third["text"] and person.questions == []
    assert not submitted(desk, mode, person, again=True, max_cost=100)["ok"] and len(person.questions) == 1
    assert len(paying.requests()) == 2


@MODE
def test_calls_at_once_share_an_allowance(paying: Sandbox, desk: Desk, root: Path, mode: str) -> None:
    names = [f"ready{number}" for number in range(4)]
    for name in names:
        prepare([root / "hero.png"], out=root / name)
    desk = replace(desk, allowance=Allowance(Decimal(str(price(desk))) * Decimal("2.5")))

    async def talk(agent: Agent) -> list[dict[str, Any]]:
        calls = [agent.short("submit", **(JOB | {"folder": name, "prompt": f"@Image1 {name}"})) for name in names]
        return await asyncio.gather(*calls)

    answers = talked(desk, mode, None, talk)
    assert [answer["ok"] for answer in answers].count(True) == len(paying.requests()) == 2
    assert desk.allowance.left_usd >= 0


def test_a_job_that_certainly_was_not_sent_gives_its_money_back(paying: Sandbox, desk: Desk, root: Path) -> None:
    allowance = Allowance(Decimal(100))
    desk = replace(desk, allowance=allowance)
    prepare([root / "hero.png"], out=root / "other")
    refused = submitted(desk, "legacy", None, max_cost=0.0001)
    assert not refused["ok"] and allowance.left_usd == 100
    sent = submitted(desk, "legacy", None, folder="other", prompt=PROMPT)
    assert sent["ok"] and allowance.left_usd == 100 - Decimal(str(sent["cost"]["max_usd"]))


def test_an_answer_counts_once(paying: Sandbox, desk: Desk) -> None:
    """A client that repeats the person's yes does not pay again with it: the question is another by then."""

    async def talk(agent: Agent) -> list[bool]:
        session = agent.client.session
        arguments = JOB | {"max_cost": 100, "again": True}
        asked = await session.call_tool("submit", arguments, allow_input_required=True)
        assert isinstance(asked, mcp_types.InputRequiredResult) and asked.input_requests
        (key,) = asked.input_requests
        yes: Any = {key: mcp_types.ElicitResult(action="accept", content={"pay": True})}
        answers = [
            await session.call_tool(
                "submit", arguments, input_responses=yes, request_state=asked.request_state, allow_input_required=True
            )
            for _ in range(2)
        ]
        return [isinstance(answer, mcp_types.InputRequiredResult) for answer in answers]

    assert talked(desk, "2026-07-28", Person("decline"), talk) == [False, True]
    assert len(paying.requests()) == 1


def test_a_yes_to_another_price_does_not_count(paying: Sandbox, desk: Desk) -> None:
    async def talk(agent: Agent) -> Any:
        session = agent.client.session
        asked = await session.call_tool("submit", JOB | {"max_cost": 100}, allow_input_required=True)
        assert isinstance(asked, mcp_types.InputRequiredResult) and asked.input_requests
        (key,) = asked.input_requests
        yes: Any = {key: mcp_types.ElicitResult(action="accept", content={"pay": True})}
        dearer = JOB | {"max_cost": 100, "generation": WISHES | {"duration": "15"}}
        with pytest.raises(MCPError) as refused:  # the protocol binds an answer to the arguments that it is about
            await session.call_tool("submit", dearer, input_responses=yes, request_state=asked.request_state)
        return str(refused.value)

    assert "Invalid or expired requestState" in talked(desk, "2026-07-28", Person("decline"), talk)
    assert paying.requests() == ()


@MODE
def test_a_yes_does_not_count_for_other_files(paying: Sandbox, desk: Desk, root: Path, mode: str) -> None:
    """The files are exchanged for others of the same names and lengths while the person reads the question."""
    other = root / "other"
    other.mkdir()
    with Image.open(root / "hero.png") as image:
        ImageOps.invert(image.convert("RGB")).save(other / "hero.png")
    prepare([other / "hero.png"], out=root / "ready2")

    class Slow(Person):
        async def __call__(self, context: Any, params: Any) -> mcp_types.ElicitResult:
            for path in (root / "ready2").glob("*"):
                path.replace(root / "ready" / path.name)
            return await super().__call__(context, params)

    person = Slow(YES)
    result = submitted(desk, mode, person, max_cost=100)
    asked_again = mode != "legacy"
    assert result["ok"] == asked_again and len(person.questions) == 1 + asked_again
    assert len(set(person.questions)) == len(person.questions), "the second question is another"
    assert len(paying.requests()) == asked_again


def test_a_yes_counts_for_what_is_sent_not_for_what_lies_there(paying: Sandbox, desk: Desk, root: Path) -> None:
    """Other files are there when the call reads the folder, and those of the question again when it asks to pay."""
    with Image.open(root / "hero.png") as image:
        ImageOps.invert(image.convert("RGB")).save(root / "other.png")
    prepare([f"hero={root / 'hero.png'}"], out=root / "A")
    prepare([f"hero={root / 'other.png'}"], out=root / "B")
    ready, name = shutil.copytree(root / "A", root / "sent"), "image1-hero.png"
    (root / "B").joinpath("image1-other.png").rename(root / "B" / name)
    generation = Generation.model_validate(WISHES)
    quote = Quote(ready, offer_prepared(ready, PROMPT, generation=generation))
    manifests = [(root / one / "manifest.json").read_text().replace("image1-other.png", name) for one in "AB"]
    (ready / "manifest.json").write_text(manifests[1])
    shutil.copy(root / "B" / name, ready)

    def confirm(offer: Offer) -> bool:
        (ready / "manifest.json").write_text(manifests[0])
        return quote.still_holds(offer)

    with pytest.raises(RefusedError, match="not agreed to"):
        submit(ready, PROMPT, generation=generation, confirm=confirm, state=desk.state)
    assert paying.accesses() == (), "nothing left the machine"


@MODE
def test_without_a_key_nobody_is_asked(paying: Sandbox, desk: Desk, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("FAL_KEY", "")
    person = Person(YES)
    result = submitted(desk, mode, person, max_cost=100)
    assert not result["ok"] and result["exit_code"] == 5 and "FAL_KEY" in result["text"]
    assert person.questions == [] and paying.accesses() == ()


@MODE
def test_a_wrong_prompt_is_refused_before_the_question(paying: Sandbox, desk: Desk, mode: str) -> None:
    person = Person(YES)
    result = submitted(desk, mode, person, prompt="@Image2 waves", max_cost=100)
    assert not result["ok"] and "@Image2" in result["text"] and person.questions == []
    assert paying.accesses() == ()


@pytest.mark.parametrize(
    ("total", "costs", "taken"),
    [
        ("3", ["1", "2"], [True, True]),
        ("3", ["1", "2.0001"], [True, False]),
        ("0", ["0.0001"], [False]),
        ("3", [None], [False]),
    ],
    ids=["all-of-it", "a-hair-more", "none", "unknown"],
)
def test_the_allowance(total: str, costs: list[str | None], taken: list[bool]) -> None:
    allowance = Allowance(Decimal(total))
    prices = [None if usd is None else Cost(min_usd=Decimal(0), max_usd=Decimal(usd)) for usd in costs]
    assert [allowance.reserve(object(), cost) for cost in prices] == taken


def test_a_call_that_asks_again_at_a_higher_price_reserves_that() -> None:
    allowance, call = Allowance(Decimal(3)), object()
    for usd, left in (("1", 2), ("2.5", "0.5"), ("3.5", "0.5")):
        allowance.reserve(call, Cost(min_usd=Decimal(0), max_usd=Decimal(usd)))
        assert allowance.left_usd == Decimal(left)
    allowance.release(call)
    assert allowance.left_usd == 3
