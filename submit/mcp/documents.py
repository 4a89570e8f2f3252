"""Documents: full answers and pictures, kept in memory for clients that ask for them by URI."""

import secrets
import threading
from collections import OrderedDict

from mcp.server.mcpserver.exceptions import ResourceNotFoundError

SCHEME = "prep-and-submit"
MOST = 100


class Documents:
    """The last MOST documents and pictures by their ids, which nobody can guess."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, str | bytes] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, content: str | bytes) -> str:
        """Keep *content* and return its URI; the oldest is dropped where there are too many."""
        name = secrets.token_hex(8)
        with self._lock:
            self._kept[name] = content
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return f"{SCHEME}://{'document' if isinstance(content, str) else 'picture'}/{name}"

    def get(self, name: str) -> str | bytes:
        """Raises ResourceNotFoundError for one that is not kept, or no longer."""
        with self._lock:
            if name not in self._kept:
                raise ResourceNotFoundError(f"no such document; the last {MOST} are kept; call the tool again")
            return self._kept[name]
