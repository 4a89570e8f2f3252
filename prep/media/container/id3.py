"""Length of an ID3v2 tag, from its header."""

HEADER_BYTES = 10
FOOTER = 0x10


def tag_bytes(header: bytes) -> int:
    """The length of the tag that begins with these ten bytes, with header and footer; 0: no tag begins here."""
    if len(header) < HEADER_BYTES or header[:3] != b"ID3" or header[3] == 0xFF or max(header[6:10]) > 0x7F:
        return 0
    size = sum(byte << shift for byte, shift in zip(header[6:10], (21, 14, 7, 0), strict=True))
    return HEADER_BYTES * (2 if header[5] & FOOTER else 1) + size
