"""When the frames of an animation are shown."""

from prep.errors import UnreadableError
from prep.media.image.decode import DECODING_ERRORS, open_image
from prep.model.analysis import Look
from prep.model.byte_source import Openable
from prep.model.media import ImageInfo
from prep.model.redact import shown
from prep.model.source import Source

# What browsers make of a GIF that names no time, or one too short to be meant.
UNSAID_MS = 100


def frame_times(item: Openable, info: ImageInfo) -> tuple[float, ...]:
    """The seconds at which each frame begins, and last the one at which the last frame ends.

    Raises UnreadableError when a frame can't be decoded.
    """
    if info.container == "jxl":
        from prep.media.image.jpeg_xl import frame_ends

        return (0.0, *frame_ends(item))
    times_ms = [0]
    try:
        with open_image(item, info.container) as image:
            for index in range(info.frames):
                image.seek(index)
                image.load()  # WebP and AVIF tell the time only then
                times_ms.append(times_ms[-1] + max(1, round(image.info.get("duration") or UNSAID_MS)))
    except DECODING_ERRORS as error:
        raise UnreadableError(f"{shown(item)}: its frame {len(times_ms)} can't be decoded: {error}") from error
    return tuple(time / 1000 for time in times_ms)


def timed(source: Source, item: Openable) -> Source:
    """*source* with the times of its frames in *item*, where a moment of an animation is asked for as a picture."""
    info, reference = source.info, source.reference
    if not isinstance(info, ImageInfo) or reference.part is None or info.frames == 1 or info.container == "tiff":
        return source
    return source.model_copy(update={"look": Look(frames_s=frame_times(item, info))})
