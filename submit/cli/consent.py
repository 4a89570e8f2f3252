"""Consent on the command line, to a job or to a batch: the offer is shown, then one question is asked."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from prep.cli.project import was_typed
from prep.cli.terminal import fitted, say
from submit.cli.arguments import in_sandbox

if TYPE_CHECKING:
    from prep.cli.progress import ProgressDisplay
    from submit.batches.survey import BatchOffer
    from submit.request.offer import Offer

NOBODY_TO_ASK = "needs your agreement, and nobody can be asked here; pass --yes or --max-cost USD"


@contextmanager
def shown_if_too_expensive(arguments: dict[str, Any], progress: "ProgressDisplay") -> Iterator[None]:
    """Show the plan and its price before a refusal over the cap: they say where the seconds go."""
    from submit.errors import TooExpensive
    from submit.render import offer_text

    try:
        yield
    except TooExpensive as error:
        if not arguments["as_json"]:
            with progress.paused():
                say(f"{offer_text(error.offer, sandbox=in_sandbox(arguments))}\n")
        raise


class Consenting:
    """Shows an offer and asks, unless a flag has answered. *offer* is what was shown last, None: nothing was.

    *heading* goes before the first offer. *err*: everything is shown on stderr, since stdout is for the result alone.
    """

    def __init__(
        self, arguments: dict[str, Any], progress: "ProgressDisplay", heading: str = "", *, err: bool = False
    ) -> None:
        self._err = err or arguments["as_json"]
        self._heading = heading
        self._arguments = arguments
        self._progress = progress
        self.offer: Offer | None = None
        # a cap in a file limits the price, and agrees to nothing: the file may have come with a folder from elsewhere
        self._needed = not (arguments["yes"] or arguments.get("sandbox") or was_typed("max_cost"))

    def __call__(self, offer: "Offer") -> bool:
        from prep.errors import RefusedError
        from prep.render.text import findings_text
        from submit.render import offer_text, question
        from submit.request.agreement import damage_since

        news = damage_since(self.offer, offer) if self.offer else ()
        rise = "The price has risen. " if self.offer and not news else ""
        sandbox = in_sandbox(self._arguments)
        needed, possible = self._needed, _can_ask()
        with self._progress.paused():
            # with --json stdout holds the document alone, and nobody reads the text unless there is a question
            if not self._arguments["as_json"] or (needed and possible):
                if not self.offer:
                    say(f"{self._heading}{offer_text(offer, sandbox=sandbox)}\n", err=self._err)
                elif news:
                    say(f"{findings_text(news)}\n", err=self._err)
            self.offer = offer
            if not needed:
                return True
            if not possible:
                what = "a job in the sandbox" if sandbox else f"paying {offer.cost or 'an unknown price'}"
                raise RefusedError(f"{what} {NOBODY_TO_ASK}")
            return _ask(f"{rise}{question(offer, sandbox=sandbox)}")


def batch_consent(
    values: dict[str, Any], budget: Decimal | None, paused: Callable[[], AbstractContextManager[None]]
) -> "Callable[[BatchOffer], bool]":
    """The function that shows the offer for a batch and asks, unless a flag has answered."""

    def agrees(offer: "BatchOffer") -> bool:
        from prep.errors import RefusedError
        from submit.batches.render import offer_text, question

        needed = not (values["yes"] or values["sandbox"] or budget is not None)
        with paused():
            if not values["as_json"] or (needed and _can_ask()):
                say(f"{offer_text(offer, sandbox=values['sandbox'])}\n", err=values["as_json"])
            if not needed:
                return True
            if not _can_ask():
                raise RefusedError(f"paying {offer.cost} {NOBODY_TO_ASK}")
            return _ask(question(offer))

    return agrees


def _can_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask(question: str) -> bool:
    try:
        return click.confirm(fitted(question, err=True), default=False, err=True)
    except click.Abort:  # Ctrl-C, or the end of the input
        raise KeyboardInterrupt from None
