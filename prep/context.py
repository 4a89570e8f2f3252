"""What every stage of one call needs."""

import threading

from prep.errors import Cancelled


def stop_if(cancel: threading.Event | None) -> None:
    """Raise Cancelled when *cancel* is set."""
    if cancel is not None and cancel.is_set():
        raise Cancelled("cancelled; nothing was made")
