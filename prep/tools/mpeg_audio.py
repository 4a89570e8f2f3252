"""Finding MP3 where it does not begin at once: after zeros, half a frame or other garbage."""

# kbit/s by the four bits of the header: MPEG-1, and MPEG-2 with 2.5 (layer III; ISO/IEC 11172-3 and 13818-3)
BITRATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
# Bytes that look like a header are common, a chain in which each header names the place of the next is not.
CHAIN = 4


def has_mp3_frames(data: bytes) -> bool:
    """Whether CHAIN frames of layer III follow each other somewhere in *data*."""
    at = data.find(b"\xff")
    while at != -1:
        if _chained(data, at):
            return True
        at = data.find(b"\xff", at + 1)
    return False


def _chained(data: bytes, at: int) -> bool:
    for _ in range(CHAIN):
        size = _frame_bytes(data[at : at + 4])
        if not size:
            return False
        at += size
    return True


def _frame_bytes(header: bytes) -> int:
    """The size of the frame that begins with these four bytes; 0 when none does."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return 0
    kbps, samples = (BITRATES[0][bitrate], 144) if version == 3 else (BITRATES[1][bitrate], 72)
    return samples * kbps * 1000 // RATES_HZ[version][rate] + (header[2] >> 1 & 1)
