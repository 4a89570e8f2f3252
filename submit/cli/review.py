"""`prep-and-submit review`."""

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click

from prep.cli.arguments import parameters, preparation, references
from prep.cli.call import network_of, read_call
from prep.cli.logs import logging_options
from prep.cli.signals import wait_for_signal
from submit.cli.arguments import (
    expires,
    faults,
    in_sandbox,
    out_folder,
    platform_environment,
    refuse_placeholder,
    refuse_urls_in_sandbox,
    sandbox,
    state,
    upload_to,
)


@click.command(
    epilog="Example: prep-and-submit review hero.heic walk=walk.mov --prompt '@Image1 walks like @walk' --sandbox"
)
@references
@click.option("--prompt", default=None, help="Describe the video; you can change this on the page.")
@out_folder
@parameters
@sandbox
@faults
@upload_to
@expires
@state
@preparation
@click.option("--no-browser", is_flag=True, help="Print the link; open no browser.")
@logging_options
def review(**given: Any) -> int:
    """See the plan in a browser, change it, and submit it.

    REF is a file or URL, optionally NAME=FILE#t=START,END; 'check --help' has the rest.

    The page shows each reference as it is and as it will be, lets you trim, crop, reorder and drop files, and asks
    before it pays. It is served on this machine alone, to the one browser that opens the printed link. Ctrl-C ends it;
    a job that was submitted goes on. Needs FAL_KEY to submit, unless --sandbox is given.
    """
    from prep.specs import load_spec
    from submit.loopback import require_extra
    from submit.request.build import refuse_half_characters
    from submit.review.draft import Draft
    from submit.review.server import serving
    from submit.review.session import open_session
    from submit.review.work import Places

    require_extra("review", "the review page needs", "starlette", "uvicorn", "jinja2")
    chosen = read_call(given)
    refuse_placeholder(chosen.prompt or "")
    refuse_half_characters(chosen.prompt or "")
    refuse_urls_in_sandbox(given, chosen.references)
    spec = load_spec(chosen.endpoint)
    with platform_environment(given) as journal:
        places = Places(given["out"], journal, spec, network_of(given), given["expires"], given["upload_to"])
        draft = Draft(prompt=chosen.prompt or "", generation=chosen.generation, options=chosen.options)
        with (
            open_session(chosen.references, draft, places, sandbox=in_sandbox(given)) as session,
            serving(session) as gate,
        ):
            _show(gate.link, browser=not given["no_browser"])
            _wait(lambda: _show(gate.renew(), browser=False))
        click.echo(session.work.farewell() or "ended", err=True)
    return 0


def _show(link: str, *, browser: bool) -> None:
    how = "Only one browser can use this link. Press Enter for a new link, Ctrl-C to stop."
    click.echo(f"Review page: {link}\n{how}", err=True)
    if browser and _has_screen():
        import webbrowser

        threading.Thread(target=webbrowser.open, args=(link,), daemon=True).start()


def _has_screen() -> bool:
    """Whether a window can be opened: a browser of the terminal would take that over."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _answer_lines(on_enter: Callable[[], None]) -> None:
    for _ in sys.stdin:
        on_enter()


def _wait(on_enter: Callable[[], None]) -> None:
    """Wait for Ctrl-C; on a terminal, call *on_enter* for each line."""
    if sys.stdin.isatty():
        threading.Thread(target=_answer_lines, args=(on_enter,), daemon=True).start()
    with suppress(KeyboardInterrupt):
        wait_for_signal()
