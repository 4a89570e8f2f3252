"""Reading of a file at a URL or in object storage, in the parts that are wanted."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from prep.errors import Cancelled, PrepError, RemoteError, UnreadableError
from prep.net.block_cache import BLOCK_BYTES, Blocks, refuse_full_disk
from prep.net.http import Answer, Broke, Exchange
from prep.net.network import Network
from prep.net.object_exchange import ObjectExchange
from prep.net.object_url import is_object_url

FIRST_BLOCKS = 2
# Each read that continues the last one fetches twice as much ahead, up to this.
MAX_AHEAD = 1_048_576 // BLOCK_BYTES
# A broken connection is made again this often before it brings this much; some servers send no more at a time.
BREAKS, PROGRESS_BYTES = 3, 1_000_000
DISK_CHECK_BYTES = 16_777_216


class RemoteFile:
    """Implements `prep.model.byte_source.Content`. Fetches nothing twice. Safe for several threads.

    The constructor requests the first bytes; from a server that does not answer in parts it reads the whole file.
    Raises as `Exchange.get` does, and UnreadableError when the file is empty or larger than may be fetched.
    """

    def __init__(self, location: str, network: Network) -> None:
        self._bounds = network.bounds
        self._exchange = ObjectExchange(location) if is_object_url(location) else Exchange(location, network)
        self._label = self._exchange.label
        self._lock = threading.RLock()
        self._failure: PrepError | None = None
        self._next, self._ahead = FIRST_BLOCKS, FIRST_BLOCKS
        self._fetched = 0
        self._blocks = Blocks()
        try:
            with self._exchange.get(0, FIRST_BLOCKS * BLOCK_BYTES) as answer:
                self._version, self.media_type = answer.version, answer.headers.get("content-type", "")
                self.size_bytes = self._first(answer)
        except BaseException:
            self.close()
            raise

    def __str__(self) -> str:
        return self._label

    @property
    def far(self) -> bool:
        return True

    @property
    def url(self) -> str:
        """The URL of the reference, percent-encoded where needed; it may redirect."""
        return self._exchange.location

    @property
    def public(self) -> bool:
        """Whether anybody could read the same: https and public addresses all the way, and no proxy."""
        return self._exchange.public

    @property
    def fingerprint(self) -> str:
        """A hash of the size, the server's name for this version, and the first bytes."""
        digest = hashlib.sha256(repr((self.size_bytes, *self._version)).encode())
        digest.update(self.read_at(0, FIRST_BLOCKS * BLOCK_BYTES))
        return digest.hexdigest()

    def read_at(self, offset: int, length: int) -> bytes:
        """*length* bytes from *offset* on, or all up to the end. Raises RemoteError when they can't be fetched."""
        stop = min(offset + length, self.size_bytes)
        if stop <= offset:
            return b""
        first, last = offset // BLOCK_BYTES, (stop - 1) // BLOCK_BYTES
        with self._lock:
            try:
                self._ensure(first, last)
            except PrepError as error:
                self._failure = error
                raise
            data = b"".join(self._block(number) for number in range(first, last + 1))
        start = offset - first * BLOCK_BYTES
        return data[start : start + stop - offset]

    def raise_failure(self) -> None:
        """Raise the failure of an earlier read: a decoder may take it for the end of the file."""
        if self._failure is not None:
            raise self._failure

    def save(self, target: Path, progress: Callable[[float], None], cancel: threading.Event) -> None:
        """Write the whole file to *target*, which must not be there yet; after an error it is gone."""
        with self._lock:
            self._refuse_large(self.size_bytes)
            refuse_full_disk(str(target.parent), self.size_bytes, self._bounds.spare_bytes, self._label)
            with target.open("xb") as file:
                try:
                    for data in self._whole():
                        if cancel.is_set():
                            raise Cancelled("cancelled; nothing was made")
                        file.write(data)
                        progress(file.tell() / self.size_bytes)
                except BaseException:
                    file.close()  # Windows removes no open file
                    target.unlink()
                    raise

    def close(self) -> None:
        self._exchange.close()
        self._blocks.close()

    def _first(self, answer: Answer) -> int:
        """Store the bytes of the first answer, and return the size of the file."""
        if answer.total is None:
            return self._everything(answer)
        if answer.total == 0:
            raise UnreadableError(f"{self._label}: the file is empty (0 bytes)")
        if answer.start != 0:
            raise RemoteError(f"{self._label}: the server sends another part than was asked for")
        expected = min(answer.total, FIRST_BLOCKS * BLOCK_BYTES)
        if self._store(0, _at_most(answer.body, expected)) < expected:
            raise RemoteError(f"{self._label}: the server sends less than it announced")
        return answer.total

    def _everything(self, answer: Answer) -> int:
        if answer.length is not None:
            self._refuse_large(answer.length)
            refuse_full_disk(None, answer.length, self._bounds.spare_bytes, self._label)
        size = self._store(0, self._bounded(answer.body))
        if size == 0:
            raise UnreadableError(f"{self._label}: the file is empty (0 bytes)")
        return size

    def _bounded(self, body: Iterator[bytes]) -> Iterator[bytes]:
        received, checked = 0, 0
        for chunk in body:
            received += len(chunk)
            self._refuse_large(received)
            if received - checked > DISK_CHECK_BYTES:
                checked = received
                refuse_full_disk(None, 0, self._bounds.spare_bytes, self._label)
            yield chunk

    def _refuse_large(self, size: int) -> None:
        if size > self._bounds.download_bytes:
            raise UnreadableError(
                f"{self._label}: larger than the {self._bounds.download_bytes:,} bytes that are fetched"
            )

    def _block(self, number: int) -> bytes:
        return self._blocks.get(number)[: self.size_bytes - number * BLOCK_BYTES]

    def _ensure(self, first: int, last: int) -> None:
        number, end = first, (self.size_bytes - 1) // BLOCK_BYTES
        while number <= last:
            if number in self._blocks:
                self._next += number == self._next
                number += 1
                continue
            self._ahead = min(2 * self._ahead, MAX_AHEAD) if number == self._next else FIRST_BLOCKS
            furthest = min(end, max(last, number + self._ahead - 1))
            stop = next((at for at in range(number + 1, furthest + 1) if at in self._blocks), furthest + 1)
            wanted = min(stop * BLOCK_BYTES, self.size_bytes) - number * BLOCK_BYTES
            self._refuse_large(self._fetched + wanted)
            refuse_full_disk(None, wanted, self._bounds.spare_bytes, self._label)
            self._fetched += self._store(number, self._range(number * BLOCK_BYTES, number * BLOCK_BYTES + wanted))
            self._next = number = stop

    def _store(self, number: int, chunks: Iterator[bytes]) -> int:
        """Store *chunks* as blocks from *number* on, and return their size in bytes."""
        buffer, size = bytearray(), 0
        for chunk in chunks:
            size += len(chunk)
            buffer += chunk
            while len(buffer) >= BLOCK_BYTES:
                self._blocks.put(number, bytes(buffer[:BLOCK_BYTES]))
                del buffer[:BLOCK_BYTES]
                number += 1
        if buffer:
            self._blocks.put(number, bytes(buffer))
        return size

    def _whole(self) -> Iterator[bytes]:
        """All bytes in order, from the cache where they are stored and else from the server."""
        end, number = (self.size_bytes - 1) // BLOCK_BYTES, 0
        while number <= end:
            if number in self._blocks:
                yield self._block(number)
                number += 1
                continue
            stop = next((at for at in range(number + 1, end + 1) if at in self._blocks), end + 1)
            yield from self._range(number * BLOCK_BYTES, min(stop * BLOCK_BYTES, self.size_bytes))
            number = stop

    def _range(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from *start* to *stop*, requested again from where a connection broke."""
        at, breaks, counted_from = start, 0, start
        while at < stop:
            if at - counted_from >= PROGRESS_BYTES:
                breaks, counted_from = 0, at
            try:
                with self._exchange.get(at, stop) as answer:
                    self._same(answer, at)
                    for chunk in _at_most(answer.body, stop - at):
                        at += len(chunk)
                        yield chunk
            except Broke:
                if breaks == BREAKS:
                    raise
            if at < stop:
                breaks += 1
                if breaks > BREAKS:
                    raise RemoteError(f"{self._label}: the server sends less than it announced")

    def _same(self, answer: Answer, start: int) -> None:
        if answer.total is None:
            raise RemoteError(f"{self._label}: the server stopped answering in parts")
        if (answer.total, answer.version) != (self.size_bytes, self._version):
            raise UnreadableError(f"{self._label}: it changed while it was read; run again")
        if answer.start != start:
            raise RemoteError(f"{self._label}: the server sends another part than was asked for")


def _at_most(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[:size]
        size -= len(chunk)
        if size <= 0:
            return
