"""A session with its page served, and a client that was let in."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

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


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """`serve("photo.jpg", sandbox=True)` opens a session about paths and serves it."""
    with ExitStack() as stack:

        def served(*references: str | Path, sandbox: bool = True) -> Served:
            places = Places(tmp_path / "out", tmp_path / "state", load_spec(SEEDANCE_2), None)
            session = stack.enter_context(
                open_session([str(one) for one in references], Draft(), places, sandbox=sandbox, root=tmp_path / "root")
            )
            gate = stack.enter_context(serving(session))
            browser = stack.enter_context(httpx.Client(follow_redirects=True, trust_env=False, timeout=60))
            browser.base_url = browser.get(gate.link).raise_for_status().url
            return Served(session, gate, browser)

        yield served
