"""Consent to a batch on the command line: the offer is shown, then one question is asked."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from prep.cli.terminal import fitted, say
from submit.cli.consent import NOBODY_TO_ASK

if TYPE_CHECKING:
    from submit.batches.survey import BatchOffer


class BatchConsent:
    """Shows an offer and asks, unless a flag has answered."""

    def __init__(
        self, values: dict[str, Any], budget: Decimal | None, paused: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._values, self._budget, self._paused = values, budget, paused

    def __call__(self, offer: "BatchOffer") -> bool:
        from prep.errors import RefusedError
        from submit.batches.render import offer_text, question

        needed = not (self._values["yes"] or self._values["sandbox"] or self._budget is not None)
        possible = sys.stdin.isatty() and sys.stderr.isatty()
        with self._paused():
            if not self._values["as_json"] or (needed and possible):
                say(f"{offer_text(offer, sandbox=self._values['sandbox'])}\n", err=self._values["as_json"])
            if not needed:
                return True
            if not possible:
                raise RefusedError(f"paying {offer.cost} {NOBODY_TO_ASK}")
            try:
                return click.confirm(fitted(question(offer), err=True), default=False, err=True)
            except click.Abort:  # Ctrl-C, or the end of the input
                raise KeyboardInterrupt from None
