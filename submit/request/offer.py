"""An order, what the caller wants to generate, and the offer for it, which the caller agrees to."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from pydantic import Field

from prep.model.finding import Finding
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.model.plan import Plan
from prep.model.value import Value
from prep.pricing.cost import Cost
from submit.request.build import Request


class Offer(Value):
    """What will be prepared, sent and paid. *plan* is None when the files were prepared before.

    *request* has the files' names where their URLs will be. *content* identifies what each tag sends, empty while the
    files are not made. *cost* None: no price is known. *output* describes the video ("auto length 4–15 s, 720p").
    *findings* are warnings and advice; the first of them, *recorded* in number, are as the manifest of the prepared
    files has them, and whoever can write that file can change them.
    """

    plan: Plan | None
    request: Request
    cost: Cost | None
    output: str
    findings: tuple[Finding, ...] = ()
    recorded: int = 0
    endpoint: str = ""
    content: Mapping[str, str] = Field(default_factory=dict)


Confirm = Callable[[Offer], bool]


class Order(NamedTuple):
    """What the caller wants to generate, and on which conditions. *generation* has its defaults filled in.

    *own_uploads*: a function of the caller's uploads the files, not the platform.
    """

    prompt: str
    spec: EndpointSpec
    generation: Generation
    max_cost: Decimal | None = None
    confirm: Confirm | None = None
    again: bool = False
    webhook: str | None = None
    own_uploads: bool = False
