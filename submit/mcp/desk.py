"""Desk: what all calls of one server share."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mcp.server.mcpserver import Context

from prep.net.network import Network
from submit.mcp.allowance import Allowance
from submit.mcp.documents import Documents


class Agreements:
    """How often the person has agreed to each question, so that no yes counts twice. Any thread may call it."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._lock = threading.Lock()

    def number(self, question: str) -> int:
        with self._lock:
            return self._numbers.get(question, 0)

    def count(self, question: str, before: int) -> bool:
        """Count a yes to *question*, which was asked after *before* others; False: one was counted since."""
        with self._lock:
            if self._numbers.get(question, 0) != before:
                return False
            self._numbers[question] = before + 1
            return True


@dataclass(frozen=True)
class Desk:
    """*roots* are real paths that the person named; empty: the client's roots count. *state* is the place of
    the journal (None: the default). *sandbox*: jobs go to a stand-in and cost nothing.
    """

    roots: tuple[Path, ...] = ()
    state: Path | str | None = None
    sandbox: bool = False
    allowance: Allowance = field(default_factory=Allowance)
    network: Network = field(default_factory=Network)
    documents: Documents = field(default_factory=Documents)
    agreements: Agreements = field(default_factory=Agreements)


Call = Context[Desk, Any]


def desk_of(ctx: Call) -> Desk:
    return ctx.request_context.lifespan_context
