"""HTML of a report: one page that needs no network, no script and no other file."""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from prep.errors import UsageError
from prep.flag_names import in_flags
from prep.model.redact import shown
from prep.render.html.page_values import Page
from prep.render.verdict import way_out

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

DOCTYPE = "<!doctype html>"
HALF = 50.0  # of the height that a waveform is drawn in


def page_html(page: Page) -> str:
    """The page. Raises UsageError saying what to install when Jinja2 is missing."""
    return template().render(page=page) + "\n"


@cache
def template() -> "Template":
    """The page's template. Raises UsageError saying what to install when Jinja2 is missing."""
    try:
        from jinja2 import Environment, FunctionLoader, StrictUndefined
    except ImportError:
        raise UsageError(
            "--report needs Jinja2, which is not installed: pip install 'prep-and-submit[report]'"
        ) from None
    folder = files("prep.render.html").joinpath("templates")
    environment = Environment(
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.filters["prose"] = prose
    environment.filters["way_out"] = way_out
    environment.filters["capitalized"] = lambda text: prose(text[:1].upper() + text[1:])
    environment.filters["percent"] = lambda part: f"{part * 100:.3f}%"
    environment.filters["wave"] = wave_path
    environment.filters["anchor"] = lambda tag: tag.removeprefix("@").lower()
    return environment.get_template("report.html")


def wave_path(wave: tuple[float, ...]) -> str:
    """The SVG path of a waveform: a bar for each value, around the middle of a height of 100."""
    bars = ((index + 0.2, max(0.5, value * (HALF - 2))) for index, value in enumerate(wave))
    return "".join(f"M{x:.1f} {HALF - half:.1f}h.6v{2 * half:.1f}h-.6z" for x, half in bars)


def prose(text: str) -> "Markup":
    """*text* with flags for parameters, and what stands between backticks as code."""
    from markupsafe import Markup, escape

    parts = in_flags(_visible(text), quote="`").split("`")
    if len(parts) % 2 == 0:  # a backtick of somebody's name
        return escape("`".join(parts))
    return Markup().join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )


def _visible(value: Any) -> Any:
    """*value* with what names, prompts and messages may hide made visible, and without the secrets in URLs."""
    if type(value) is not str or (value.isprintable() and "://" not in value):
        return value  # numbers, markup, and most texts
    return "\n".join(shown(line) for line in value.split("\n"))
