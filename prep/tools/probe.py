"""Probing: from a file to its MediaInfo. The kind is decided by content, never by the file's name."""

from pathlib import Path
from typing import Literal

from prep.errors import UnreadableError
from prep.model.media import MediaInfo
from prep.model.shown import shown
from prep.tools.probe_av import probe_av
from prep.tools.probe_image import probe_animated_webp, probe_image
from prep.tools.sniff import Format, is_jpeg_xl, sniff

ANIMATIONS = {"gif": "gif", "png": "apng", "webp": "webp_anim", "avif": "mov"}


def probe(path: Path, track: Literal["audio", "video"] | None = None) -> MediaInfo:
    """The facts of one file. *track* asks for the sound of a video, or for an animation as a video.

    Raises UnreadableError, which names the file and says what is wrong, when it is missing, empty, a folder, or not
    media that can be decoded.
    """
    found = identify(path)
    if found.demuxer is None and track == "video":
        return _animation(path, found)
    if found.demuxer is None:
        if track == "audio":
            raise UnreadableError(f"{shown(path)}: an image has no sound; leave #track=audio out")
        return probe_image(path, found.container)
    return probe_av(path, found, track)


def identify(path: Path) -> Format:
    """The format of *path* by content. Raises UnreadableError when there is nothing to read."""
    try:
        if path.is_dir():
            raise UnreadableError(f"{shown(path)}: a folder; name the files in it")
        if not path.is_file() and path.exists():
            raise UnreadableError(f"{shown(path)}: not a regular file")
        found = sniff(path)
        if path.stat().st_size == 0:
            raise UnreadableError(f"{shown(path)}: the file is empty (0 bytes)")
    except FileNotFoundError:
        raise UnreadableError(f"{shown(path)}: no such file") from None
    except OSError as error:
        raise UnreadableError(f"{shown(path)}: can't be read: {error.strerror or error}") from error
    if found is None and is_jpeg_xl(path):
        raise UnreadableError(f"{shown(path)}: JPEG XL, which is not read here; save it as PNG, or as JPEG")
    if found is None:
        raise UnreadableError(
            f"{shown(path)}: not an image, video or sound of a kind that can be read here, whatever its name says"
        )
    return found


def demuxer_of(path: Path) -> str:
    """What ffmpeg is to open *path* with; an image is opened as an animation."""
    found = identify(path)
    if found.demuxer is None:
        return ANIMATIONS[found.container]
    return found.demuxer


def _animation(path: Path, found: Format) -> MediaInfo:
    image = probe_image(path, found.container)
    if image.frames < 2:
        raise UnreadableError(f"{shown(path)}: not an animation; leave #track=video out")
    if found.container not in ANIMATIONS:
        raise UnreadableError(f"{shown(path)}: an animated {found.container.upper()} can't be read as a video")
    if found.container == "webp":
        return probe_animated_webp(path, image)  # the ffmpeg that decodes it is newer than the library that probes
    return probe_av(path, Format(found.container, ANIMATIONS[found.container]), "video")
