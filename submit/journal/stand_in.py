"""Sandbox of a job: which one took it, and whether that still runs."""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from prep.media.io.files import sha256
from submit.journal.record import JobRecord, StandIn
from submit.journal.states import OWED, UNSENT
from submit.loopback import LOOPBACK
from submit.platform import SANDBOX_ACCOUNT, environment_account

CONNECT_S = 0.3


def environment_stand_in() -> StandIn | None:
    """The sandbox that the exports in the environment lead to; None: they are not set, or its folder is gone."""
    if not _are_exports_set():
        return None
    try:
        port = urlsplit(os.environ.get("HTTPS_PROXY", "")).port
        authority = Path(os.environ.get("SSL_CERT_FILE", "")).absolute()
        return None if port is None else StandIn(port=port, authority=authority, sha256=sha256(authority))
    except (OSError, ValueError):
        return None


def sandbox_ended(job: JobRecord) -> bool:
    """Return whether *job* waits for a sandbox that has ended.

    One whose sandbox is not recorded waits for that of the environment, if any.
    """
    if not job.sandbox or job.state not in (*UNSENT, *OWED):
        return False
    if job.stand_in is None:
        return not _are_exports_set()
    return not _runs(job.stand_in)


def can_be_asked(job: JobRecord) -> bool:
    """Return whether the environment leads to the sandbox of *job*, and that still runs."""
    return not sandbox_ended(job) and job.stand_in in (None, environment_stand_in())


def _runs(stand_in: StandIn) -> bool:
    """Each sandbox makes an authority of its own, and where it was killed nobody listens at its port."""
    try:
        if sha256(stand_in.authority) != stand_in.sha256:
            return False
        with socket.create_connection((LOOPBACK, stand_in.port), CONNECT_S):
            return True
    except OSError:
        return False


def _are_exports_set() -> bool:
    return environment_account() == SANDBOX_ACCOUNT
