"""The price that the page shows, and that the user agrees to: of what was prepared once it is, of the plan before."""

import hashlib
from typing import Any

from prep.model.limits import EndpointSpec
from prep.pricing.cost import Cost
from prep.pricing.price import price_of
from prep.render.price import NARROWER, describe_output
from submit.render import question
from submit.review.board import Position
from submit.review.view.page import sentence
from submit.review.work import Work


def is_prepared(position: Position, work: Work) -> bool:
    """Whether the files of the plan at *position* are made."""
    return work.prepared is not None and work.prepared.key == position.key


def current_cost(position: Position, work: Work, spec: EndpointSpec) -> Cost | None:
    """The price of the job; None: no price is known, or something stands in the way.

    A file may last a frame longer than was planned, and every second is billed.
    """
    if work.prepared is not None and is_prepared(position, work):
        return price_of(spec, position.judgement.generation, work.prepared.video_s)
    return position.judgement.cost


def is_done(position: Position, work: Work) -> bool:
    """Whether the video of exactly this job is here."""
    offer = position.judgement.offer
    wish = (work.prepared, offer.request.prompt if offer else "", position.judgement.generation)
    return work.state.stage == "done" and is_prepared(position, work) and work.sent == wish


def offer_id(position: Position, work: Work, spec: EndpointSpec) -> str:
    """An id of everything that is agreed to: the files, the request and the price. Empty: nothing can be submitted."""
    offer = position.judgement.offer
    if offer is None or not is_prepared(position, work):
        return ""
    agreed = (position.key, offer.request.model_dump_json(), str(current_cost(position, work, spec)))
    return hashlib.sha256(repr(agreed).encode()).hexdigest()


def price_data(position: Position, work: Work, spec: EndpointSpec, *, sandbox: bool) -> dict[str, Any]:
    """The price in words, and those of the button and of the question."""
    judgement, cost = position.judgement, current_cost(position, work, spec)
    offer = judgement.offer.model_copy(update={"cost": cost}) if judgement.offer else None
    text = str(cost) if cost else ""
    reasons, output = cost.reasons if cost else (), describe_output(judgement.generation, spec)
    advice = NARROWER.replace("--duration SECONDS", "A fixed duration")
    narrow = cost is not None and cost.is_range and judgement.generation.fixed_s is None
    return {
        "text": text,
        "shown": "$0.00" if sandbox else text or "–",
        "free": sandbox,
        "output": f"would be {text} on the real platform: {output}" if sandbox and text else output,
        "reasons": [f"Because {reason}" for reason in reasons] + [advice] * narrow,
        "terms": f"{'. '.join(map(sentence, (output, *reasons)))}.",
        "offer": offer_id(position, work, spec),
        "button": _button(text, again=is_done(position, work), sandbox=sandbox),
        "again": is_done(position, work),
        "question": question(offer, sandbox=sandbox) if offer else "",
    }


def _button(price: str, *, again: bool, sandbox: bool) -> str:
    if sandbox:
        return "Make another in the sandbox" if again else "Submit to the sandbox"
    verb = "Make another" if again else "Submit"
    return f"{verb} for {price}" if price else f"{verb}, price unknown"
