"""A session with its page served, and a client that was let in."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from prep.net.network import Network
from prep.specs import load_spec
from submit.review.draft import Draft
from submit.review.gate import Gate
from submit.review.server import serving
from submit.review.session import Session, open_session
from submit.review.work import Places
from tests.made import SEEDANCE_2


class Served(NamedTuple):
    """*browser* was let in; its addresses are relative to the page."""

    session: Session
    gate: Gate
    browser: httpx.Client

    def change(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.browser.request(method, path, json=body, headers={"Origin": self.gate.origin})


Serve = Callable[..., Served]
State = dict[str, Any]
PATIENCE_S = 120.0


def until(served: Served, reached: Callable[[State], Any]) -> State:
    """The state of the page once *reached* is true of it, as the page learns of it."""
    deadline = time.monotonic() + PATIENCE_S
    with served.browser.stream("GET", "api/events") as events:
        for line in events.iter_lines():
            state: State = served.browser.get("api/state").json() if line else {}
            if state and reached(state):
                return state
            assert not state or time.monotonic() < deadline, (state["work"], state["verdict"])
    raise AssertionError("the events have ended")


@contextmanager
def open_page(
    folder: Path, *references: str | Path, sandbox: bool = True, network: Network | None = None
) -> Iterator[Served]:
    """A session about *references* that works in *folder*, its page, and a browser that was let in."""
    places = Places(folder / "out", folder / "state", load_spec(SEEDANCE_2), network)
    named = [str(reference) for reference in references]
    with (
        open_session(named, Draft(), places, sandbox=sandbox, root=folder / "root") as session,
        serving(session) as gate,
        httpx.Client(follow_redirects=True, trust_env=False, timeout=60) as browser,
    ):
        browser.base_url = browser.get(gate.link).raise_for_status().url
        yield Served(session, gate, browser)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """`serve("photo.jpg", sandbox=True)` opens a page about paths, until the end of the test."""
    with ExitStack() as stack:
        yield lambda *references, **more: stack.enter_context(open_page(tmp_path, *references, **more))
