"""Tools about limits and rules: limits and explain."""

from typing import Annotated

from pydantic import Field

from prep.errors import UsageError
from prep.render.rules import rule_text, rules_text
from prep.render.text import limits_text
from prep.rules.catalogue import RULES
from prep.rules.select import unknown_rule
from prep.specs import DEFAULT_ENDPOINT, all_specs, load_spec
from submit.mcp.answers import NextCall, Reply, ToolResult, answer
from submit.mcp.calls import answering
from submit.mcp.desk import Call
from submit.mcp.files import Endpoint


@answering
async def limits(ctx: Call, endpoint: Endpoint = DEFAULT_ENDPOINT) -> ToolResult:
    """Show every limit and request parameter of an endpoint, and which other endpoints there are."""
    spec = load_spec(endpoint)
    others = tuple(name for name in all_specs() if name != spec.endpoint)
    following = [NextCall(tool="check", why="compare files with these limits", arguments={"endpoint": endpoint})]
    data = {"spec": spec.model_dump(mode="json"), "others": list(others)}
    return answer("limits", Reply(True, limits_text(spec, others), (), data, following), ctx)


@answering
async def explain(
    ctx: Call, rule: Annotated[str | None, Field(description="A rule's name; leave it out to list all.")] = None
) -> ToolResult:
    """Explain a rule: its meaning, its reason, and how to fix what breaks it."""
    if rule is not None and rule not in RULES:
        raise UsageError(unknown_rule(rule, RULES))
    chosen = [RULES[rule]] if rule else list(RULES.values())
    data = {"rules": [one.model_dump(mode="json") for one in chosen]}
    if rule:
        following = [NextCall(tool="plan", why="see what `prep` would do")]
    else:
        following = [NextCall(tool="explain", why="read about one of them", arguments={"rule": next(iter(RULES))})]
    text = rule_text(chosen[0]) if rule else rules_text(chosen)
    return answer("explain", Reply(True, text, (), data, following), ctx)
