"""The wire between the client and the platform: what arrives is kept, the answers are a test's choice."""

from collections.abc import Callable

import httpx

from submit.fal import Fal

Handler = Callable[[httpx.Request], httpx.Response]
Through = Callable[[httpx.BaseTransport | Handler], Fal]
TAKEN = {
    "request_id": "abc",
    "response_url": "https://queue.fal.run/o/a/requests/abc",
    "status_url": "https://queue.fal.run/o/a/requests/abc/status",
    "cancel_url": "https://queue.fal.run/o/a/requests/abc/cancel",
}

TOKEN = {
    "token": "t",
    "token_type": "Bearer",
    "base_url": "https://v3.fal.media",
    "expires_at": "2030-01-01T00:00:00+00:00",
}


def for_uploads(handler: Handler) -> Handler:
    """*handler* behind an endpoint that gives tokens for uploads."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=TOKEN) if request.url.path == "/storage/auth/token" else handler(request)

    return answer


class Wire:
    """A transport that keeps what arrives and answers the posts one after another; the last answer stays."""

    def __init__(self, *answers: httpx.Response | Exception | Callable[[], httpx.Response]) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer()


def taken() -> httpx.Response:
    return httpx.Response(200, json=TAKEN)
