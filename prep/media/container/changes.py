"""Changes of a picture or a sound in the middle of a file: size, shape and format of pixels, colours, rate, channels.

Decoding all of a file to see them takes too long. Codecs repeat their parameters at keyframes, or in every frame of
sound: where the bytes of these stay the same nothing changes. Where they differ, the frames there are decoded.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Literal, NamedTuple

import av

from prep.media.container.demux import READING_ERRORS, Clock, codec_of, open_container, restarts
from prep.media.container.sample_entries import has_several_descriptions
from prep.media.h273 import HDR_TRANSFERS, MATRICES, UNSPECIFIED, name_of
from prep.media.io.read import is_far, read_part, size_of
from prep.model.byte_source import Openable
from prep.model.color_tags import DYNAMIC_RANGE, RANGES
from prep.model.media import Change

# Reading packets takes as long as reading the file.
WHOLE_FILE_BYTES = 64_000_000
# Parameters stand at the beginning of a packet, behind a few messages.
HEAD_BYTES = 1024
MOST_KEYFRAMES, MOST_FRAMES = 2000, 3000
MOST_CHANGES = 20
# Where a sound begins again so long before it has ended, the rest of it comes too late.
OVERLAP_S = 0.01
JOINT: Any = {"track": "sound", "what": "recording", "before": "one recording", "after": "another"}
# ITU-T H.264 7.4.1, H.265 7.4.2: sequence parameter sets.
NAL_START = b"\x00\x00\x01"
SPS = {"h264": (0x1F, 0, 7), "hevc": (0x3F, 1, 33)}
# Start codes of MPEG-2's sequence header and of MPEG-4's video object layer, and how much behind them is looked at.
START_CODES = {"mpeg2video": ((b"\x00\x00\x01\xb3",), 8), "mpeg4": ((b"\x00\x00\x01\x20", b"\x00\x00\x01\x21"), 14)}


class FrameKind(NamedTuple):
    """The properties of a frame, by name, in words."""

    track: Literal["picture", "sound"]
    properties: dict[str, str]


def find_changes(item: Openable, demuxer: str, video: Any | None, audio: Any | None) -> tuple[Change, ...]:
    """The changes of the chosen streams, which belong to an open container; at most MOST_CHANGES.

    A file that would have to be fetched, and a large one without an index, is not looked through.
    """
    if is_far(item):
        return ()
    streams = [stream for stream in (video, audio) if stream is not None]
    suspects: list[Any] = []
    changes: list[Change] = []
    if demuxer == "mov":
        suspects = streams if has_several_descriptions(item) else [s for s in (video,) if s and _differs(item, s)]
    elif size_of(item) <= WHOLE_FILE_BYTES:
        suspects, changes = _differing(item, demuxer, streams)
    changes += [change for stream in suspects for change in _decoded_changes(item, demuxer, stream.index)]
    return tuple(sorted(changes, key=lambda change: change.time_s)[:MOST_CHANGES])


def kinds(item: Openable, demuxer: str, index: int) -> Iterator[tuple[float, FrameKind]]:
    """The time, in seconds from the first, and kind of every keyframe of a picture, or every frame of a sound."""
    with open_container(item, demuxer) as container:
        stream: Any = container.streams[index]
        if stream.type == "video":
            stream.codec_context.skip_frame = "NONKEY"
        first_s = None
        for number, (time_s, frame) in enumerate(_frames(container, stream)):
            first_s = time_s if first_s is None else first_s
            yield time_s - first_s, _kind(frame, stream.codec_context)
            if number > MOST_FRAMES and stream.type == "video":
                return


def _frames(container: Any, stream: Any) -> Iterator[tuple[float, Any]]:
    """The time and frames of *stream* as far as it can be read; packets that don't decode are left out."""
    clock, base = Clock(container), float(stream.time_base)
    with suppress(*READING_ERRORS):
        for packet in container.demux(stream):
            if packet.pts is not None:
                clock.decoded_s(packet, base)
            with suppress(*READING_ERRORS):
                for frame in packet.decode():
                    yield (frame.time or 0.0) + clock.shift_s, frame


def _kind(frame: Any, context: Any) -> FrameKind:
    if isinstance(frame, av.AudioFrame):
        rate, channels = f"{frame.sample_rate / 1000:g} kHz", frame.layout.nb_channels
        return FrameKind("sound", {"rate": rate, "channels": f"{channels} channel{'' if channels == 1 else 's'}"})
    matrix, full = int(frame.colorspace), int(frame.color_range) == 2 or frame.format.name.startswith("yuvj")
    shape = context.sample_aspect_ratio or 1
    return FrameKind(
        "picture",
        {
            "shape": f"pixels of {shape.numerator}:{shape.denominator}",
            "size": f"{frame.width}×{frame.height}",
            "format": frame.format.name.replace("yuvj", "yuv"),
            "matrix": (name_of(matrix, MATRICES) or "") if matrix != UNSPECIFIED else "",
            "range": "full range" if full else "limited range",
            DYNAMIC_RANGE: next(name for name, hdr in RANGES.items() if hdr == HDR_TRANSFERS.get(int(frame.color_trc))),
        },
    )


def _decoded_changes(item: Openable, demuxer: str, index: int) -> Iterator[Change]:
    before: FrameKind | None = None
    for time_s, kind in kinds(item, demuxer, index):
        for name, value in kind.properties.items() if before else ():
            was = before.properties[name] if before else value
            if value != was and value and was:
                yield Change(time_s=round(time_s, 3), track=kind.track, what=name, before=was, after=value)
        before = kind


def _differs(item: Openable, video: Any) -> bool:
    """Whether the parameters inside the keyframes of an indexed picture differ."""
    entries, codec, first = video.index_entries, codec_of(video), None
    numbers = [number for number in range(len(entries)) if entries[number].is_keyframe]
    for number in numbers[:: max(1, len(numbers) // MOST_KEYFRAMES)]:
        signature = _signature(codec, read_part(item, entries[number].pos, HEAD_BYTES))
        if signature and first and signature != first:
            return True
        first = first or signature
    return False


def _differing(item: Openable, demuxer: str, streams: list[Any]) -> tuple[list[Any], list[Change]]:
    """The streams whose packets have parameters that differ, and where a sound beside a picture overlaps itself.

    In MPEG files that are joined each sound outlasts its picture by a few packets.
    """
    firsts: dict[int, bytes] = {}
    differing: set[int] = set()
    joints: list[Change] = []
    first_s: float | None = None
    with open_container(item, demuxer) as container:
        tracks, clock = [container.streams[stream.index] for stream in streams], Clock(container)
        overlaps, bases = (
            restarts(container) and len(tracks) > 1,
            {each.index: float(each.time_base) for each in tracks},
        )
        try:
            for packet in container.demux(tracks):
                if packet.size and packet.stream_index not in differing and _is_new(packet, firsts):
                    differing.add(packet.stream_index)
                if not overlaps or packet.pts is None:
                    continue
                due_s, time_s = clock.due_s(packet), clock.decoded_s(packet, bases[packet.stream_index])
                first_s = time_s if first_s is None else first_s
                if packet.stream.type == "audio" and due_s is not None and due_s - time_s > OVERLAP_S:
                    joints.append(Change(time_s=round(time_s - first_s, 3), **JOINT))
        except READING_ERRORS:
            pass  # the file can't be read any further
    return [stream for stream in streams if stream.index in differing], joints


def _is_new(packet: Any, firsts: dict[int, bytes]) -> bool:
    """Whether *packet* has other parameters than the first one of its stream, which is kept in *firsts*."""
    if packet.has_sidedata("new_extradata"):
        return True
    signature = _signature(codec_of(packet.stream), memoryview(packet)[:HEAD_BYTES]) if packet.is_keyframe else None
    return signature is not None and firsts.setdefault(packet.stream_index, signature) != signature


def _signature(codec: str, head: Any) -> bytes | None:
    """The bytes at the beginning of a packet that say how it is coded; None: there are none, or they are not known."""
    head = bytes(head)
    if codec in SPS:
        return _parameter_set(head, *SPS[codec])
    if codec in START_CODES:
        codes, length = START_CODES[codec]
        at = max(head.find(code) for code in codes)
        return head[at : at + length] if at >= 0 else None
    reader = SIGNATURES.get(codec)
    return reader(head) if reader else None


def _parameter_set(head: bytes, mask: int, shift: int, wanted: int) -> bytes | None:
    """The first sequence parameter set, with start codes before its units or their lengths."""
    if head.startswith((NAL_START, b"\x00" + NAL_START)):
        units = [unit.rstrip(b"\x00") for unit in head.split(NAL_START)[1:]]
    else:
        units = list(_with_lengths(head))
    return next((unit for unit in units if unit and (unit[0] >> shift) & mask == wanted), None)


def _with_lengths(head: bytes) -> Iterator[bytes]:
    at = 0
    while at + 4 < len(head):
        length = int.from_bytes(head[at : at + 4], "big")
        yield head[at + 4 : at + 4 + length]
        at += 4 + length


def _av1(head: bytes) -> bytes | None:
    """The sequence header (AV1 specification, 5.5), behind a temporal delimiter or not; it is short."""
    head = head[2:] if head.startswith(b"\x12\x00") else head
    return head[: 2 + head[1]] if len(head) > 2 and head[0] >> 3 & 15 == 1 else None


def _adts(head: bytes) -> bytes | None:
    """Profile, rate and channels in the header of ADTS (ISO/IEC 13818-7, 6.2)."""
    plain = len(head) > 4 and head[0] == 0xFF and head[1] >> 4 == 0xF
    return bytes((head[2] & 0xFD, head[3] & 0xC0)) if plain else None


def _mpeg_audio(head: bytes) -> bytes | None:
    """Version, layer, rate, and whether it is mono (ISO/IEC 11172-3, 2.4.1.3)."""
    plain = len(head) > 4 and head[0] == 0xFF and head[1] >> 5 == 7
    return bytes((head[1] & 0x1E, head[2] & 0x0C, head[3] >> 6 == 3)) if plain else None


# VP8: RFC 6386, 9.1; VP9: its uncompressed header (6.2), in which colours and size follow the sync code; AC-3 and
# E-AC-3: ETSI TS 102 366, 4.3 and E.1.2.
SIGNATURES: dict[str, Any] = {
    "vp8": lambda head: head[3:10] if len(head) > 10 and not head[0] & 1 else None,
    "vp9": lambda head: head[1:9] if head[1:4] == b"\x49\x83\x42" else None,
    "av1": _av1,
    "aac": _adts,
    "mp1": _mpeg_audio,
    "mp2": _mpeg_audio,
    "mp3": _mpeg_audio,
    "ac3": lambda head: bytes((head[4] & 0xC0, head[6] & 0xE0)) if head[:2] == b"\x0b\x77" else None,
    "eac3": lambda head: head[4:5] if head[:2] == b"\x0b\x77" else None,
}
