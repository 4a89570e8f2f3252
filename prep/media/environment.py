"""Environment of the processes that open media: what they need, and no keys of services."""

import os

KEPT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "FFMPEG_BINARY", "XDG_CACHE_HOME"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    # Windows starts no program without some of them.
    *("SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE"),
)


def environment() -> dict[str, str]:
    """The variables of this process that such a process gets."""
    return {name: os.environ[name] for name in KEPT if name in os.environ}
