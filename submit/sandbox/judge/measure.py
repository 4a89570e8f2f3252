"""Measurement of uploaded files with Pillow and PyAV directly.

This shares nothing with prep.media on purpose: a sandbox that measured with the code under test would agree with each
of its mistakes.
"""

from fractions import Fraction
from pathlib import Path

import av
import pillow_heif
from av.container import InputContainer
from av.stream import Disposition
from PIL import ExifTags, Image, UnidentifiedImageError

from prep.model.value import Value

# Uploads are hostile input: formats that refer to other files or hosts (playlists, concat scripts) are not opened.
SAFE_FORMATS = "mov,mp3,wav,matroska,ogg,flac,aac,avi"
_IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "AVIF")
_IMAGE_CONTAINERS = {"mpo": "jpeg"}  # Pillow's name for a JPEG followed by more pictures, as phones make them
_MAX_DECODED_PX = 6000 * 6000
_MICROSECONDS = 1_000_000


class NotMedia(Exception):
    """The file can't be read as the kind it was sent as."""


class MeasuredImage(Value):
    """Width and height are as displayed, also for videos."""

    path: Path
    container: str
    size_bytes: int
    width: int
    height: int


class MeasuredVideo(Value):
    """*duration_s* is the longest that any part of the file claims; *audio_codec* None: no soundtrack."""

    path: Path
    container: str
    size_bytes: int
    width: int
    height: int
    fps: float
    duration_s: float
    codec: str
    audio_codec: str | None


class MeasuredAudio(Value):
    path: Path
    container: str
    size_bytes: int
    duration_s: float


def measure_image(path: Path) -> MeasuredImage:
    """Measure an image. Raises NotMedia if it can't be decoded to the end."""
    try:
        with _open_image(path) as image:
            container = (image.format or "").lower()
            sideways = False
            if image.width * image.height <= _MAX_DECODED_PX:
                image.load()
                sideways = image.getexif().get(ExifTags.Base.Orientation) in (5, 6, 7, 8)
            return MeasuredImage(
                path=path,
                container=_IMAGE_CONTAINERS.get(container, container),
                size_bytes=path.stat().st_size,
                width=image.height if sideways else image.width,
                height=image.width if sideways else image.height,
            )
    except Exception as error:  # decoders raise all kinds of errors on hostile bytes
        raise NotMedia(str(error)) from error


def open_picture(path: Path) -> Image.Image:
    """Open a picture that measure_image accepted."""
    return _open_image(path)


def measure_video(path: Path) -> MeasuredVideo:
    """Measure a video. Raises NotMedia if it has no picture track or its first frame can't be decoded."""
    try:
        with av.open(path, options={"format_whitelist": SAFE_FORMATS}) as container:
            streams = [stream for stream in container.streams.video if not _is_cover(stream.disposition)]
            if not streams:
                raise NotMedia("there is no video stream")
            stream = streams[0]
            sideways = next(container.decode(stream)).rotation % 180 == 90
            sound = container.streams.audio
            claims = [_seconds(track.duration, track.time_base) for track in (stream, *sound)]
            claims.append(_seconds(container.duration, Fraction(1, _MICROSECONDS)))
            return MeasuredVideo(
                path=path,
                container=_container_name(container),
                size_bytes=path.stat().st_size,
                width=stream.height if sideways else stream.width,
                height=stream.width if sideways else stream.height,
                fps=round(float(stream.average_rate or 0), 2),
                duration_s=round(max(claims), 3),
                codec=stream.codec_context.codec.canonical_name,
                audio_codec=sound[0].codec_context.codec.canonical_name if sound else None,
            )
    except (av.error.FFmpegError, OSError, ValueError, StopIteration) as error:
        raise NotMedia(str(error)) from error


def measure_audio(path: Path) -> MeasuredAudio:
    """Measure a sound; its length is the sum of its packets, because headers of MP3 files guess. Raises NotMedia."""
    try:
        with av.open(path, options={"format_whitelist": SAFE_FORMATS}) as container:
            if not container.streams.audio:
                raise NotMedia("there is no audio stream")
            stream = container.streams.audio[0]
            ticks = sum(packet.duration or 0 for packet in container.demux(stream))
            return MeasuredAudio(
                path=path,
                container=_container_name(container),
                size_bytes=path.stat().st_size,
                duration_s=round(_seconds(ticks, stream.time_base), 3),
            )
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise NotMedia(str(error)) from error


def _open_image(path: Path) -> Image.Image:
    Image.init()  # without it, a format in *formats* whose plugin is not loaded yet is a KeyError
    try:
        return Image.open(path, formats=_IMAGE_FORMATS)
    except UnidentifiedImageError:
        # registering with Pillow would change Image.open for the whole process
        heif = pillow_heif.open_heif(path)
        picture: Image.Image = heif.to_pillow()
        picture.format = heif.mimetype.removeprefix("image/").removesuffix("-sequence")
        return picture


def _container_name(container: InputContainer) -> str:
    """ffmpeg has one demuxer for the whole MP4 family; the brand distinguishes MOV, 3GP and M4A from MP4."""
    names = container.format.name.split(",")
    if "mov" not in names:
        return names[0]
    brand = container.metadata.get("major_brand", "qt  ").strip().lower()
    if brand.startswith("3g"):
        return "3gp"
    return {"qt": "mov", "m4a": "m4a"}.get(brand, "mp4")


def _is_cover(disposition: Disposition) -> bool:
    return bool(disposition & Disposition.attached_pic)


def _seconds(ticks: int | None, time_base: Fraction | None) -> float:
    return float((ticks or 0) * (time_base or Fraction(0)))
