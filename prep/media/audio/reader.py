"""Decoded frames of a sound on one steady clock: pauses in the time stamps are silence, joints are passed over."""

from collections.abc import Iterator
from contextlib import suppress
from math import inf
from typing import Any, NamedTuple

import av

from prep.media.container.demux import LEAP_S, READING_ERRORS, RESTART_S, Clock, first_s, restarts, tracks_on_one_clock
from prep.model.media import AudioInfo, VideoInfo

# Time stamps jitter by less; what is missing beyond is a pause that the recorder made.
# In step with a picture, less is seen.
PAUSE_S, STEP_S = 0.03, 0.01
SILENCE_S = 1.0
# A container that leaves out more of the sound than this has more than one recording.
LEFT_OUT_S = 0.25
# A clock of milliseconds, as Matroska has it, rounds; a frame of FLAC is longer.
LATE_S = 0.002
# A packet whose stated length is that of another rate, of 8 to 96 kHz, is wrong by so much at most.
MOST_TIMES_LONGER = 12
# The shortest packet of a codec in use: Opus, RFC 6716, 2.1.4.
LEAST_PACKET_S = 0.0025
# The first frame of an MP3 may be a header; in files that were joined it comes in the middle and does not decode.
MP3_HEADERS, MP3_HEAD_BYTES = (b"Xing", b"Info", b"VBRI"), 64


class Timed(NamedTuple):
    """A decoded frame, or silence, that begins at *time_s* on the stream's own clock; None: that is not known."""

    time_s: float | None
    frame: Any


class Reader:
    """Decodes packet by packet and skips those that don't decode; *damaged* counts them from *from_s* on,
    *lost_s* is how long they would have lasted, as far as that is known.

    What does not decode is silence where the time stamps say how long it lasts. *whole*: what comes twice is left out,
    so that the sound stays in step with its time stamps. Beside a picture it keeps the clock of both. *most*: how many
    packets are read from *from_s* on.
    """

    def __init__(
        self, container: Any, stream: Any, from_s: float = -inf, *, whole: bool = False, most: float = inf
    ) -> None:
        self._container, self._stream, self._from_s, self._whole = container, stream, from_s, whole
        self._packets_left = most
        self._tracks = tracks_on_one_clock(container, stream)
        self._clock = Clock(container) if len(self._tracks) > 1 else None
        self._leaps = restarts(container)
        # Frames of FLAC and pages of Ogg with a wrong checksum reach no decoder: only their time is missing. Opus skips
        # a few milliseconds at the beginning of each recording.
        checked = {"flac": LATE_S, "ogg": PAUSE_S}
        self._missing_s = checked.get(stream.codec_context.name, checked.get(container.format.name, inf))
        self._due_s: float | None = None
        self._shift_s = 0.0
        self._guess_s: float | None = None
        self._lost = False
        self.damaged = 0
        self.lost_s = 0.0

    def frames(self) -> Iterator[Timed]:
        """Frames that end after *from_s*, or whose time is unknown, as far as the file can be read."""
        with suppress(*READING_ERRORS):
            for packet in self._container.demux(self._tracks):
                if self._clock and packet.pts is not None:
                    self._clock.decoded_s(packet, float(packet.time_base))
                if packet.stream_index != self._stream.index:
                    continue
                if packet.pts is None or packet.pts * float(packet.time_base) >= self._from_s:
                    self._packets_left -= 1
                if self._packets_left < 0:
                    return
                shift_s = self._clock.shift_s if self._clock else 0.0
                guessed, lasts_s = self._is_guessed(packet), 0.0
                for frame in self._decoded(packet):
                    yield from self._timed(frame, None if guessed or frame.time is None else frame.time + shift_s)
                    lasts_s += frame.samples / frame.sample_rate
                if packet.pts is not None and packet.duration:
                    stated_s = float(packet.duration * packet.time_base)
                    wrong = abs(lasts_s - stated_s) > LATE_S and 0 < stated_s < lasts_s * MOST_TIMES_LONGER
                    self._guess_s = float(packet.pts * packet.time_base) + stated_s if wrong else None

    def _decoded(self, packet: Any) -> list[Any]:
        try:
            return list(packet.decode())
        except av.FFmpegError:
            if packet.size and not self._is_header(packet):
                self._lost = True
                late = packet.pts is None or float((packet.pts + (packet.duration or 0)) * packet.time_base)
                self.damaged += late is True or late > self._from_s
            return []

    def _is_guessed(self, packet: Any) -> bool:
        """Whether the time of *packet* was made from the stated length of the one before, which was wrong.

        MPEG-TS has a time stamp for several frames; the others are guessed, after a change by the rate before it.
        """
        if self._guess_s is None or packet.pts is None:
            return False
        return abs(float(packet.pts * packet.time_base) - self._guess_s) < LATE_S

    def _is_header(self, packet: Any) -> bool:
        head = bytes(packet)[:MP3_HEAD_BYTES] if self._stream.codec_context.name.startswith("mp3") else b""
        return any(name in head for name in MP3_HEADERS)

    def _timed(self, frame: Any, stamp_s: float | None) -> Iterator[Timed]:
        """*frame*, which begins at *stamp_s* by its time stamp, and the pause before it."""
        if self._due_s is None:
            self._due_s = stamp_s
        elif stamp_s is not None:
            yield from self._pause(frame, stamp_s)
        time_s, lasts_s = self._due_s, frame.samples / frame.sample_rate
        twice = time_s is not None and stamp_s is not None and stamp_s + self._shift_s < time_s - lasts_s / 2
        if twice and self._whole:
            return
        self._lost = False
        if time_s is not None:
            self._due_s = time_s + lasts_s
        if time_s is None or time_s + lasts_s > self._from_s:
            self.damaged += bool(frame.is_corrupt)
            yield Timed(time_s, frame)

    def _pause(self, frame: Any, stamp_s: float) -> Iterator[Timed]:
        """The silence before *frame*, which does not begin where the one before it ended."""
        due_s = self._due_s or 0.0
        ahead_s = stamp_s + self._shift_s - due_s
        missing = self._missing_s < ahead_s < LEAP_S
        self.damaged += missing and not self._lost and due_s + ahead_s > self._from_s
        if not self._clock and (ahead_s < -RESTART_S or (self._leaps and ahead_s > LEAP_S)):
            self._shift_s -= ahead_s
        elif missing or ahead_s > (STEP_S if self._whole else PAUSE_S):
            self.lost_s += ahead_s if missing or self._lost else 0.0
            yield from self._silence(frame, ahead_s)

    def _silence(self, frame: Any, seconds: float) -> Iterator[Timed]:
        """*seconds* of silence, of *frame*'s kind."""
        left = round(seconds * frame.sample_rate)
        while left > 0:
            count = min(left, round(SILENCE_S * frame.sample_rate))
            time_s = self._due_s or 0.0
            self._due_s = time_s + count / frame.sample_rate
            left -= count
            if self._due_s > self._from_s:
                yield Timed(time_s, _silent(frame, count))


def _silent(frame: Any, samples: int) -> Any:
    silent = av.AudioFrame(format=frame.format.name, layout=frame.layout, samples=samples)
    silent.sample_rate = frame.sample_rate
    # samples without a sign are zero in the middle
    zero = b"\x80" if frame.format.name.startswith("u8") else b"\x00"
    for plane in silent.planes:
        plane.update(zero * plane.buffer_size)
    return silent


def frames_between(container: Any, info: AudioInfo | VideoInfo, start_s: float, end_s: float = inf) -> Iterator[Any]:
    """Decoded frames from *start_s* to *end_s*, in seconds from the sound's start, as far as it decodes.

    For measuring only: the first and the last frame reach beyond.
    """
    stream = container.streams[info.audio_stream or 0]
    begins_s = first_s(stream)
    if start_s > 0:
        seek(container, stream, begins_s + start_s, info.duration_s)
    most = (end_s - start_s) / LEAST_PACKET_S  # many may hold nothing, or no time
    for time_s, frame in Reader(container, stream, begins_s + start_s, whole=True, most=most).frames():
        if time_s is not None and time_s - begins_s >= end_s:
            return
        yield frame


def seek(container: Any, stream: Any, to_s: float, lasts_s: float) -> None:
    """Seek to *to_s* in a sound of *lasts_s* seconds; one that can't be sought in is decoded from its beginning.

    So is one whose time stamps start anew: the container knows the length of one of its recordings only.
    """
    if restarts(container) and (container.duration or 0) / av.time_base < lasts_s - LEFT_OUT_S:
        return
    with suppress(*READING_ERRORS):
        container.seek(int(to_s / float(stream.time_base or 1)), stream=stream)
