"""The rules about the parameters of a request and its bill."""

from prep.model.finding import Rule

REQUEST_RULES = (
    Rule(
        name="request-parameter-unlisted",
        about="request",
        severity="info",
        basis="advice",
        subject="the request",
        meaning="A parameter is sent that the endpoint's published schema doesn't list.",
        why="It is documented elsewhere, or was before; the endpoint may ignore it.",
        remedy="don't rely on it",
        example="seed is sent, but the endpoint's published schema no longer lists it; it may be ignored",
    ),
    Rule(
        name="request-parameter-reset",
        about="request",
        severity="warning",
        basis="documented",
        subject="the request",
        meaning="The endpoint resets a parameter to its default because of another one.",
        why="A task that edits or extends a clip takes its length or shape from that clip.",
        remedy="leave the parameter out, or choose another task",
        example="duration is ignored: with task=editing the endpoint sets it to auto",
    ),
    Rule(
        name="request-bill-differs",
        about="request",
        severity="warning",
        basis="advice",
        subject="the bill",
        meaning="The bill differs from the quoted price by more than 1 %.",
        why="Published prices and formulas change, and a price cap relies on them.",
        remedy="look at your bill; `prep-and-submit limits --json` says when the price was read",
        example="quoted $1.52, billed 121.3 units, which is $1.70 at $0.014 a unit",
    ),
)
