"""Open connections through the proxy, each of which can be cut at a chosen byte."""

Address = tuple[str, int]


class Tunnels:
    """How many bytes each connection may still carry to its client; None: no limit.

    A connection is identified by the address at which the application sees it.
    """

    def __init__(self) -> None:
        self._left: dict[Address, int | None] = {}

    def opened(self, client: Address) -> None:
        self._left[client] = None

    def closed(self, client: Address) -> None:
        self._left.pop(client, None)

    def cut_after(self, client: Address, size_bytes: int) -> None:
        """Let *size_bytes* more through to *client*, then end the connection."""
        if client in self._left:  # a closed connection leaves its port to the next one
            self._left[client] = size_bytes

    def take(self, client: Address, chunk: bytes) -> tuple[bytes, bool]:
        """Return what of *chunk* may pass, and whether the connection ends after it."""
        left = self._left.get(client)
        if left is None:
            return chunk, False
        self._left[client] = left - len(chunk[:left])
        return chunk[:left], self._left[client] == 0
