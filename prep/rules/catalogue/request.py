"""The rules about the parameters of a request and its bill."""

from prep.model.finding import Rule

REQUEST_RULES = (
    Rule(
        name="request-parameter-unlisted",
        about="request",
        severity="info",
        basis="advice",
        subject="the request",
        meaning="A parameter is sent that the endpoint's published schema does not list.",
        why="The endpoint documents it elsewhere, or did so before; it may ignore it.",
        remedy="do not rely on it",
        example="seed=7, for an endpoint whose page names `seed` and whose OpenAPI document does not",
    ),
    Rule(
        name="request-parameter-reset",
        about="request",
        severity="warning",
        basis="documented",
        subject="the request",
        meaning="The endpoint puts a parameter back to its default because of another one.",
        why="A task that edits or extends a clip takes length or shape from that clip.",
        remedy="leave the parameter out, or choose another task",
        example="duration=5 with task=editing",
    ),
    Rule(
        name="request-bill-differs",
        about="request",
        severity="warning",
        basis="advice",
        subject="the bill",
        meaning="The platform billed more than 1 % more or less than the price that was quoted.",
        why="Published prices and formulas change; a cap on the price is only as good as they are.",
        remedy="look at your bill, and check the price again: 'prep-and-submit limits' says when it was read",
        example="quoted $1.52, billed 121.3 units, which is $1.70 at $0.014 a unit",
    ),
)
