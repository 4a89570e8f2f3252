"""Probing: from a file to its MediaInfo. The kind is decided by content, never by the file's name."""

import errno
from pathlib import Path
from typing import Literal, NamedTuple

from prep.errors import PrepError, UnreadableError, unreadable
from prep.media.container.not_media import foreign
from prep.media.container.sniff import Format, sniff
from prep.media.image.animation import as_shown, frame_times
from prep.media.io.read import read_part, size_of
from prep.media.io.special import refuse_special
from prep.media.probe.image import probe_animated_webp, probe_image
from prep.model.byte_source import Openable
from prep.model.media import MediaInfo, VideoInfo
from prep.model.redact import shown

FOREIGN_HEAD_BYTES = 1024
# Of the numbers that decoders use as well, those that they never mean damage by.
SYSTEM_ERRORS = (errno.EMFILE, errno.ENFILE, errno.ENOENT, errno.EACCES)
ANIMATIONS = {"gif": "gif", "png": "apng", "webp": "webp_anim", "avif": "mov"}


def probe(item: Openable, track: Literal["audio", "video"] | None = None) -> MediaInfo:
    """The facts of one file; raises as `probe_media` does."""
    return probe_media(item, track).info


class Probed(NamedTuple):
    """*demuxer* is libavformat's name for the format; None: a picture, which libavformat does not open."""

    info: MediaInfo
    demuxer: str | None


def probe_media(item: Openable, track: Literal["audio", "video"] | None = None) -> Probed:
    """Sniff and probe one file. *track* asks for the sound of a video, or for an animation as a video.

    Raises UnreadableError, which names the file and the reason, when it is missing, empty, no regular file, or not
    media that can be decoded; and whatever reading content that is not a local file raises.
    """
    try:
        kind = identify(item)
        try:
            return _probe(item, kind, track)
        except (PrepError, MemoryError):
            raise
        except Exception as error:  # decoders raise what they like about a broken file
            if isinstance(error, OSError) and error.errno in SYSTEM_ERRORS:
                raise unreadable(shown(item), error) from error
            raise UnreadableError(
                f"{shown(item)}: can't be read as {kind.container.upper()}: it is damaged; use another copy"
            ) from error
    finally:
        if not isinstance(item, Path):
            item.raise_failure()


def _probe(item: Openable, kind: Format, track: Literal["audio", "video"] | None) -> Probed:
    if kind.demuxer is None and track == "video":
        return Probed(_animation(item, kind), ANIMATIONS[kind.container])
    if kind.demuxer is None:
        if track == "audio":
            raise UnreadableError(f"{shown(item)}: an image has no sound; leave #track=audio out")
        return Probed(probe_image(item, kind.container), None)
    from prep.media.probe.streams import probe_av  # loads libav, which a picture does without

    return Probed(probe_av(item, kind, track), kind.demuxer)


def identify(item: Openable) -> Format:
    """The format of *item* by content. Raises UnreadableError when there is nothing to read."""
    try:
        if isinstance(item, Path):
            refuse_special(item, shown(item))
        kind = sniff(item)
        if size_of(item) == 0:
            raise UnreadableError(f"{shown(item)}: the file is empty (0 bytes)")
    except FileNotFoundError:
        raise UnreadableError(f"{shown(item)}: no such file") from None
    except OSError as error:
        raise unreadable(shown(item), error) from error
    if kind is None and (other := foreign(read_part(item, 0, FOREIGN_HEAD_BYTES))):
        raise UnreadableError(f"{shown(item)}: not an image, video or sound but {other}")
    if kind is None:
        raise UnreadableError(f"{shown(item)}: its content is not an image, video or sound that can be read")
    return kind


def demuxer_of(item: Openable) -> str:
    """The demuxer for *item* in ffmpeg; an image is opened as an animation."""
    kind = identify(item)
    if kind.demuxer is None:
        return ANIMATIONS[kind.container]
    return kind.demuxer


def _animation(item: Openable, kind: Format) -> MediaInfo:
    image = probe_image(item, kind.container)
    if image.frames < 2:
        raise UnreadableError(f"{shown(item)}: not an animation; leave #track=video out")
    if kind.container not in ANIMATIONS:
        raise UnreadableError(f"{shown(item)}: an animated {kind.container.upper()} can't be read as a video")
    if kind.container == "webp":
        return probe_animated_webp(item, image)  # the ffmpeg that decodes it is newer than the library that probes
    from prep.media.probe.streams import probe_av

    video = probe_av(item, Format(kind.container, ANIMATIONS[kind.container]), "video")
    assert isinstance(video, VideoInfo)
    return as_shown(video, frame_times(item, image))
