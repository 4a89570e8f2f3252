"""The states of a job and which may follow which, as data."""

from collections.abc import Mapping
from typing import Literal, get_args

State = Literal[
    "prepared",  # the files are made; nothing has left
    "uploaded",  # the files have URLs; nothing was sent that costs
    "submitting",  # the request is about to leave, or has left: without a living process it is uncertain
    "uncertain",  # nobody here knows whether the request arrived
    "submitted",  # the platform gave it a request id
    "completed",  # the answer is here, the video is not
    "downloaded",  # the video is here
    "failed",  # refused by the platform
    "cancelled",  # stopped on request; nothing more will come
]

NEXT: Mapping[State, tuple[State, ...]] = {
    "prepared": ("prepared", "uploaded", "cancelled"),  # itself: the same job again, prepared into another folder
    "uploaded": ("uploaded", "submitting", "cancelled"),  # itself: uploaded again, since the URLs had expired
    "submitting": ("submitted", "uploaded", "uncertain", "failed"),  # uploaded: it certainly did not arrive
    "uncertain": ("submitted", "submitting"),  # found on the platform, or sent again because somebody asked for it
    "submitted": ("completed", "failed", "cancelled"),
    "completed": ("downloaded",),
    "downloaded": ("completed",),  # the video is no longer where it was
    "failed": (),
    "cancelled": (),
}

STATES: tuple[State, ...] = get_args(State)
# Running the same job again makes a new one.
OVER: tuple[State, ...] = ("failed", "cancelled")
# Nothing was sent that costs.
UNSENT: tuple[State, ...] = ("prepared", "uploaded")
# Something was, or may have been, paid for, and its video is not here.
OWED: tuple[State, ...] = ("submitting", "uncertain", "submitted", "completed")
