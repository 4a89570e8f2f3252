"""The length of a remote MP3, estimated from a few places of it."""

from typing import NamedTuple

from prep.media.container.mp3_frames import Frame, frames_from
from prep.media.container.mp3_tags import tags_before, tags_behind
from prep.media.io.read import read_part, size_of
from prep.model.byte_source import Openable

# Fetching a smaller one whole is as quick as looking at several places.
SMALL_BYTES = 1_000_000
# A larger one without a header and with a variable bit rate is estimated: no endpoint takes it.
MEASURED_BYTES = 32_000_000
PLACES, PLACE_BYTES = 16, 8_192
# What may lie between the tags and the first frame.
GARBAGE_BYTES = 65_536
XING, VBRI = (b"Xing", b"Info"), b"VBRI"


class _Sound(NamedTuple):
    """The stretch of the frames, and the first of them."""

    start: int
    stop: int
    first: Frame


class _Header(NamedTuple):
    """The frames and bytes that the first frame counts; 0: it leaves one of them out, None: it counts nothing."""

    frames: int | None
    size: int


def claimed_seconds(item: Openable) -> float | None:
    """The length by a header that agrees with the size of the file, or by bit rates that are the same everywhere; None:
    it has to be measured."""
    sound = _locate(item)
    if sound is None:
        return None
    frames: float | None = _counted(item, sound)
    if frames is None:
        frames = _sampled(item, sound) if size_of(item) > SMALL_BYTES else None
    return frames * sound.first.samples / sound.first.rate_hz if frames else None


def header_seconds(item: Openable) -> float | None:
    """The length by the header alone, right or wrong; None without one that counts the frames."""
    sound = _locate(item)
    frames = _header(item, sound).frames if sound else None
    return frames * sound.first.samples / sound.first.rate_hz if sound and frames else None


def _locate(item: Openable) -> _Sound | None:
    at = sum(size for _, size in tags_before(item))
    data = read_part(item, at, GARBAGE_BYTES)
    frames = frames_from(data)
    if not frames:
        return None
    begin, first = frames[0]
    behind = sum(len(tag.content) for tag in tags_behind(item, at))
    return _Sound(at + begin, size_of(item) - behind, first)


def _header(item: Openable, sound: _Sound) -> _Header:
    head = read_part(item, sound.start, 64)
    side = sound.first.side_bytes
    if head[4 + side : 8 + side] in XING:
        fields = head[8 + side :]
        if fields[3] & 3 != 3:
            return _Header(0, 0)
        return _Header(int.from_bytes(fields[4:8], "big"), int.from_bytes(fields[8:12], "big"))
    if head[36:40] == VBRI:
        return _Header(int.from_bytes(head[50:54], "big"), int.from_bytes(head[46:50], "big"))
    return _Header(None, 0)


def _counted(item: Openable, sound: _Sound) -> int | None:
    """The number of frames by the first one: 0 where the file has another size than it says, None without a count."""
    frames, size = _header(item, sound)
    if frames is None:
        return None
    there = sound.stop - sound.start
    small, large = (sound.first._replace(kbps=kbps).mean_bytes for kbps in sound.first.kbps_range)
    if not frames or not small <= there / frames <= large:
        return 0
    return frames if there - size in (0, sound.first.size) else 0  # some writers leave their own frame out


def _sampled(item: Openable, sound: _Sound) -> float | None:
    """The number of frames by their size in several places; exact where it is the same everywhere."""
    there, kinds, sizes = sound.stop - sound.start, set(), []
    for place in range(PLACES):
        frames = frames_from(read_part(item, sound.start + there * place // PLACES, PLACE_BYTES))
        kinds |= {(frame.version, frame.rate_hz) for _, frame in frames}
        sizes += [frame.mean_bytes for _, frame in frames]
    if len(kinds) != 1:
        return None
    if len(set(sizes)) == 1:
        return round(there / sizes[0])
    return there / (sum(sizes) / len(sizes)) if there > MEASURED_BYTES else None
