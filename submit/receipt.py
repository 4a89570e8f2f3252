"""The receipt: what was asked, what it costs and where the result is. Written before and after the paid step."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from prep.errors import UsageError
from prep.model.limits import Value
from submit.cost import Cost
from submit.ports import Ticket
from submit.request import Request

RECEIPT = "receipt.json"
UNSAFE = re.compile(r"[^A-Za-z0-9-]")


class Receipt(Value):
    """*state* "submitting" that stays means that it is not known whether the request arrived.

    *urls* maps tags to the uploaded files, *result* is the endpoint's answer, *path* the downloaded video's name.
    """

    state: Literal["submitting", "submitted", "completed", "refused", "downloaded"]
    endpoint: str
    request: Request
    urls: dict[str, str]
    cost: Cost | None
    ticket: Ticket | None = None
    result: dict[str, Any] | None = None
    path: str | None = None
    timings_s: dict[str, float] = Field(default_factory=dict)


def write_receipt(folder: Path, receipt: Receipt) -> None:
    """Replace the receipt in *folder*, synced to disk before this returns: it must survive whatever happens next."""
    temporary = folder / f"{RECEIPT}.part"
    with temporary.open("w", encoding="utf-8") as file:
        file.write(receipt.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, folder / RECEIPT)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """A rename is safe only when the folder is written as well; some systems do not open folders."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def short_id(ticket: Ticket) -> str:
    """What names the files of a request; the id comes from outside and may hold anything."""
    return UNSAFE.sub("", ticket.request_id)[:8] or "unknown"


def keep_receipt(folder: Path) -> None:
    """Give the receipt of an earlier, finished job in *folder* a name of its own, beside its video."""
    earlier = read_receipt(folder)
    if earlier is not None and earlier.ticket is not None:
        os.replace(folder / RECEIPT, folder / f"receipt-{short_id(earlier.ticket)}.json")


def read_receipt(folder: Path) -> Receipt | None:
    """The receipt in *folder*; None when there is none. Raises UsageError when it can't be read."""
    path = folder / RECEIPT
    try:
        return Receipt.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise UsageError(f"{folder}: not a folder; choose another --out") from None
    except (OSError, ValidationError) as error:
        raise UsageError(
            f"{path}: can't be read, and it may be the trace of something that was paid for; "
            "move it away, or choose another --out"
        ) from error
