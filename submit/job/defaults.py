"""Defaults of a call: the platform, and the journal for it."""

import os

from submit.journal import Journal
from submit.journal.store import default_folder
from submit.platform import SANDBOX_ACCOUNT, Platform


def open_journal(state: str | os.PathLike[str] | None, platform: Platform) -> Journal:
    """Open the journal in *state*; the default for a sandbox is one of its own, apart from paid jobs."""
    if state is None and platform.account == SANDBOX_ACCOUNT:
        return Journal(default_folder() / "sandbox")
    return Journal(state)


def default_platform() -> Platform:
    """The platform fal with the key in FAL_KEY. Raises RefusedError without one."""
    from submit.fal import Fal, key_from_environment

    return Fal(key_from_environment())
