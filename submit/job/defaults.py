"""Defaults of a call: the platform, and the journal for it."""

from pathlib import Path

from submit.journal import Journal
from submit.journal.place import State, folder_of
from submit.platform import SANDBOX_ACCOUNT, Platform

WITHOUT_KEY = ". No key is needed with --sandbox, nor for check, plan, price, prep or run --dry-run"


def sandbox_folder(state: State | None) -> Path:
    """The folder of the journal of sandbox jobs, on this computer, for the journal in *state* (None: the default)."""
    return folder_of(state) / "sandbox"


def open_journal(state: State | None, platform: Platform) -> Journal:
    """Open the journal in *state*; the default for a sandbox is one of its own, apart from paid jobs."""
    if state is None and platform.account == SANDBOX_ACCOUNT:
        return Journal(sandbox_folder(None))
    return Journal(state)


def default_platform(otherwise: str = "") -> Platform:
    """The platform fal with the key in FAL_KEY. Raises RefusedError, which says *otherwise* too, without one."""
    from submit.fal import Fal, key_from_environment

    return Fal(key_from_environment(otherwise=otherwise))


def platform_for_new_jobs() -> Platform:
    """As `default_platform`; the error also says what can be done without a key."""
    return default_platform(WITHOUT_KEY)
