"""Consent to one submission: the price is worked out first, then the person is asked, unless an allowance covers it."""

import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, NamedTuple

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver.resolve import Elicit, Resolve
from pydantic import BaseModel, Field

from prep.aio import twin
from prep.errors import PrepError, UsageError
from prep.model.generation import Generation
from prep.model.manifest import MANIFEST, Manifest
from prep.model.redact import shown, without_secrets
from prep.rules.amounts import count
from submit.api import offer_prepared, sent_before
from submit.job.identity import content_urls
from submit.journal import JobRecord
from submit.mcp.desk import Call, desk_of
from submit.mcp.roots import ClientRoots, roots_of
from submit.render import offer_text
from submit.request.offer import Offer
from submit.sandbox.urls import refuse_urls

CODE_LENGTH = 12


class Payment(BaseModel):
    """The person's answer: true or false, no word that may mean either."""

    pay: bool = Field(strict=True, title="Pay", description="Yes: send this job and pay for it. No: send nothing.")


class Quote(NamedTuple):
    """What a submission would send and pay. *earlier*: the same job was sent before, and nothing would be paid.

    *error*: there is neither, and this is the reason. *question* is what the person would be asked, and *yes_before*
    how often they have said yes to it.
    """

    folder: Path = Path()
    offer: Offer | None = None
    earlier: JobRecord | None = None
    error: PrepError | None = None
    question: str = ""
    yes_before: int = 0

    def still_holds(self, offer: Offer) -> bool:
        """Whether *offer* is for the same request about the same files, and costs no more."""
        own = self.offer
        if own is None or own.cost is None or offer.cost is None or offer.cost.max_usd > own.cost.max_usd:
            return False
        return (offer.endpoint, offer.request, offer.content) == (own.endpoint, own.request, own.content)


async def make_quote(  # noqa: PLR0913  one parameter for each argument of the tool
    folder: str, prompt: str, ctx: Call, roots: ClientRoots, generation: Generation, again: bool
) -> Quote:
    """The quote for the arguments of a call, worked out once for all that need it."""
    desk, here = desk_of(ctx), roots_of(ctx, roots)

    def quote() -> Quote:
        place = here.place(folder)
        manifest = here.prepared(str(place))
        if desk.sandbox:
            refuse_urls(without_secrets(entry.output.url) for entry in manifest.entries if entry.output.url)
        earlier = sent_before(place, prompt, generation=generation, state=desk.state)
        if earlier is not None and not again:
            return Quote(place, earlier=earlier)
        offer = offer_prepared(place, prompt, generation=generation, network=desk.network)
        if (manifest.endpoint, content_urls(manifest)) != (offer.endpoint, offer.content):
            raise UsageError(f"{shown(place)}: other files were put there just now; call again")
        question = _question(manifest, offer)
        return Quote(place, offer, question=question, yes_before=desk.agreements.number(question))

    try:
        return await twin(quote)()
    except PrepError as error:
        return Quote(error=error)


ItsQuote = Annotated[Quote, Resolve(make_quote)]


def ask(ctx: Call, quote: ItsQuote, max_cost: Decimal | None) -> Elicit[Payment] | None:
    """Ask the person, where only that can lead to a payment."""
    desk, offer = desk_of(ctx), quote.offer
    if desk.sandbox or offer is None or offer.cost is None or desk.allowance.left_usd >= offer.cost.max_usd:
        return None
    if max_cost is None or offer.cost.max_usd > max_cost or not can_ask(ctx):
        return None
    times = "once" if quote.yes_before == 1 else f"{quote.yes_before} times"
    before = f"\nYou have said yes to this same job {times} before." if quote.yes_before else ""
    return Elicit(f"{quote.question}{before}", Payment)


Consent = Annotated[ElicitationResult[Payment], Resolve(ask)]


def can_ask(ctx: Call) -> bool:
    """Whether the client shows forms to the person; one that says nothing of modes does."""
    elicitation = ctx.client_capabilities.elicitation if ctx.client_capabilities else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def _question(manifest: Manifest, offer: Offer) -> str:
    """The question to the person: price first, then everything that it is about.

    A code stands for the content of the files, so that a yes does not count for others of the same names. What the
    manifest says about them is left out: an agent may have written it.
    """
    own = offer.model_copy(update={"findings": offer.findings[offer.recorded :], "recorded": 0})
    left_out = f"\nNot shown: {count(offer.recorded, 'finding')} in {MANIFEST}" if offer.recorded else ""
    code = hashlib.sha256("".join(offer.content.values()).encode()).hexdigest()[:CODE_LENGTH]
    files = ", ".join(shown(f"{entry.tag} {entry.output.path or 'a URL'}") for entry in manifest.entries)
    return (
        f"Pay {offer.cost} for a video?\n\n{offer_text(own, sandbox=False)}\n"
        f"Files: {files}, in {shown(manifest.folder)} (content {code})\nEndpoint: {offer.endpoint}{left_out}"
    )
