"""Context: everything that all stages of one call share."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from prep.errors import Cancelled, unreadable
from prep.model.limits import EndpointSpec
from prep.model.plan import Options
from prep.model.progress import OnProgress, ignore
from prep.telemetry.names import FILE_NAME, FUNCTION, WORKER
from prep.telemetry.spans import span

if TYPE_CHECKING:
    from prep.inputs.access import Access

T = TypeVar("T")
# "process": media are opened in worker processes with limits; "none": in this process, which a bad file may end.
Where = Literal["process", "none"]
SECONDS = 60.0  # of processor time, for a file that is not decoded to its end


def allowed_s(decoded_s: float) -> float:
    """The processor time for decoding so many seconds: 4K in HDR takes about two for each."""
    return SECONDS + 4 * decoded_s


@dataclass(frozen=True)
class Context:
    """*access* opens references and keeps them open for the length of the call.

    *progress* is called from several threads. *cancel* is set to stop the call.
    """

    spec: EndpointSpec
    access: "Access"
    options: Options = field(default_factory=Options)
    progress: OnProgress = ignore
    cancel: threading.Event = field(default_factory=threading.Event)

    def isolated(self, function: Callable[..., T], *arguments: Any, label: str, seconds: float = SECONDS) -> T:
        """Call *function*, which opens the media that messages call *label*, where this call opens media.

        *seconds* is the processor time that it may take. Raises what *function* raises, UnreadableError for an OSError,
        and as `prep.media.isolation.pool.Isolation` does.
        """
        with span(WORKER, {FILE_NAME: label, FUNCTION: function.__name__}):
            call = self.access.isolation.call
            try:
                return call(function, *arguments, label=label, cancel=self.cancel, seconds=seconds)
            except OSError as error:  # its file has gone since it was found
                raise unreadable(label, error) from error

    def stop_if_cancelled(self) -> None:
        """Raise Cancelled when the caller wants to stop."""
        if self.cancel.is_set():
            raise Cancelled("cancelled; nothing was made")
