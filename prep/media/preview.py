"""Previews of files for a page: thumbnails, film strips and waveforms."""

import base64
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from prep.errors import PrepError
from prep.log import get_logger
from prep.media.analysis.scan import SPARSE_S, frames_over
from prep.media.container.demux import first_s, open_container
from prep.media.image.decode import open_image
from prep.media.image.picture import picture
from prep.media.isolation.pool import Isolation
from prep.media.probe.dispatch import demuxer_of, probe_media
from prep.media.video.still import upright_still
from prep.media.waveform import Stretch, waveform
from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import Orient, Scale
from prep.model.preview import Preview, Thumbnail
from prep.threads import each

logger = get_logger(__name__)

# With these bounds a page of twelve references, before and after, stays below 2 MB. Edges in pixels.
PICTURE_EDGE, PICTURE_BYTES = 640, 30_000
STRIP, STRIP_EDGE, STRIP_BYTES = 12, 200, 6_000
REASON = ("asked",)
QUALITIES = (75, 55, 35, 15)
WAVE = 240


class PreviewSource(NamedTuple):
    """A file to show and its facts: *at_hand* returns its path, and may fetch it first; *moment_s* as in `preview`."""

    at_hand: Callable[[], Path]
    info: MediaInfo
    moment_s: float | None = None


def previews(files: Iterable[PreviewSource], isolation: Isolation) -> tuple[Preview, ...]:
    """A preview of each file, made in parallel; an empty one for a file that can't be shown, whatever the reason."""
    cancel = threading.Event()
    return tuple(each(partial(_attempt, isolation, cancel), list(files), cancel))


def _attempt(isolation: Isolation, cancel: threading.Event, file: PreviewSource) -> Preview:
    try:
        path = file.at_hand()
        return isolation.call(preview, path, file.info, file.moment_s, label=path.name, cancel=cancel)
    except PrepError as error:
        return Preview(why=str(error))
    except Exception:  # a page without this picture is better than none
        logger.info("no preview", exc_info=True)
        return Preview()


def preview(path: Path, info: MediaInfo, moment_s: float | None = None) -> Preview:
    """The preview of one file; the picture of a video is the one at *moment_s*, None: in its middle.

    Raises whatever its decoder raises.
    """
    if isinstance(info, ImageInfo):
        return Preview(picture=thumbnail(_image(path, info), PICTURE_EDGE, PICTURE_BYTES))
    if isinstance(info, AudioInfo):
        return Preview(wave=waveform(path, info, Stretch(0.0, info.duration_s), WAVE))
    moments = _moments(path, info)
    if not moments:
        return Preview()
    middle_s = info.duration_s / 2 if moment_s is None else moment_s
    nearest = [_nearest(moments, info.duration_s * (index + 0.5) / STRIP) for index in range(STRIP)]
    return Preview(
        picture=thumbnail(_nearest(moments, middle_s), PICTURE_EDGE, PICTURE_BYTES),
        strip=tuple(thumbnail(image, STRIP_EDGE, STRIP_BYTES) for image in nearest),
    )


def glimpse(path: Path, edge: int, max_bytes: int) -> Preview:
    """The picture of an image or the first frame of a video, at most *edge* pixels wide and high; a sound has none.

    Raises whatever its decoder raises.
    """
    info, demuxer = probe_media(path)
    if isinstance(info, ImageInfo):
        return Preview(picture=thumbnail(_image(path, info), edge, max_bytes))
    if isinstance(info, AudioInfo) or info.codec == "webp":
        return Preview()
    with open_container(path, demuxer or demuxer_of(path)) as container:
        frame = next(container.decode(container.streams[info.video_stream]))
        still = upright_still(frame, info, _within(info.width, info.height))
    return Preview(picture=thumbnail(still, edge, max_bytes))


def thumbnail(image: Image.Image, edge: int, max_bytes: int) -> Thumbnail:
    image = image.copy()
    image.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    image.info = {}
    for quality in QUALITIES:
        file = BytesIO()
        image.save(file, "WEBP", quality=quality, method=3)
        if file.tell() <= max_bytes:
            data = base64.b64encode(file.getvalue()).decode("ascii")
            return Thumbnail(width=image.width, height=image.height, data=data)
    return thumbnail(image, edge // 2, max_bytes)  # noise


def _image(path: Path, info: ImageInfo) -> Image.Image:
    """Upright and in sRGB, no larger than it is shown."""
    width, height = _within(info.width, info.height)
    return picture(path, info, (Orient(because=REASON), Scale(width=width, height=height, because=REASON))).image


def _moments(path: Path, info: VideoInfo) -> list[tuple[float, Image.Image]]:
    """Pictures from all over the clip and their times from its start, as far as it decodes."""
    width, height = _within(info.width, info.height)
    if info.codec == "webp":
        with open_image(path, "webp") as image:
            return list(_webp_moments(image, (width, height)))
    with open_container(path, demuxer_of(path)) as container:
        stream = container.streams[info.video_stream]
        start_s, gap_s = first_s(stream), max(info.duration_s / STRIP / 2, 0.01)
        frames = frames_over(container, stream, info, gap_s, min(SPARSE_S, info.duration_s / STRIP))
        return [(frame.time - start_s, upright_still(frame, info, (width, height))) for frame in frames]


def _webp_moments(image: Image.Image, size: tuple[int, int]) -> Iterator[tuple[float, Image.Image]]:
    time_s = 0.0
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        image.load()
        yield time_s, image.convert("RGB").resize(size)
        time_s += int(image.info.get("duration", 0)) / 1000


def _within(width: int, height: int) -> tuple[int, int]:
    shrink = min(1.0, PICTURE_EDGE / max(width, height))
    return max(2, round(width * shrink)), max(2, round(height * shrink))


def _nearest(moments: Sequence[tuple[float, Image.Image]], time_s: float) -> Image.Image:
    return min(moments, key=lambda moment: abs(moment[0] - time_s))[1]
