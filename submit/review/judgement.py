"""Judgement of a draft: its findings, plan and price. Pure and quick, from what is known about the references."""

from dataclasses import replace
from typing import NamedTuple

from prep.inputs.resolve import Inputs
from prep.model.context import Context
from prep.model.finding import Finding, errors_in
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.model.plan import Options, Plan
from prep.model.report import Report
from prep.model.source import Source
from prep.planning import plan_set
from prep.pricing.cost import Cost
from prep.pricing.price import price_of_plan
from prep.rules import Wishes, check_prompt, check_request, check_wishes
from prep.specs.parameters import for_generation, with_defaults
from prep.stages import check_inputs
from submit.request.agreement import chosen_parts, offer_plan
from submit.request.offer import Offer, Order
from submit.review.draft import Draft

PlanKey = tuple[object, ...]


class Judgement(NamedTuple):
    """*report* and *plan* are None while there is nothing to judge. *findings* are about the prompt and the parameters.

    *generation* has its defaults filled in; *cost* None: no price is known. *offer* is what would be agreed to; None:
    something stands in the way of submitting.
    """

    generation: Generation
    report: Report | None = None
    plan: Plan | None = None
    findings: tuple[Finding, ...] = ()
    cost: Cost | None = None
    offer: Offer | None = None

    @property
    def preparable(self) -> bool:
        return self.plan is not None and not self.plan.unfixable


class Settled(NamedTuple):
    """The plan after all that it depends on was looked at, with *sources* as far as they are known by then."""

    key: PlanKey
    plan: Plan
    sources: tuple[Source, ...]


def options_of(draft: Draft, spec: EndpointSpec) -> Options:
    """The options that *draft* is planned with."""
    return for_generation(draft.options, draft.generation, spec)


def plan_key(draft: Draft, spec: EndpointSpec) -> PlanKey:
    """Equal for drafts that have the same plan."""
    cards = tuple(
        (card.id, card.reference.model_copy(update={"name": None}), card.source is not None) for card in draft.cards
    )
    return (*cards, options_of(draft, spec))


def judge(draft: Draft, ctx: Context, settled: Settled | None = None) -> Judgement:
    """Judge *draft*; the plan is that of *settled* where that is about the same references and options.

    Raises UsageError for a parameter, a part or a crop that there is not.
    """
    generation = with_defaults(draft.generation, ctx.spec)
    options, sources = options_of(draft, ctx.spec), draft.sources
    findings = [*check_request(generation, ctx.spec)]
    if draft.prompt.strip():
        findings += check_prompt(draft.prompt, draft.names)
    if not sources:
        return Judgement(generation, findings=tuple(findings))
    if settled is not None and settled.key == plan_key(draft, ctx.spec):
        named = [
            entry.model_copy(update={"reference": source.reference})
            for entry, source in zip(settled.plan.entries, sources, strict=True)
        ]
        plan = settled.plan.model_copy(update={"entries": tuple(named)})
    else:
        plan = plan_set(sources, ctx.spec, options)
    if draft.prompt.strip():
        media = {entry.tag: entry.predicted for entry in plan.entries}
        wishes = Wishes(draft.prompt, generation, media, draft.names, parts=chosen_parts(plan))
        findings += check_wishes(wishes, ctx.spec)
    offer = None
    if draft.prompt.strip() and not plan.unfixable and not errors_in(tuple(findings)):
        offer = offer_plan(plan, Order(draft.prompt, ctx.spec, generation), {})
    return Judgement(
        generation,
        report=check_inputs(Inputs(sources=list(sources)), replace(ctx, options=options)),
        plan=plan,
        findings=tuple(findings),
        cost=None if plan.unfixable else price_of_plan(plan, ctx.spec, generation),
        offer=offer,
    )
