"""Place of a journal: a folder on this computer, or the address of a PostgreSQL database that several share."""

import os
import re
from pathlib import Path

from platformdirs import user_state_path

from prep.errors import UsageError

JOURNAL = "journal.sqlite3"
VARIABLE = "PREP_AND_SUBMIT_STATE"
State = str | os.PathLike[str]
_SCHEME = re.compile(r"postgres(?:ql)?:", re.IGNORECASE)
# Stricter than libpq, which takes part of a password with such a character for the host, and names that in its errors.
_HOST = r"(?:\[[^@/?#\s\]]*\]|[^@/?#\s:\[\],]*)(?::\d+)?"
_ADDRESS = re.compile(
    r"postgres(?:ql)?://(?:(?P<user>[^:@/?#\s]*)(?P<password>:[^:@/?#\s]*)?@)?"
    rf"(?P<place>{_HOST}(?:,{_HOST})*(?:/[^@/?#\s]*)?)(?P<query>\?[^@#\s]*)?"
)


def default_folder() -> Path:
    """The default folder of the journal (on Linux ~/.local/state/prep-and-submit).

    Raises UsageError for a user without a home.
    """
    try:
        return user_state_path("prep-and-submit", appauthor=False)
    except RuntimeError as error:
        message = "this user has no home directory for the journal; name a folder with `state`, or set HOME"
        raise UsageError(message) from error


def place_of(state: State | None) -> Path | str:
    """The folder, or the address, that *state* names; None: the one in PREP_AND_SUBMIT_STATE, or the default folder.

    An address may contain a password: show `name_of` it. Raises UsageError for a bad address.
    """
    chosen = (os.environ.get(VARIABLE) or default_folder()) if state is None else state
    if not is_address(chosen):
        return Path(chosen)
    without_password(str(chosen))
    return str(chosen)


def name_of(place: Path | str) -> str:
    """What may be shown of a folder or an address."""
    return str(place.absolute()) if isinstance(place, Path) else without_password(place)


def folder_of(state: State | None) -> Path:
    """The folder for what belongs to *state* and stays on this computer; for an address it is the default folder."""
    place = place_of(state)
    return place if isinstance(place, Path) else default_folder()


def is_address(state: State) -> bool:
    return isinstance(state, str) and _SCHEME.match(state) is not None


def has_password(address: str) -> bool:
    parts = _ADDRESS.fullmatch(address)
    return parts is not None and bool(parts["password"] or "password=" in (parts["query"] or "").lower())


def without_password(address: str) -> str:
    """`postgresql://USER@HOST/NAME`. Raises UsageError, which does not repeat *address*, when that is malformed."""
    parts = _ADDRESS.fullmatch(address)
    if parts is None:
        raise UsageError(
            "state: a PostgreSQL address looks like postgresql://USER@HOST/NAME; "
            "percent-encode characters such as @, /, ? and # in a password (@ is %40)"
        )
    user = f"{parts['user']}@" if parts["user"] else ""
    return f"postgresql://{user}{parts['place']}"


def exists(state: State) -> bool:
    """Return whether there is a journal in *state*, as far as this computer can tell without asking a server."""
    return is_address(state) or (Path(state) / JOURNAL).is_file()
