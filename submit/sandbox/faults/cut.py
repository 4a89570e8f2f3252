"""The connections that are open through the proxy, so that one can be cut at a chosen byte."""

Address = tuple[str, int]


class Tunnels:
    """How much each connection may still carry to its client; None: no bound.

    A connection is named by the address at which the application sees it.
    """

    def __init__(self) -> None:
        self._left: dict[Address, int | None] = {}

    def opened(self, client: Address) -> None:
        self._left[client] = None

    def closed(self, client: Address) -> None:
        self._left.pop(client, None)

    def cut_after(self, client: Address, size_bytes: int) -> None:
        """Let *size_bytes* more through to *client*, and end the connection then."""
        if client in self._left:  # one that has closed itself leaves its port to the next
            self._left[client] = size_bytes

    def take(self, client: Address, chunk: bytes) -> tuple[bytes, bool]:
        """What of *chunk* may pass, and whether the connection ends after it."""
        left = self._left.get(client)
        if left is None:
            return chunk, False
        self._left[client] = left - len(chunk[:left])
        return chunk[:left], self._left[client] == 0
