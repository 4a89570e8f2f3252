"""Samples of an MP4 or MOV that can be used: those that lie in the file where its index says.

Where bytes are missing, or one sample has a wrong size, no sample behind that place is what the index says. libavformat
hands out whatever lies there. Only the last samples are looked at, unless they are none.
"""

from bisect import bisect_left
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import av

from prep.media.container.demux import codec_of
from prep.media.io.read import is_far, read_part, size_of
from prep.model.byte_source import Openable

# Samples of these can be told from other bytes: units with their lengths fill a picture (ISO/IEC 14496-15, 5.3.4.2),
# and decoders of sound refuse nearly all other bytes.
IN_UNITS, IN_PACKETS = ("h264", "hevc"), ("aac", "alac", "opus", "ac3", "eac3")
# One of the last may be damaged by itself; all are when the index leads elsewhere.
LOOKED_AT = 4


def usable_samples(item: Openable, stream: Any) -> int:
    """How many samples of *stream*, which has an index, can be used from the first on; of a remote file: all in it."""
    entries, size = stream.index_entries, size_of(item)
    if entries[-1].pos + entries[-1].size > size:
        entries = [entry for entry in entries if entry.pos + entry.size <= size]
    count, codec = len(entries), codec_of(stream)
    if is_far(item) or not count:
        return count
    if codec in IN_UNITS and not _is_filled(item, entries[-1]) and _is_filled(item, entries[0]):
        return bisect_left(range(count), True, key=lambda number: not _is_filled(item, entries[number]))
    if codec in IN_PACKETS and not any(map(_decoder(item, stream), entries[-LOOKED_AT:])):
        decodes = _decoder(item, stream)
        # up to where the most decode, and the fewest of the others: some of those do by chance
        balance = list(accumulate((1 if decodes(entry) else -1 for entry in entries), initial=0))
        return balance.index(max(balance))
    return count


def _is_filled(item: Openable, entry: Any) -> bool:
    """Whether units with their lengths before them fill a sample."""
    data, at = read_part(item, entry.pos, entry.size), 0
    while at + 5 <= len(data) and not data[at + 4] & 0x80:
        at += 4 + int.from_bytes(data[at : at + 4], "big")
    return bool(at == entry.size > 0)


def _decoder(item: Openable, stream: Any) -> Callable[[Any], bool]:
    """A function that says whether a sample of sound decodes, asked for one after the other."""
    context: Any = av.CodecContext.create(stream.codec_context.name, "r")
    context.extradata = stream.codec_context.extradata
    context.sample_rate, context.layout = stream.codec_context.sample_rate, stream.codec_context.layout

    def decodes(entry: Any) -> bool:
        data = read_part(item, entry.pos, entry.size)
        try:
            return bool(data and context.decode(av.Packet(data)))
        except av.FFmpegError:
            return False

    return decodes
