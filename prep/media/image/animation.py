"""Frame times of an animation."""

from itertools import pairwise
from statistics import median

from prep.errors import UnreadableError
from prep.media.image.decode import DECODING_ERRORS, open_image
from prep.model.byte_source import Openable
from prep.model.media import ImageInfo, VideoInfo
from prep.model.redact import shown

# Browsers show a frame for 100 ms where the file names no time, or one of 10 ms or less.
DEFAULT_MS, TOO_SHORT_MS = 100, 10
EVEN_S = 0.0015


def shown_ms(duration: float | None) -> int:
    """How long browsers show a frame of that *duration*, in milliseconds."""
    return DEFAULT_MS if not duration or duration <= TOO_SHORT_MS else round(duration)


def frame_times(item: Openable, info: ImageInfo) -> tuple[float, ...]:
    """The second at which each frame begins, and that at which the last one ends.

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
                image.load()  # WebP and AVIF have a duration only then
                times_ms.append(times_ms[-1] + shown_ms(image.info.get("duration")))
    except DECODING_ERRORS as error:
        raise UnreadableError(f"{shown(item)}: its frame {len(times_ms)} can't be decoded: {error}") from error
    return tuple(time / 1000 for time in times_ms)


def as_shown(video: VideoInfo, times_s: tuple[float, ...]) -> VideoInfo:
    """*video*, an animation, with the length and rates that browsers show it with; *times_s* as from `frame_times`."""
    gaps = [after - before for before, after in pairwise(times_s)]
    average = round(len(gaps) / times_s[-1], 3)
    update = {"avg_fps": average, "duration_s": times_s[-1], "picture_s": times_s[-1]}
    if max(gaps) - min(gaps) <= EVEN_S:
        return video.model_copy(update={**update, "fps": average, "vfr": False})
    return video.model_copy(update={**update, "fps": round(1 / median(gaps), 3), "vfr": True})
