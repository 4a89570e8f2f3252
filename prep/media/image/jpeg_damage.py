"""Whether a decoder of JPEG comes to the end of the coded data with the last pixel: JPEG has no checksums.

Damaged Huffman codes soon fall into step again, but by then too many or too few blocks were read. A decoder stops after
the last pixel and tells nothing of data that is left over; libvips does not look either for what is missing in the last
rows. So the end of the data is handed out only when it is asked for.
"""

import mmap
from pathlib import Path
from typing import Any, BinaryIO

from prep.media.image.header import END_OF_IMAGE, before_scan
from prep.media.image.metadata_blocks import blocks

# Some cameras fill up their data with a few bytes; libjpeg has eight in hand.
HELD_BACK_BYTES = 24
FILLING = bytes(8)


class Watched:
    """A JPEG as libvips reads it: *source* is its source, *complaint* says, after the last row, what was wrong."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        import pyvips

        self._file, self._at, self._size = file, 0, path.stat().st_size
        self._end = _data_end(file, path)
        self._end_asked = self._more_asked = False
        self.source: Any = pyvips.SourceCustom()
        self.source.on_read(self._read)
        self.source.on_seek(self._seek)

    def complaint(self) -> str | None:
        if self._end is None:
            return None
        if self._more_asked:
            return "coded data ends before the last pixel"
        return None if self._end_asked else "coded data is left over behind the last pixel"

    def _read(self, most: int) -> bytes:
        """The file in three pieces: up to a little before the end of the data, that end and filling, and the rest."""
        if self._end is None or self._at < self._end - HELD_BACK_BYTES:
            last = self._size if self._end is None else self._end - HELD_BACK_BYTES
            return self._taken(min(most, last - self._at))
        if self._at < self._end:
            self._end_asked = True
            return self._taken(self._end - self._at) + FILLING
        self._more_asked = True
        return self._taken(most)

    def _taken(self, count: int) -> bytes:
        self._file.seek(self._at)
        data = self._file.read(count)
        self._at += len(data)
        return data

    def _seek(self, offset: int, whence: int) -> int:
        self._at = (0, self._at, self._size)[whence] + offset
        return self._at


def _data_end(file: BinaryIO, path: Path) -> int | None:
    """Where the coded data ends; None when that is no matter of one scan: of several all are read before the first row,
    and the decoder tells what is wrong by itself."""
    start = before_scan(path)
    file.seek(0)
    header = {block.name: block.content for block in blocks(file.read(start), "jpeg")}
    frame, scan = header.get(b"C0") or header.get(b"C1"), header.get(b"DA")
    if frame is None or scan is None or len(frame) < 10 or len(scan) < 5 or frame[9] != scan[4]:
        return None
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        end = data.find(END_OF_IMAGE, start)  # within the data 0xFF is never followed by 0xD9
    return end if end >= start + HELD_BACK_BYTES else None
