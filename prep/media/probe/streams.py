"""Probing of one video or sound through PyAV: headers, the first frame, and a measured timeline."""

import struct
from itertools import islice
from math import atan2, degrees, hypot
from typing import Any, Literal

import av
from av.stream import Disposition

from prep.errors import UnreadableError
from prep.media.audio.metadata import private_keys, read_metadata
from prep.media.container import mp3_length, riff
from prep.media.container.changes import find_changes
from prep.media.container.demux import codec_of, open_container
from prep.media.container.ends_early import ends_early
from prep.media.container.sample_entries import is_encrypted, sample_entries
from prep.media.container.sniff import Format
from prep.media.container.timeline import Timeline, measure
from prep.media.h273 import MATRICES, PRIMARIES, TRANSFERS, UNSPECIFIED, name_of
from prep.media.io.read import size_of
from prep.media.probe.bounds import refuse_impossible_rate, refuse_large_picture, refuse_unbounded
from prep.media.probe.claims import MISLEADING_S, misleading_s
from prep.model.byte_source import Openable
from prep.model.media import AudioInfo, VideoInfo, is_plausible_sar
from prep.model.redact import shown

COLORS = ("colorspace", "color_primaries", "color_trc", "color_range")
RANGE: dict[int, Literal["limited", "full"]] = {1: "limited", 2: "full"}
# A header that claims this much more is counted, as a reader may see it; the rest of a claim misleads.
COUNTED_S = 0.1
# A clip that was cut without decoding may begin with so many pictures that lean on a keyframe before them.
MOST_UNDECODED = 1000


def probe_av(item: Openable, kind: Format, track: Literal["audio", "video"] | None) -> VideoInfo | AudioInfo:
    """Probe a video where there is a moving picture, a sound otherwise; cover art does not move.

    Raises UnreadableError when the file does not open, holds neither, or its first frame does not decode.
    """
    if kind.demuxer == "mov" and is_encrypted(item):
        raise UnreadableError(f"{shown(item)}: encrypted (protected from copying); export it without protection")
    refuse_unbounded(item, kind)
    try:
        with open_container(item, str(kind.demuxer)) as container:
            video, audio = _choose(container)
            if audio is not None:
                refuse_impossible_rate(item, audio)
            if video is not None and track != "audio":
                return _probe_video(item, kind, container, video, audio)
            if audio is None:
                raise UnreadableError(f"{shown(item)}: {_nothing(item, kind, container, video)}")
            if track == "video":
                raise UnreadableError(f"{shown(item)}: it has no moving picture; leave #track=video out")
            return _probe_audio(item, kind, container, audio)
    except UnreadableError:
        raise
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise UnreadableError(f"{shown(item)}: can't be read as {kind.container.upper()}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, av.error.EOFError):
        return "it ends before anything can be decoded"
    if isinstance(error, av.error.InvalidDataError) or not getattr(error, "strerror", None):
        return "it is damaged or incomplete"
    return str(getattr(error, "strerror", None))


def _nothing(item: Openable, kind: Format, container: Any, video: Any | None) -> str:
    """Why there is no sound to read, or neither picture nor sound; names the codec that can't be decoded."""
    unknown = [stream for stream in container.streams if stream.type == "audio" and stream.codec_context is None]
    if not unknown:
        return "it has no sound; leave #track=audio out" if video else "no picture and no sound in it"
    entries = sample_entries(item) if kind.demuxer == "mov" else ()
    named = [entries[stream.index] for stream in unknown if stream.index < len(entries)]
    codec = f" ({shown(named[0].decode('latin-1').strip())})" if named else ""
    return f"its sound is coded in a way that can't be decoded here{codec}; export it as AAC, MP3 or WAV"


def _choose(container: Any) -> tuple[Any | None, Any | None]:
    """The default stream of each kind, moving if any is; of several, the one with most pixels, or most channels."""
    videos = _moving(container)
    audios = [s for s in container.streams.audio if s.codec_context is not None and s.codec_context.sample_rate]

    def default(stream: Any) -> bool:
        return bool(stream.disposition & Disposition.default)

    video = max(videos, key=lambda s: (not _is_still(s), default(s), _pixels(s)), default=None)
    audio = max(audios, key=lambda s: (default(s), s.codec_context.channels), default=None)
    return video, audio


def _is_still(stream: Any) -> bool:
    """Whether it is one picture: an AVIF sequence holds its first one as an item as well."""
    return bool(stream.frames == 1 == len(stream.index_entries))


def _moving(container: Any) -> list[Any]:
    """The picture tracks, without covers and thumbnails."""
    still = Disposition.attached_pic | Disposition.timed_thumbnails
    return [stream for stream in container.streams.video if not stream.disposition & still]


def _pixels(stream: Any) -> int:
    return int(stream.codec_context.width * stream.codec_context.height) if stream.codec_context is not None else 0


def _code_point(name: str, frame: Any, stated: dict[str, int]) -> int:
    """A colour as a number of H.273: what the coded picture leaves open goes by what the container states."""
    coded = int(getattr(frame, name))
    return stated[name] if coded == UNSPECIFIED else coded


def _probe_video(item: Openable, kind: Format, container: Any, video: Any, audio: Any | None) -> VideoInfo:
    if video.codec_context is None:
        entries = sample_entries(item) if container.format.name.startswith("mov") else ()
        codec = f" ({shown(entries[video.index].decode('latin-1').strip())})" if video.index < len(entries) else ""
        raise UnreadableError(
            f"{shown(item)}: its picture is coded in a way that can't be decoded here{codec}; export it as H.264"
        )
    refuse_large_picture(item, video)
    stated = {name: int(getattr(video.codec_context, name)) for name in COLORS}  # decoding overwrites them
    frame = _first_frame(item, container, video)
    is_cut = ends_early(item, str(kind.demuxer))
    timeline = _measured(item, kind, video, is_cut)
    sound = measure(item, str(kind.demuxer), audio, ends_early=is_cut) if audio is not None else None
    if sound is not None and sound.truncated and sound.duration_s <= 0:
        raise UnreadableError(f"{shown(item)}: its sound does not decode: it is damaged; use another copy")
    dolby_vision = _dolby_vision(frame)
    if dolby_vision == 5:
        raise UnreadableError(
            f"{shown(item)}: Dolby Vision profile 5, which only a Dolby decoder shows in its colours; export it as SDR"
        )
    duration_s = _duration(container, kind, timeline, sound)
    rotation, mirrored = _display_matrix(frame)
    sar = frame.sample_aspect_ratio if hasattr(frame, "sample_aspect_ratio") else video.sample_aspect_ratio
    sar = sar or video.sample_aspect_ratio
    width, height = frame.width, frame.height
    square = (round(width * sar) if sar and is_plausible_sar(sar) else width), height
    components = frame.format.components
    transfer = name_of(_code_point("color_trc", frame, stated), TRANSFERS)
    return VideoInfo(
        container=kind.container,
        bytes=size_of(item),
        width=square[0] if rotation in (0, 180) else square[1],
        height=square[1] if rotation in (0, 180) else square[0],
        coded_width=width,
        coded_height=height,
        rotation=rotation,
        mirrored=mirrored,
        sar=f"{sar.numerator}:{sar.denominator}" if sar else "1:1",
        fps=timeline.fps,
        avg_fps=timeline.avg_fps,
        vfr=timeline.vfr,
        duration_s=duration_s,
        picture_s=round(timeline.duration_s, 6),
        start_s=round(timeline.start_s, 6),
        lead_s=round(max(0.0, timeline.start_s - (container.start_time or 0) / av.time_base), 6),
        codec=codec_of(video),
        pix_fmt=frame.format.name,
        bit_depth=max((component.bits for component in components), default=8),
        hdr="pq" if transfer == "pq" else "hlg" if transfer == "hlg" else None,
        dolby_vision=dolby_vision,
        color_range="full"
        if frame.format.name.startswith("yuvj")
        else RANGE.get(int(frame.color_range) or stated["color_range"]),
        color_space=name_of(_code_point("colorspace", frame, stated), MATRICES),
        color_transfer=transfer,
        color_primaries=name_of(_code_point("color_primaries", frame, stated), PRIMARIES),
        interlaced=bool(frame.interlaced_frame),
        has_alpha=any(c.is_alpha for c in components) or video.metadata.get("alpha_mode") == "1",
        truncated=timeline.truncated or is_cut,
        video_stream=video.index,
        video_streams=max(1, sum(not _is_still(stream) for stream in _moving(container))),
        has_audio=audio is not None,
        audio_codec=codec_of(audio) if audio is not None else None,
        audio_channels=audio.codec_context.channels if audio is not None else None,
        audio_rate_hz=audio.codec_context.sample_rate if audio is not None else None,
        audio_stream=audio.index if audio is not None else None,
        audio_streams=len(container.streams.audio),
        claimed_s=None if kind.demuxer != "mov" or timeline.truncated else misleading_s(item, container, duration_s),
        changes=find_changes(item, str(kind.demuxer), video, audio),
        private_metadata=private_keys(_keys(container.metadata, video.metadata)),
    )


def _probe_audio(item: Openable, kind: Format, container: Any, audio: Any) -> AudioInfo:
    next(container.decode(audio), None)  # raises when it does not decode
    is_cut = ends_early(item, str(kind.demuxer))
    timeline = _measured(item, kind, audio, is_cut)
    context = audio.codec_context
    size = size_of(item)
    name = kind.container
    if kind.demuxer == "mov" and not container.streams.video:
        name = "m4a"
    elif kind.demuxer == "mp3" and codec_of(audio) != "mp3":
        name = codec_of(audio)  # layer II looks the same from outside
    metadata = read_metadata(item, name, _keys(container.metadata, audio.metadata))
    return AudioInfo(
        container=name,
        bytes=size,
        duration_s=round(timeline.duration_s, 6),
        claimed_s=_claimed(item, kind, container, timeline),
        truncated=timeline.truncated or is_cut,
        codec=codec_of(audio),
        sample_rate_hz=context.sample_rate,
        channels=context.channels,
        bitrate_bps=context.bit_rate or round(size * 8 / timeline.duration_s),
        audio_stream=audio.index,
        audio_streams=len(container.streams.audio),
        changes=find_changes(item, str(kind.demuxer), None, audio),
        has_cover=bool(container.streams.video),
        metadata=metadata.kinds,
        private_metadata=metadata.private,
    )


def _claimed(item: Openable, kind: Format, container: Any, measured: Timeline) -> float | None:
    """The length of a sound by its header, where that misleads."""
    header_s = None
    if kind.demuxer == "wav":
        header_s = riff.claimed_seconds(item)
    elif kind.demuxer == "mp3":
        header_s = mp3_length.header_seconds(item)
    claims = (header_s, (container.duration or 0) / av.time_base or None)
    return next((round(each, 6) for each in claims if each is not None and _misleads(each, measured.duration_s)), None)


def _misleads(claimed_s: float, measured_s: float) -> bool:
    return abs(claimed_s - measured_s) > MISLEADING_S


def _measured(item: Openable, kind: Format, stream: Any, is_cut: bool) -> Timeline:
    timeline = measure(item, str(kind.demuxer), stream, ends_early=is_cut)
    if round(timeline.duration_s, 6) <= 0:  # as it is kept: the difference between two ticks may be less
        raise UnreadableError(f"{shown(item)}: no duration could be measured; it is damaged or holds nothing")
    return timeline


def _duration(container: Any, kind: Format, video: Timeline, sound: Timeline | None) -> float:
    """The longest of the chosen streams and, of a file that may stay as it is, the header: what a reader may see.

    An FLV counts from 0, however late its first picture is shown.
    """
    tracks = [video, sound] if sound is not None and not sound.truncated and sound.duration_s > 0 else [video]
    first_s = min(track.start_s for track in tracks)
    lengths = [track.end_s - first_s for track in tracks]
    claimed_s = (container.duration or 0) / av.time_base
    if kind.demuxer == "mov" and not video.truncated and claimed_s - max(lengths) <= COUNTED_S:
        lengths.append(claimed_s)
    return round(max(lengths), 6)


def _first_frame(item: Openable, container: Any, video: Any) -> Any:
    video.codec_context.thread_count = 1  # several would decode as many frames before they give the first
    failure: av.FFmpegError | None = None
    for packet in islice(container.demux(video), MOST_UNDECODED):
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            failure = failure or error
            if packet.is_keyframe:
                break
        else:
            if frames:
                return frames[0]
    if failure is not None:
        raise failure
    raise UnreadableError(f"{shown(item)}: no frame of its picture can be decoded")


def _display_matrix(frame: Any) -> tuple[Literal[0, 90, 180, 270], bool]:
    """Clockwise degrees, and whether the picture is mirrored before it is turned.

    By the rules of ffmpeg, which turns so in quarters; a matrix that means anything else (a shear, 45 degrees, zeros)
    is left out of account.
    """
    try:
        data = next((side for side in frame.side_data if side.type.name == "DISPLAYMATRIX"), None)
    except ValueError:  # PyAV 18 reads none of a frame's side data if one kind is newer than itself, as in MV-HEVC
        return _quarter(-frame.rotation), False
    if data is None:
        return 0, False
    a, b, _, c, d = struct.unpack("<5i", bytes(data)[:20])
    across, down = hypot(a, c), hypot(b, d)
    if not across or not down:
        return 0, False
    angle = round(degrees(atan2(b / down, a / across))) % 360
    if angle % 90:
        return 0, False
    mirrored = {0: d < 0, 90: c > 0, 180: d > 0, 270: c < 0}[angle]
    return _quarter(angle + 180 * mirrored), mirrored


def _quarter(angle: int) -> Literal[0, 90, 180, 270]:
    """*angle* within a whole turn; 0 where it is no multiple of a quarter."""
    turns: tuple[Literal[0, 90, 180, 270], ...] = (0, 90, 180, 270)
    return 0 if angle % 90 else turns[angle // 90 % 4]


def _dolby_vision(frame: Any) -> int | None:
    """The Dolby Vision profile by the first frame; 8 has a base layer that plays without it."""
    try:
        if not any(side.type.name.startswith("DOVI") for side in frame.side_data):
            return None
    except ValueError:  # see `_display_matrix`
        return None
    return 8 if int(frame.color_trc) in (1, 16, 18) else 5


def _keys(*groups: dict[str, str]) -> set[str]:
    """The keys of tags that are not empty."""
    return {key for tags in groups for key, value in tags.items() if value.strip()}
