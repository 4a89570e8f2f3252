"""Environment of the processes that open media: what they need, and no keys of services."""

import os
import sys
from pathlib import Path

# opentelemetry-instrument puts this folder first; its sitecustomize would start exporters, which reach nothing there.
AUTO_INSTRUMENTATION = ("opentelemetry", "instrumentation", "auto_instrumentation")
KEPT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "FFMPEG_BINARY", "XDG_CACHE_HOME"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    # Windows starts no program without some of them.
    *("SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE"),
)


def environment() -> dict[str, str]:
    """The variables of this process that such a process gets."""
    return {name: os.environ[name] for name in KEPT if name in os.environ}


def search_path() -> str:
    """PYTHONPATH of a worker: where this process finds modules, but for what would instrument the worker as well."""
    return os.pathsep.join(path for path in sys.path if path and Path(path).parts[-3:] != AUTO_INSTRUMENTATION)
