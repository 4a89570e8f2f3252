"""Findings about lengths that a reader may believe although they are wrong."""

from prep.rules.amounts import amounts
from prep.rules.findings import Findings, advice


def misleading(rule: str, measured_s: float, claimed_s: float | None, source: str) -> Findings:
    """One finding when *source* claims *claimed_s* for what lasts *measured_s*; None: it does not mislead."""
    if claimed_s is None:
        return ()
    actual, claimed = amounts(measured_s, claimed_s, "s")
    message = f"lasts {actual}, but its {source} suggests {claimed}, which the endpoint may believe"
    return advice(rule, claimed_s, measured_s, message, "s")
