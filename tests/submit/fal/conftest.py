"""The real client, whose connection is a test's to choose."""

import httpx
import pytest
from fal_client.client import BackupDomainTransport

from submit.fal import Fal
from tests.submit.fal.wire import Handler, Through


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch) -> Through:
    """A Fal whose client sends through the given transport; its guard and its retries are the real ones."""

    def made(transport: httpx.BaseTransport | Handler) -> Fal:
        inner = transport if isinstance(transport, httpx.BaseTransport) else httpx.MockTransport(transport)
        monkeypatch.setattr(
            "submit.fal.guarded_client.BackupDomainTransport", lambda: BackupDomainTransport(transport=inner)
        )
        monkeypatch.setattr("fal_client.client.BASE_DELAY", 0)  # retries follow at once
        return Fal("key")

    return made
