"""The receipt: what was asked, what it costs and where the result is. Written before and after the paid step."""

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from prep.errors import UsageError
from prep.model.limits import Value
from submit.cost import Cost
from submit.ports import Ticket
from submit.request import Request

RECEIPT = "receipt.json"


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
