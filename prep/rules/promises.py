"""Promises of fixes, compared with a plan: some findings remain after it, others vanish as a side effect."""

from collections.abc import Sequence

from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.plan import Plan
from prep.rules.catalogue import RULES
from prep.rules.private import without_hint
from prep.rules.single import check_one


def with_true_promises(findings: Sequence[Finding], plan: Plan, spec: EndpointSpec) -> list[Finding]:
    """*findings* without a fix where they remain after *plan*, with one where it re-makes their file without them."""
    unfixable = {(finding.rule, finding.tag) for finding in plan.unfixable}
    remaining = {
        entry.tag: {finding.rule for finding in check_one(entry.predicted, spec)}
        for entry in plan.entries
        if entry.steps
    }

    def judged(finding: Finding) -> Finding:
        if (finding.rule, finding.tag) in unfixable:
            finding = finding.model_copy(update={"fix": None})
        beside = RULES[finding.rule].beside if finding.rule in RULES else None
        if finding.fix or beside is None or finding.rule in remaining.get(finding.tag or "", {finding.rule}):
            return finding
        return without_hint(finding).model_copy(update={"fix": beside})

    return [judged(finding) for finding in findings]
