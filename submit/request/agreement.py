"""Agreement to a job: everything about it is shown, as an offer, and agreed to before anything leaves the machine."""

from collections.abc import Mapping

from prep.errors import NonCompliantError, RefusedError
from prep.model.finding import Finding, errors_in
from prep.model.manifest import Manifest
from prep.model.media import MediaInfo
from prep.model.plan import Plan, Trim
from prep.model.reference import Part, Reference
from prep.pricing.cost import Cost
from prep.pricing.price import price_of, price_of_plan
from prep.render.price import describe_output
from prep.rules import Wishes, check_request, check_wishes
from prep.rules.prompt import check_prompt_without
from submit.request.build import Request, build_request, compile_prompt, urls_by_tag
from submit.request.cap import refuse_over
from submit.request.offer import Offer, Order

DAMAGED = frozenset({"image-damaged", "video-damaged", "audio-damaged"})


def offer_plan(plan: Plan, order: Order, skipped: Mapping[str, str]) -> Offer:
    """Make the offer for a plan that was not carried out yet.

    *skipped* are the names of skipped references, which a prompt can't use, and the reasons. Raises
    NonCompliantError with every finding that can't be fixed, those about the prompt among them.
    """
    prompt_findings = check_prompt_without(order.prompt, plan.names, skipped)
    if errors_in(prompt_findings) or plan.unfixable:
        raise NonCompliantError("the job can't be sent as it is", (*plan.unfixable, *prompt_findings), plan)
    places = {entry.tag: entry.reference.display_path if entry.url else entry.label for entry in plan.entries}
    compiled, findings = compile_prompt(order.prompt, plan)
    media = {entry.tag: entry.predicted for entry in plan.entries}
    return Offer(
        plan=plan,
        endpoint=order.spec.endpoint,
        request=build_request(compiled, plan, places, order.generation),
        cost=price_of_plan(plan, order.spec, order.generation),
        output=describe_output(order.generation, order.spec),
        findings=(*plan.warnings, *findings, *check_order(order, plan, media)),
    )


def offer_files(manifest: Manifest, request: Request, findings: tuple[Finding, ...], order: Order) -> Offer:
    """Make the offer for files that are prepared; *request* has their content for URLs, *findings* are about it."""
    places = {entry.tag: entry.output.url or entry.output.path or "" for entry in manifest.entries}
    return Offer(
        plan=None,
        endpoint=order.spec.endpoint,
        request=build_request(request.prompt, manifest, places, order.generation),
        content=urls_by_tag(request, manifest),
        cost=price_of(order.spec, order.generation, manifest.totals.video_duration_s),
        output=describe_output(order.generation, order.spec),
        findings=(*manifest.findings, *findings),
    )


def check_order(
    order: Order, files: Plan | Manifest, media: Mapping[str, MediaInfo], *, prepared: bool = False
) -> tuple[Finding, ...]:
    """Findings about the parameters, and what the prompt asks of them; *media* are those that are sent, by tag.

    *prepared*: an earlier command made the files.
    """
    if isinstance(files, Plan):
        labels = {entry.tag: entry.label for entry in files.entries}
    else:
        labels = {entry.tag: Reference(location=entry.source.path).label for entry in files.entries}
    wishes = Wishes(order.prompt, order.generation, media, files.names, labels, chosen_parts(files), prepared)
    return (*check_request(order.generation, order.spec), *check_wishes(wishes, order.spec))


def chosen_parts(files: Plan | Manifest) -> dict[str, Part]:
    """The parts that the user chose, by tag; a manifest has those only of what was trimmed on request."""
    if isinstance(files, Plan):
        return {entry.tag: entry.reference.part for entry in files.entries if entry.reference.part}
    return {
        entry.tag: Part(start_s=step.start_s, end_s=step.start_s + step.duration_s)
        for entry in files.entries
        for step in entry.steps
        if isinstance(step, Trim) and "asked" in step.because
    }


class Consent:
    """The caller's agreement to one job: asked for once, and again if the price has risen or damage was found since."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._agreed: Offer | None = None

    def require(self, offer: Offer) -> None:
        """Return once the caller agrees to *offer*. Raises RefusedError over the cap, or when the caller says no."""
        refuse_over(offer.cost, self._order)
        agreed = self._agreed
        if agreed is not None and not _is_dearer(offer.cost, agreed.cost) and not damage_since(agreed, offer):
            return
        if self._order.confirm is not None and not self._order.confirm(offer):
            raise RefusedError(f"not agreed to; nothing was {'submitted' if agreed else 'uploaded or submitted'}")
        self._agreed = offer


def damage_since(earlier: Offer, later: Offer) -> tuple[Finding, ...]:
    """The findings about damage that only the making of the files has shown."""
    return tuple(item for item in later.findings if item.rule in DAMAGED and item not in earlier.findings)


def _is_dearer(new: Cost | None, old: Cost | None) -> bool:
    if new is None:
        return old is not None
    return old is not None and new.max_usd > old.max_usd
