"""Reports, plans and manifests as text and as HTML for notebooks."""

from html import escape

from prep.model.manifest import Manifest
from prep.model.plan import Plan
from prep.model.report import Report
from prep.render.text import manifest_text, plan_text, report_text

STYLE = "white-space: pre-wrap; overflow-wrap: anywhere"


def text_of(value: Report | Plan | Manifest) -> str:
    """The text that the command prints about *value*."""
    if isinstance(value, Report):
        return report_text(value)
    if isinstance(value, Plan):
        return plan_text(value)
    return manifest_text(value, str(value.folder) if value.folder else None)


def html_of(value: Report | Plan | Manifest) -> str:
    """The same as HTML, with the conclusion in bold; it needs no style sheet and no script."""
    conclusion, _, rest = text_of(value).partition("\n")
    return f'<pre style="{STYLE}"><strong>{escape(conclusion)}</strong>\n{escape(rest)}</pre>'
