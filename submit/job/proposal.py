"""Proposal: the references of a job, opened and planned, and the offer to the caller that follows from the plan."""

from pathlib import Path
from typing import NamedTuple

from prep.inputs.references import References
from prep.inputs.resolve import Inputs, resolve, skipped_names
from prep.model.context import Context
from prep.model.plan import Plan
from prep.model.source import Source
from prep.people import with_people
from prep.stages import plan_unless_too_many
from submit.job.identity import job_key, planned_urls
from submit.request.agreement import offer_plan
from submit.request.build import url_lists
from submit.request.offer import Offer, Order
from submit.request.preflight import refuse_over_cap


class Proposal(NamedTuple):
    """*sources* are what the plan is for; *offer* is what the caller has to agree to."""

    plan: Plan
    sources: list[Source]
    offer: Offer

    @property
    def key(self) -> str:
        """Identifies the request about the same sources and steps, before the files are made."""
        lists = url_lists(self.plan, planned_urls(self.plan))
        return job_key(self.plan.endpoint, self.offer.request.model_copy(update=lists))


def open_references(
    references: References, ctx: Context, *, skip_unreadable: bool = False, out: Path | None = None
) -> Inputs:
    """Open and probe *references* of a job into *out*. Raises as `prep.plan` and `Inputs.into` do."""
    inputs = resolve(references, ctx).readable(skip_unreadable=skip_unreadable)
    return inputs if out is None else inputs.into(out)


def propose(inputs: Inputs, order: Order, ctx: Context, *, watch: bool = False) -> Proposal:
    """Plan *inputs* and make the offer; *watch* as in `plan_sources`, where nobody reads the plan before it is made.

    Raises NonCompliantError, and TooExpensive over the cap of *order*.
    """
    plan, sources = plan_unless_too_many(inputs.sources, ctx, inputs.notes, watch=watch)
    if not plan.unfixable:
        plan = with_people(plan, sources, ctx)
    offer = offer_plan(plan, order, skipped_names(inputs))
    refuse_over_cap(plan, offer, order)
    return Proposal(plan, sources, offer)
