"""Content of files, read with PyAV and Pillow directly, without the code under test."""

import hashlib
from array import array
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
from PIL import Image

from fixtures.make import read_clock

# What one picture in BT.709, limited range, shows in the quadrants of the card: red, green, blue and white.
CARD_BT709 = ((63, 102, 240), (173, 42, 26), (32, 240, 118), (235, 128, 128))


class Track(NamedTuple):
    """One stream: what its header says of it. *duration_s* is the stream's own."""

    kind: str
    codec: str
    duration_s: float
    metadata: dict[str, str]


class Picture(NamedTuple):
    """The picture track of a video; *frames* were decoded and counted."""

    size: tuple[int, int]
    codec: str
    pixels: str
    rate: Fraction
    sar: Fraction
    turned: bool
    frames: int
    duration_s: float


class Sound(NamedTuple):
    """Decoded samples, a list of floats for each channel."""

    codec: str
    rate_hz: int
    channels: list["array[float]"]

    @property
    def duration_s(self) -> float:
        return len(self.channels[0]) / self.rate_hz

    def pitch_hz(self, start_s: float, end_s: float, channel: int = 0) -> float:
        """Of a plain tone between two moments, from its rising zero crossings."""
        part = self.channels[channel][round(start_s * self.rate_hz) : round(end_s * self.rate_hz)]
        rising = [index for index in range(1, len(part)) if part[index - 1] < 0 <= part[index]]
        if len(rising) < 3:
            return 0.0
        return (len(rising) - 1) * self.rate_hz / (rising[-1] - rising[0])

    def loudest(self, start_s: float, end_s: float) -> float:
        """The largest sample between two moments, of full scale 1.0, over all channels."""
        span = slice(round(start_s * self.rate_hz), round(end_s * self.rate_hz))
        return max(max(abs(sample) for sample in samples[span]) for samples in self.channels)

    def seconds_heard(self) -> list[int]:
        """For each second of a "pitch climbs" sound, which second of the source it was."""
        seconds = range(round(self.duration_s))
        return [round((self.pitch_hz(second + 0.2, second + 0.8) - 400) / 40) for second in seconds]


def tracks(path: Path) -> list[Track]:
    with av.open(str(path)) as container:
        return [
            Track(
                stream.type,
                stream.codec_context.name if stream.codec_context else "",
                float((stream.duration or 0) * (stream.time_base or 0)),
                dict(stream.metadata),
            )
            for stream in container.streams
        ]


def container_s(path: Path) -> float:
    """How long the container says it lasts."""
    with av.open(str(path)) as container:
        return (container.duration or 0) / av.time_base


def tags(path: Path) -> dict[str, str]:
    """The container's own metadata, without the brands."""
    with av.open(str(path)) as container:
        brands = ("major_brand", "minor_version", "compatible_brands", "encoder")
        return {key: value for key, value in container.metadata.items() if key not in brands}


def picture(path: Path) -> Picture:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        first, count = None, 0
        for frame in container.decode(stream):
            first = first or frame
            count += 1
        assert first is not None
        sar = stream.codec_context.sample_aspect_ratio
        return Picture(
            size=(first.width, first.height),
            codec=stream.codec_context.name,
            pixels=first.format.name,
            rate=Fraction(stream.average_rate or 0),
            sar=Fraction(sar) if sar else Fraction(1),
            turned=any(side.type.name == "DISPLAYMATRIX" for side in first.side_data),
            frames=count,
            duration_s=float((stream.duration or 0) * (stream.time_base or 0)),
        )


def frames(path: Path) -> Iterator[Any]:
    """Every frame of the first picture track, as PyAV gives it: as stored, whatever the display matrix says."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        yield from container.decode(stream)


def first_image(path: Path) -> Image.Image:
    frame = next(frames(path))
    image: Image.Image = frame.to_image()
    return image


def clocks(path: Path) -> list[int]:
    """The frame number that each frame shows."""
    return [
        read_clock(frame.to_image(width=360, height=round(360 * frame.height / frame.width))) for frame in frames(path)
    ]


def raw_quadrants(path: Path) -> tuple[tuple[int, int, int], ...]:
    """Y, Cb and Cr as coded in the middle of each quadrant of the first frame (8-bit 4:2:0)."""
    frame = next(frames(path))

    def at(across: float, down: float) -> tuple[int, int, int]:
        found = []
        for plane, shrink in zip(frame.planes, (1, 2, 2), strict=True):
            x, y = round(frame.width * across / shrink), round(frame.height * down / shrink)
            found.append(bytes(plane)[y * plane.line_size + x])
        return (found[0], found[1], found[2])

    return at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)


def sound(path: Path) -> Sound:
    """The first sound track, decoded."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp")
        channels = [array("f") for _ in range(stream.codec_context.channels)]
        for frame in container.decode(stream):
            for piece in resampler.resample(frame):
                for samples, plane in zip(channels, piece.planes, strict=True):
                    samples.frombytes(bytes(plane)[: piece.samples * 4])
        return Sound(stream.codec_context.codec.canonical_name, stream.codec_context.sample_rate, channels)


def packets(path: Path, kind: str) -> list[str]:
    """The hash of each packet of the first track of *kind*, in order."""
    with av.open(str(path)) as container:
        stream = next(stream for stream in container.streams if stream.type == kind)
        return [hashlib.sha256(bytes(packet)).hexdigest() for packet in container.demux(stream) if packet.size]


def atoms(path: Path) -> list[str]:
    """The names of an MP4's top-level boxes, in order."""
    names, at = [], 0
    data = path.read_bytes()
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        names.append(data[at + 4 : at + 8].decode("latin-1"))
        at += {0: len(data), 1: int.from_bytes(data[at + 8 : at + 16], "big")}.get(size, size)
    return names


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def assert_inside(path: Path) -> None:
    """The endpoint's published limits for a video, literally."""
    seen = picture(path)
    width, height = seen.size
    assert seen.codec == "h264"
    assert seen.pixels == "yuv420p"
    assert seen.sar == 1 and not seen.turned
    assert 409_600 <= width * height <= 927_408
    assert min(width, height) >= 300 and max(width, height) <= 6000
    assert 0.4 <= width / height <= 2.5
    assert width % 2 == height % 2 == 0
    assert 24 <= seen.rate <= 60
    assert 2.0 <= seen.duration_s <= 15.0
    assert 2.0 <= container_s(path) <= 15.0
    assert atoms(path)[:2] == ["ftyp", "moov"]
    assert [track.codec for track in tracks(path)] in (["h264", "aac"], ["h264"])


def left(folder: Path) -> list[str]:
    """The names of everything below *folder*."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
