"""Promises of fixes, compared with a plan: some findings remain after it, others vanish as a side effect.

Where the user chose the other way out, a fix names that one.
"""

from collections.abc import Sequence

from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.plan import Options, Plan
from prep.rules.catalogue import RULES
from prep.rules.private import without_hint
from prep.rules.single import check_one


def with_true_promises(findings: Sequence[Finding], plan: Plan, spec: EndpointSpec, options: Options) -> list[Finding]:
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
        elif finding.fix:
            return finding.model_copy(update={"fix": _as_chosen(finding.rule, finding.fix, options)})
        beside = RULES[finding.rule].beside if finding.rule in RULES else None
        if beside is None or finding.rule in remaining.get(finding.tag or "", {finding.rule}):
            return finding
        return without_hint(finding).model_copy(update={"fix": beside})

    return [judged(finding) for finding in findings]


def _as_chosen(rule: str, fix: str, options: Options) -> str:
    """*fix* as *options* have it: a crop widens no side, so what is too small is scaled up as if there were no bars."""
    if options.fit == "crop" and "`fit=crop`" in fix:
        return "crop it" if "-aspect-" in rule else RULES[rule].fix or fix
    if options.short == "loop" and "`short=loop`" in fix:
        return "repeat it until it is long enough"
    return fix
