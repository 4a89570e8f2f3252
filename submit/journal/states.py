"""Job states, and which state may follow which."""

from collections.abc import Mapping
from typing import Literal, get_args

JobState = Literal[
    "prepared",  # the files are made; nothing was uploaded
    "uploaded",  # the files have URLs; nothing that costs was sent
    "submitting",  # the request is being sent: without a living process this means uncertain
    "uncertain",  # the request may or may not have arrived
    "submitted",  # the platform gave it a request id
    "completed",  # the answer is here, the video is not
    "downloaded",  # the video is here
    "failed",  # refused by the platform
    "cancelled",  # stopped on request
]

NEXT: Mapping[JobState, tuple[JobState, ...]] = {
    "prepared": ("prepared", "uploaded", "cancelled"),  # itself: the same job prepared again in another folder
    "uploaded": ("uploaded", "submitting", "cancelled"),  # itself: uploaded again because the URLs had expired
    "submitting": ("submitted", "uploaded", "uncertain", "failed"),  # uploaded: it certainly did not arrive
    "uncertain": ("submitted", "submitting"),  # found on the platform, or sent again because the user decided so
    "submitted": ("completed", "failed", "cancelled"),
    "completed": ("downloaded",),
    "downloaded": ("completed",),  # the video is no longer where it was
    "failed": (),
    "cancelled": (),
}

STATES: tuple[JobState, ...] = get_args(JobState)
# Running the same job again makes a new one.
OVER: tuple[JobState, ...] = ("failed", "cancelled")
# Nothing that costs was sent.
UNSENT: tuple[JobState, ...] = ("prepared", "uploaded")
# Paid for, or possibly paid for, and the video is not here.
OWED: tuple[JobState, ...] = ("submitting", "uncertain", "submitted", "completed")
