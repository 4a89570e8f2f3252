"""Guarded client: its submitting POST is sent at most once (docs/decisions/0002-no-second-post.md)."""

from collections.abc import Mapping
from functools import cached_property

import httpx
from fal_client.client import USER_AGENT, BackupDomainTransport, SyncClient

from submit.errors import SubmitUncertain
from submit.fal.answers import UNREACHABLE, ReadableResponse, has_ticket, in_words, request_id_of
from submit.fal.bounded import Bounded

# After these answers the platform may have accepted the request all the same.
DOUBTFUL_STATUS = (408, 409)  # and every 5xx


class GuardedClient(SyncClient):
    """A client that sends each POST at most once; uploads, which cost nothing, have a client of their own.

    fal_client repeats that POST up to ten times after transport errors and some statuses; the platform has no
    idempotency key, so each repeat may be a second paid job (measured: one dropped answer made two queue entries).
    """

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(
            transport=_OnePost(Bounded(BackupDomainTransport())),
            headers={"Authorization": self._auth.header_value, "User-Agent": USER_AGENT},
            timeout=self.default_timeout,
            follow_redirects=True,
        )

    def fetch(self, url: str, parameters: Mapping[str, str], timeout_s: float | None = None) -> httpx.Response:
        """The answer to one GET, which nothing repeats."""
        return self._client.get(url, params=dict(parameters) or None, timeout=timeout_s or self.default_timeout)


class _OnePost(httpx.BaseTransport):
    """Lets errors pass when certainly nothing was sent; all others become SubmitUncertain, which nothing repeats."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST":
            return ReadableResponse.of(self._transport.handle_request(request))
        # a kept-alive connection that the server has closed looks like an uncertain submission
        request.headers["Connection"] = "close"
        try:
            response = ReadableResponse.of(self._transport.handle_request(request))
        except UNREACHABLE:
            raise
        except httpx.TransportError as error:
            raise SubmitUncertain(f"it is not known whether the request arrived: {in_words(error)}") from error
        try:
            response.read()
        except httpx.HTTPError as error:
            raise SubmitUncertain(
                f"the answer to the request could not be read: {in_words(error)}", hint=request_id_of(response)
            ) from error
        if doubt := _doubt(response):
            raise SubmitUncertain(doubt, hint=request_id_of(response))
        return response

    def close(self) -> None:
        self._transport.close()


def _doubt(response: httpx.Response) -> str:
    """Why it is open whether the platform accepted the request; empty: it is not."""
    status = response.status_code
    if status in DOUBTFUL_STATUS or status >= 500:
        return f"the platform answered {status}, which leaves open whether it accepted the request"
    if 300 <= status < 400:  # each hop would be one more POST that may be accepted
        return f"the platform answered {status}, a redirect, which was not followed"
    if response.is_success and not has_ticket(response):
        return f"the platform answered {status}, and the answer is not as documented"
    return ""
