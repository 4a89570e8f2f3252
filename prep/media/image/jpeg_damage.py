"""Damage detection for JPEG: does the coded data end with the last pixel?

JPEG has no checksums. Damaged Huffman codes soon fall back into step, but by then too many or too few blocks have been
read. A decoder stops after the last pixel and says nothing about data left over, and libvips doesn't look for data
missing from the last rows. So the end of the data is handed out only when the decoder asks for it.
"""

import mmap
from pathlib import Path
from typing import Any, BinaryIO

from prep.media.image.metadata_blocks import blocks, scan_start

END_OF_IMAGE = b"\xff\xd9"
# Some cameras pad their data with a few bytes; libjpeg reads eight ahead.
HELD_BACK_BYTES = 24
PADDING = bytes(8)


class Watched:
    """A JPEG for libvips, which reads *source*; after the last row *complaint* says what is wrong with the data."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        import pyvips

        self._file, self._at, self._size = file, 0, path.stat().st_size
        self._end = _data_end(file)
        self._end_read = self._more_read = False
        self.source: Any = pyvips.SourceCustom()
        self.source.on_read(self._read)
        self.source.on_seek(self._seek)

    def complaint(self) -> str | None:
        if self._end is None:
            return None
        if self._more_read:
            return "coded data ends before the last pixel"
        return None if self._end_read else "coded data is left over behind the last pixel"

    def _read(self, length: int) -> bytes:
        """The file in three pieces: up to shortly before the end of the data, that end with padding, and the rest."""
        if self._end is None or self._at < self._end - HELD_BACK_BYTES:
            stop = self._size if self._end is None else self._end - HELD_BACK_BYTES
            return self._next(min(length, stop - self._at))
        if self._at < self._end:
            self._end_read = True
            return self._next(self._end - self._at) + PADDING
        self._more_read = True
        return self._next(length)

    def _next(self, length: int) -> bytes:
        self._file.seek(self._at)
        data = self._file.read(length)
        self._at += len(data)
        return data

    def _seek(self, offset: int, whence: int) -> int:
        self._at = (0, self._at, self._size)[whence] + offset
        return self._at


def _data_end(file: BinaryIO) -> int | None:
    """The offset at which the coded data of a JPEG of one scan ends.

    None for several scans, where the decoder reads all of them before the first row and reports damage by itself, and
    for a file too broken to tell.
    """
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = scan_start(data)
        header = {block.name: block.content for block in blocks(data[:start], "jpeg")}
        end = data.find(END_OF_IMAGE, start)  # within the data 0xFF is never followed by 0xD9
    frame, scan = header.get(b"C0") or header.get(b"C1"), header.get(b"DA")
    if frame is None or scan is None or len(frame) < 10 or len(scan) < 5 or frame[9] != scan[4]:
        return None
    return end if end >= start + HELD_BACK_BYTES else None
