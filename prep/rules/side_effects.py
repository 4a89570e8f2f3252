"""Side effects: findings that vanish because their file is re-made for another reason."""

from collections.abc import Sequence

from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.plan import Plan
from prep.rules.catalogue import RULES
from prep.rules.private import without_hint
from prep.rules.single import check_one


def with_side_effects(findings: Sequence[Finding], plan: Plan, spec: EndpointSpec) -> list[Finding]:
    """*findings* with a fix also where *plan* re-makes their file, for whatever reason, without what they are about."""
    remaining = {
        entry.tag: {finding.rule for finding in check_one(entry.predicted, spec)}
        for entry in plan.entries
        if entry.steps
    }
    return [
        _with_fix(finding) if finding.tag in remaining and finding.rule not in remaining[finding.tag] else finding
        for finding in findings
    ]


def _with_fix(finding: Finding) -> Finding:
    fix = RULES[finding.rule].beside if finding.rule in RULES else None
    if finding.fix or fix is None:
        return finding
    return without_hint(finding).model_copy(update={"fix": fix})
