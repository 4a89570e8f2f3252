"""The index of the pictures that lie behind the first one in a JPEG (CIPA DC-007, Multi-Picture Format)."""

from typing import Literal

MARK = b"MPF\0"
ENTRIES, ENTRY_BYTES, FIELD_BYTES = 0xB002, 16, 12
MOST = 16


def picture_offsets(head: bytes) -> list[int]:
    """Where in the file the other pictures begin, by the index in *head*; none where there is no such index."""
    mark = head.find(MARK)
    start = mark + len(MARK)  # offsets count from here
    if mark < 4 or head[mark - 4 : mark - 2] != b"\xff\xe2":
        return []
    order: Literal["little", "big"] = "little" if head[start : start + 2] == b"II" else "big"

    def number(at: int, width: int) -> int:
        return int.from_bytes(head[start + at : start + at + width], order)

    index = number(4, 4)
    for field in range(min(number(index, 2), MOST)):
        at = index + 2 + field * FIELD_BYTES
        if number(at, 2) == ENTRIES:
            count, entries = number(at + 4, 4) // ENTRY_BYTES, number(at + 8, 4)
            offsets = [number(entries + entry * ENTRY_BYTES + 8, 4) for entry in range(min(count, MOST))]
            return [start + offset for offset in offsets if offset]  # that of the first picture is 0
    return []
