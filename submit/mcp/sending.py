"""The tool that can spend: submit."""

from decimal import Decimal
from typing import Annotated, Any

from mcp.server.elicitation import AcceptedElicitation
from mcp_types import CallToolResult
from pydantic import Field

from prep.errors import PrepError, RefusedError
from prep.model.generation import Generation
from prep.model.progress import OnProgress, Progress
from submit import asubmit
from submit.errors import NoSuchJob
from submit.job.submission import outcome_of
from submit.journal import Journal
from submit.mcp.answers import NextCall, Reply, ToolResult, answer, failure
from submit.mcp.calls import answering, working
from submit.mcp.consent import Consent, ItsQuote, Payment, Quote, can_ask
from submit.mcp.desk import Call, Desk, desk_of
from submit.mcp.files import NO_WISHES, Folder, asked
from submit.render import Setting, offer_data, offer_text, outcome_data, outcome_text
from submit.request.offer import Confirm, Offer

NOTHING = "Nothing was sent or paid."
SAYS_NO = f"The person said no. {NOTHING} Don't ask again unless they want it."
MaxCost = Annotated[Decimal | None, Field(ge=0, description="The most that may be paid, in US dollars.")]


@answering
async def submit(  # noqa: PLR0913  public: what a caller may choose
    folder: Folder,  # noqa: ARG001  the quote takes it
    prompt: Annotated[str, Field(description="What to generate; name references as @NAME, @Image1, @Video1, @Audio1.")],
    ctx: Call,
    quote: ItsQuote,
    consent: Consent,
    max_cost: MaxCost = None,
    generation: Generation = NO_WISHES,
    again: Annotated[bool, Field(description="Generate, and pay for, another video of a job that exists.")] = False,
) -> ToolResult:
    """Submit a prepared folder once: upload, send, and return at once; `result` fetches the video. This costs money.

    Needs `max_cost`, and the person is asked, unless they allowed a total at the start of the server. The same folder
    and prompt again return the existing job and pay nothing. In a sandbox nothing is paid or asked.
    """
    if quote.error is not None:
        raise quote.error
    desk = desk_of(ctx)
    payment = consent.data if isinstance(consent, AcceptedElicitation) else None
    has_yes = payment is not None and payment.pay and desk.agreements.count(quote.question, quote.yes_before)
    permit = Permit(desk, quote, has_yes)
    same = asked({"folder": str(quote.folder), "prompt": prompt}, generation) | ({"again": True} if again else {})
    if not permit.is_free and not (has_yes or permit.is_covered):
        says_no = consent.action != "accept" or (payment is not None and not payment.pay)
        return _unpaid(quote, ctx, same, SAYS_NO if says_no else _reason(ctx, quote, payment, max_cost))
    job = ""

    async def send(report: OnProgress) -> CallToolResult:
        def note(event: Progress) -> None:
            nonlocal job
            job = event.label if event.stage == "job" else job
            report(event)

        submission = await asubmit(
            quote.folder,
            prompt,
            generation=generation,
            max_cost=max_cost,
            confirm=permit.confirm,
            again=again,
            state=desk.state,
            progress=note,
            network=desk.network,
        )
        outcome, state = outcome_of(submission.submission, None), submission.record.state
        text = outcome_text(outcome, Setting(quote.offer, quote.folder, announced=False, ended=False))
        facts = {"job": outcome.job, "state": state, "cost": outcome.cost, "folder": str(quote.folder)}
        reply = Reply(
            True,
            f"job {outcome.job}: {state}\n{text}",
            outcome.findings,
            outcome_data(outcome),
            after_sending(outcome.job),
            facts,
        )
        return answer("submit", reply, ctx)

    try:
        return await working(ctx, send)
    except RefusedError as error:
        return _unpaid(quote, ctx, same, str(error))
    except PrepError as error:
        return failure("submit", error, ctx, after_sending(job) if job else [])
    finally:
        permit.settle(job)


def after_sending(job: str) -> list[NextCall]:
    return [
        NextCall(tool="result", why="wait for the video and fetch it", arguments={"job": job}),
        NextCall(tool="status", why="see how far the job is", arguments={"job": job}),
    ]


class Permit:
    """Permission for one call to pay, which the library asks for just before anything is sent."""

    def __init__(self, desk: Desk, quote: Quote, has_yes: bool) -> None:
        self._desk = desk
        self._quote = quote
        self._has_yes = has_yes
        self.is_free = desk.sandbox or quote.earlier is not None

    @property
    def is_covered(self) -> bool:
        """Whether what is left of the allowance is enough."""
        cost = self._quote.offer.cost if self._quote.offer else None
        return cost is not None and self._desk.allowance.left_usd >= cost.max_usd

    @property
    def confirm(self) -> Confirm:
        if self._desk.sandbox:
            return lambda offer: True
        return self._quote.still_holds if self._has_yes else self._is_reserved

    def settle(self, job: str) -> None:
        """Give back what was set aside for a *job* that certainly costs nothing, such as one that was never sent."""
        try:
            owed = bool(job) and Journal(self._desk.state, writable=False).get(job).owed_microusd > 0
        except NoSuchJob:
            owed = False
        except PrepError:
            owed = True
        if not owed:
            self._desk.allowance.release(self)

    def _is_reserved(self, offer: Offer) -> bool:
        return self._desk.allowance.reserve(self, offer.cost)


def _reason(ctx: Call, quote: Quote, payment: Payment | None, max_cost: Decimal | None) -> str:
    """The reason why nothing may be paid, and how to go on."""
    cost = quote.offer.cost if quote.offer else None
    if payment is not None:
        return f"{NOTHING} The person's yes counted for another call already; call again to ask once more."
    if cost is None:
        return f"{NOTHING} No price is known, so no limit can be kept; a person can submit it in a terminal."
    if max_cost is None:
        return f"{NOTHING} Call again with max_cost; the person is then asked."
    if cost.max_usd > max_cost:
        return f"{NOTHING} The price is over max_cost."
    if not can_ask(ctx):
        return (
            f"{NOTHING} This client can't ask the person. They can start the server with `--allow-spend USD`, or run "
            "'prep-and-submit submit' in a terminal."
        )
    return f"{NOTHING} Another call has used the allowance; call again, and the person is asked."


def _unpaid(quote: Quote, ctx: Call, same: dict[str, Any], reason: str) -> CallToolResult:
    """The answer that nothing was sent: the price, and how to go on; *same* are the arguments of the call."""
    offer = quote.offer
    if offer is None:
        return failure("submit", RefusedError(reason), ctx)
    left = desk_of(ctx).allowance.left_usd
    allowance = f"\nOf the allowance ${left:.2f} is left." if left else ""
    following = []
    if offer.cost is not None:
        arguments = {**same, "max_cost": float(offer.cost.max_usd)}
        following.append(NextCall(tool="submit", why="ask the person to pay up to this", arguments=arguments))
    following.append(
        NextCall(tool="price", why="compare other lengths and resolutions", arguments={"folder": same["folder"]})
    )
    text = f"{reason}{allowance}\n{offer_text(offer, sandbox=False)}"
    facts = {"cost": offer.cost, "folder": str(quote.folder)}
    return answer("submit", Reply(False, text, offer.findings, offer_data(offer), following, facts), ctx)
