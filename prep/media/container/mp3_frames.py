"""Frames of an MP3: the first that follow each other, whatever garbage comes before them, and their headers."""

from typing import NamedTuple

# kbit/s by the four bits of the header: MPEG-1, and MPEG-2 with 2.5 (layer III; ISO/IEC 11172-3 and 13818-3)
BITRATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
# Bytes that look like a header are common; a chain in which each header leads to the next is not.
CHAIN = 4


class Frame(NamedTuple):
    """The header of a frame of layer III. *version* 3 is MPEG-1, 2 MPEG-2, 0 MPEG-2.5."""

    version: int
    kbps: int
    rate_hz: int
    mono: bool
    padding: int

    @property
    def samples(self) -> int:
        return 1152 if self.version == 3 else 576

    @property
    def kbps_range(self) -> tuple[int, int]:
        rates = BITRATES[0 if self.version == 3 else 1]
        return rates[1], rates[-1]

    @property
    def mean_bytes(self) -> float:
        """Its size, with the padding that frames of this rate have on average."""
        return self.samples * self.kbps * 125 / self.rate_hz

    @property
    def size(self) -> int:
        return int(self.mean_bytes) + self.padding

    @property
    def side_bytes(self) -> int:
        """The bytes between the header of the first frame and that of the whole file, which may be in it."""
        return ((32, 17) if self.version == 3 else (17, 9))[self.mono]


def has_mp3_frames(data: bytes) -> bool:
    """Whether CHAIN frames of layer III follow each other somewhere in *data*."""
    return bool(frames_from(data))


def frames_from(data: bytes) -> list[tuple[int, Frame]]:
    """The first frames of layer III in *data* that follow each other, each with its start; none: fewer than CHAIN."""
    at = data.find(b"\xff")
    while at != -1:
        if len(frames := _chain(data, at)) >= CHAIN:
            return frames
        at = data.find(b"\xff", at + 1)
    return []


def is_chain(data: bytes, at: int) -> bool:
    """Whether CHAIN frames follow each other from *at* on, or frames to the end of *data*."""
    for number in range(CHAIN):
        frame = read_frame(data[at : at + 4])
        if frame is None:
            return number > 0 and at >= len(data)
        at += frame.size
    return True


def _chain(data: bytes, at: int) -> list[tuple[int, Frame]]:
    frames = []
    while frame := read_frame(data[at : at + 4]):
        frames.append((at, frame))
        at += frame.size
    return frames


def read_frame(header: bytes) -> Frame | None:
    """The frame that begins with these four bytes; None when none does."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return None
    kbps = BITRATES[0 if version == 3 else 1][bitrate]
    return Frame(version, kbps, RATES_HZ[version][rate], header[3] >> 6 == 3, header[2] >> 1 & 1)
