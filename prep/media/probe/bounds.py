"""Bounds on videos and sounds, by what their headers claim: each is decoded in less than 1 GB, and in time."""

from typing import Any

from prep.errors import UnreadableError
from prep.media.container import riff
from prep.media.container.sample_tables import refuse_large_tables
from prep.media.container.sniff import Format
from prep.media.container.timeline import GUESSING
from prep.media.io.read import size_of
from prep.model.byte_source import Openable
from prep.model.redact import shown

# 8K for cinema. A decoder keeps a dozen pictures: twice as many pixels took 3 GB.
MAX_PIXELS = 8192 * 4320
# Recorders reach 768 kHz. To change the rate takes a filter that is longer the higher it is.
MAX_RATE_HZ = 1_000_000
# Nine hours at 128 kbit/s. All of it may have to be read: libavformat keeps a list of what it passes.
MAX_UNINDEXED_BYTES = 500_000_000


def refuse_unbounded(item: Openable, kind: Format) -> None:
    """Raise UnreadableError for a file that libavformat would take too long, or too much memory, to open or to read."""
    if kind.demuxer == "mov":
        refuse_large_tables(item)
    if kind.demuxer == "wav" and riff.has_too_many_chunks(item):
        raise UnreadableError(
            f"{shown(item)}: it has more than {riff.MOST_IN_FILE:,} chunks, the most that are read; it is padded or "
            "damaged; save it again"
        )
    if kind.demuxer in GUESSING and size_of(item) > MAX_UNINDEXED_BYTES:
        raise UnreadableError(
            f"{shown(item)}: a sound without an index of {size_of(item):,} bytes; at most {MAX_UNINDEXED_BYTES:,} are "
            "read; cut a part out of it first"
        )


def refuse_large_picture(item: Openable, video: Any) -> None:
    """Raise UnreadableError for a stream with larger pictures than are decoded."""
    width, height = (video.codec_context.width, video.codec_context.height) if video.codec_context else (0, 0)
    if width * height > MAX_PIXELS:
        raise UnreadableError(
            f"{shown(item)}: its picture is {width}×{height}, {width * height:,} pixels; at most {MAX_PIXELS:,} "
            "(8192×4320) are decoded in a video; scale it down first"
        )


def refuse_impossible_rate(item: Openable, audio: Any) -> None:
    """Raise UnreadableError for a sound with more samples a second than are decoded."""
    rate_hz = audio.codec_context.sample_rate
    if rate_hz > MAX_RATE_HZ:
        raise UnreadableError(
            f"{shown(item)}: its sound has {rate_hz:,} samples a second; at most {MAX_RATE_HZ:,} are decoded; it is "
            "damaged; use another copy"
        )
