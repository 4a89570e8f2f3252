"""Job states, and which state may follow which."""

from collections.abc import Mapping
from typing import Literal, get_args

JobState = Literal[
    "prepared",  # the files are made; nothing was uploaded
    "uploaded",  # the files have URLs; nothing that costs was sent
    "submitting",  # the request is being sent: without a living process this means uncertain
    "uncertain",  # the request may or may not have arrived, or it is completed and its answer can't be fetched
    "submitted",  # the platform gave it a request id
    "completed",  # the answer is here, the video is not
    "downloaded",  # the video is here
    "failed",  # refused by the platform
    "cancelled",  # stopped on request
]

NEXT: Mapping[JobState, tuple[JobState, ...]] = {
    # itself: prepared again in another folder, or uploaded again because the URLs had expired; submitted: the journal
    # had lost that it was sent, and the user named its request
    "prepared": ("prepared", "uploaded", "submitted", "cancelled"),
    "uploaded": ("uploaded", "submitting", "submitted", "cancelled"),
    "submitting": ("submitted", "uploaded", "uncertain"),  # uploaded: it certainly did not arrive
    # found on the platform, sent again because the user decided so, or answered after all
    "uncertain": ("submitted", "submitting", "completed", "failed", "cancelled"),
    "submitted": ("completed", "failed", "cancelled", "uncertain"),
    "completed": ("downloaded",),
    "downloaded": ("completed",),  # the video is no longer where it was
    "failed": ("completed",),  # the answer was asked for once more
    "cancelled": ("completed",),
}

STATES: tuple[JobState, ...] = get_args(JobState)
# Running the same job again makes a new one, unless the platform has accepted the request.
OVER: tuple[JobState, ...] = ("failed", "cancelled")
# Nothing that costs was sent.
UNSENT: tuple[JobState, ...] = ("prepared", "uploaded")
# Paid for, or possibly paid for, and the video is not here.
OWED: tuple[JobState, ...] = ("submitting", "uncertain", "submitted", "completed")
