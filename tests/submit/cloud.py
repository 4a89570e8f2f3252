"""A platform in memory. What happens when is a test's to say; everything that arrives is kept."""

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from submit.errors import SizeDiffers
from submit.platform import Answer, ListedRequest, State, Ticket


def raising(error: BaseException) -> Callable[..., None]:
    """A hook that raises *error*, whatever it is given."""

    def hook(*_: object) -> None:
        raise error

    return hook


class Cloud:
    """Implements Platform."""

    def __init__(self) -> None:
        self.account = "account"
        self.uploads: list[tuple[str, str]] = []
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.webhooks: list[str | None] = []
        self.downloads: list[str] = []
        self.cancelled: list[str] = []
        self.polls = 0
        self.request_id = "abc-123"
        self.states = [State(status="completed")]
        self.answer: dict[str, Any] | Exception = {"video": {"url": "https://fal.media/v.mp4"}, "seed": 7}
        self.list: list[ListedRequest] | Exception = []
        self.listed_since: datetime | None = None
        self.cdn = "https://cdn"
        self.urls_work = True
        self.can_cancel = True
        self.video = b"the video"
        self.billed_units: str | None = None
        self.on_upload: Callable[[Path], None] = lambda path: None
        self.on_submit: Callable[[], None] = lambda: None
        self.on_state: Callable[[], None] = lambda: None
        self.on_list: Callable[[], None] = lambda: None
        self.on_result: Callable[[], None] = lambda: None
        self.on_download: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def upload(self, path: Path, media_type: str, expires: str, on_bytes: Callable[[int], None]) -> str:
        size = path.stat().st_size
        self.on_upload(path)
        with self._lock:
            self.uploads.append((path.name, media_type))
        on_bytes(size)
        return f"{self.cdn}/{path.name}"

    def has_upload(self, url: str, size_bytes: int) -> bool:
        return self.urls_work

    def submit(self, endpoint: str, arguments: Mapping[str, Any], webhook: str | None) -> Ticket:
        self.posts.append((endpoint, dict(arguments)))
        self.webhooks.append(webhook)
        self.on_submit()
        return self.ticket(endpoint, self.request_id)

    def ticket(self, endpoint: str, request_id: str) -> Ticket:
        names = ("response_url", "status_url", "cancel_url")
        return Ticket(request_id=request_id, **{name: f"https://queue/{request_id}/{name}" for name in names})

    def state(self, endpoint: str, request_id: str) -> State:
        self.polls += 1
        self.on_state()
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]

    def result(self, endpoint: str, request_id: str) -> Answer:
        self.on_result()
        if isinstance(self.answer, Exception):
            raise self.answer
        return Answer(body=self.answer, billed_units=self.billed_units)

    def cancel(self, endpoint: str, request_id: str) -> bool:
        self.cancelled.append(request_id)
        return self.can_cancel

    def list_requests(self, endpoint: str, since: datetime) -> Iterable[ListedRequest]:
        self.listed_since = since
        self.on_list()
        if isinstance(self.list, Exception):
            raise self.list
        return self.list

    def download(self, url: str, target: Path, size_bytes: int | None, on_bytes: Callable[[int, int], None]) -> None:
        self.on_download()
        self.downloads.append(url)
        if size_bytes not in (None, len(self.video)):
            raise SizeDiffers(f"it is not the {size_bytes} bytes that were announced")
        target.write_bytes(self.video)
