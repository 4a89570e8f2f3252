"""Consent to one submission: the price is worked out first, then the person is asked, unless an allowance covers it."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, NamedTuple

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver.resolve import Elicit, Resolve
from pydantic import BaseModel, Field

from prep.aio import twin
from prep.errors import PrepError
from prep.model.generation import Generation
from prep.model.manifest import Manifest
from prep.model.redact import shown, without_secrets
from submit.api import offer_prepared, sent_before
from submit.journal import JobRecord
from submit.mcp.desk import Call, Desk, desk_of
from submit.mcp.roots import ClientRoots, Roots, roots_of
from submit.render import offer_text
from submit.request.offer import Offer
from submit.sandbox.urls import refuse_urls


class Payment(BaseModel):
    """The person's answer."""

    pay: bool = Field(title="Pay", description="Yes: send this job and pay for it. No: send nothing.")


class Quote(NamedTuple):
    """What a submission would send and pay. *found*: the same job was sent before, and nothing would be paid.

    *error*: there is neither, and this is the reason. *question* is what the person would be asked, and *agreed* how
    often they have said yes to it before.
    """

    folder: Path = Path()
    manifest: Manifest | None = None
    offer: Offer | None = None
    found: JobRecord | None = None
    error: PrepError | None = None
    question: str = ""
    agreed: int = 0


async def quote(  # noqa: PLR0913  one parameter for each argument of the tool
    folder: str, prompt: str, ctx: Call, roots: ClientRoots, generation: Generation, again: bool
) -> Quote:
    try:
        return await twin(_quote)(_Wanted(folder, prompt, generation, again), roots_of(ctx, roots), desk_of(ctx))
    except PrepError as error:
        return Quote(error=error)


class _Wanted(NamedTuple):
    folder: str
    prompt: str
    generation: Generation
    again: bool


def _quote(wanted: _Wanted, roots: Roots, desk: Desk) -> Quote:
    manifest, folder = roots.prepared(wanted.folder), roots.place(wanted.folder)
    if desk.sandbox:
        refuse_urls(without_secrets(entry.output.url) for entry in manifest.entries if entry.output.url)
    found = sent_before(folder, wanted.prompt, generation=wanted.generation, state=desk.state)
    if found is not None and not wanted.again:
        return Quote(folder, manifest, found=found)
    offer = offer_prepared(folder, wanted.prompt, generation=wanted.generation, network=desk.network)
    question = _question(manifest, offer)
    return Quote(folder, manifest, offer, question=question, agreed=desk.agreements.number(question))


Quoted = Annotated[Quote, Resolve(quote)]


def ask(ctx: Call, quoted: Quoted, max_cost: Decimal | None) -> Elicit[Payment] | None:
    """Ask the person, where only that can lead to a payment."""
    desk, offer = desk_of(ctx), quoted.offer
    if desk.sandbox or offer is None or offer.cost is None or desk.allowance.left_usd >= offer.cost.max_usd:
        return None
    if max_cost is None or offer.cost.max_usd > max_cost or not can_ask(ctx):
        return None
    times = "once" if quoted.agreed == 1 else f"{quoted.agreed} times"
    before = f"\nYou have said yes to this same job {times} before." if quoted.agreed else ""
    return Elicit(f"{quoted.question}{before}", Payment)


Asked = Annotated[ElicitationResult[Payment], Resolve(ask)]


def can_ask(ctx: Call) -> bool:
    """Whether the client shows forms to the person; one that says nothing of modes does."""
    elicitation = ctx.client_capabilities.elicitation if ctx.client_capabilities else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def _question(manifest: Manifest, offer: Offer) -> str:
    """The question to the person: price first, then everything that it is about."""
    files = ", ".join(f"{entry.tag} {shown(entry.output.path or 'a URL')}" for entry in manifest.entries)
    return (
        f"Pay {offer.cost} for a video?\n\n{offer_text(offer, sandbox=False)}\n"
        f"Files: {files}, in {shown(manifest.folder)}\nEndpoint: {manifest.endpoint}"
    )
