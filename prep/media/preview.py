"""Small pictures and waveforms of files, for a page that shows them."""

import base64
import logging
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import av
from PIL import Image, ImageOps

from prep.errors import PrepError
from prep.media.analysis.scan import SPARSE_S, frames_over
from prep.media.audio.downmix import Mono
from prep.media.container.demux import first_s, open_container
from prep.media.image.decode import open_image
from prep.media.image.encode import picture
from prep.media.probe.dispatch import demuxer_of
from prep.media.video.color_matrix import guessed_matrix
from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import Orient, Scale
from prep.model.preview import Preview, Thumbnail

logger = logging.getLogger(__name__)

# A page of twelve references, before and after, stays below 2 MB with these bounds. Edges in pixels.
PICTURE_EDGE, PICTURE_BYTES = 640, 30_000
STRIP, STRIP_EDGE, STRIP_BYTES = 12, 200, 6_000
SHOWN = ("asked",)
QUALITIES = (75, 55, 35, 15)
WAVE, WAVE_RATE_HZ = 240, 8_000
# Of a longer sound only this much is heard at each of the points of its wave.
LONG_S, HEARD_S = 300.0, 0.1
MATRICES = {"bt709": "ITU709", "bt601": "ITU601"}
TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


class Shown(NamedTuple):
    """A file to show: *at_hand* gives its path, and may have to fetch it; what was probed from it; *moment_s* as in
    `preview`."""

    at_hand: Callable[[], Path]
    info: MediaInfo
    moment_s: float | None = None


def previews(files: Iterable[Shown]) -> tuple[Preview, ...]:
    """A preview of each file, in parallel. A file that can't be shown, whatever the reason, has an empty one."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return tuple(pool.map(_attempt, files))


def _attempt(file: Shown) -> Preview:
    try:
        return preview(file.at_hand(), file.info, file.moment_s)
    except PrepError as error:
        return Preview(why=str(error))
    except Exception:  # a page without this picture is better than none
        logger.info("no preview", exc_info=True)
        return Preview()


def preview(path: Path, info: MediaInfo, moment_s: float | None = None) -> Preview:
    """The preview of one file; of a video the picture is that of *moment_s*, None: of its middle.

    Raises whatever its decoder raises.
    """
    if isinstance(info, ImageInfo):
        return Preview(picture=_thumbnail(_image(path, info), PICTURE_EDGE, PICTURE_BYTES))
    if isinstance(info, AudioInfo):
        return Preview(wave=_wave(path, info))
    moments = _moments(path, info)
    if not moments:
        return Preview()
    middle_s = info.duration_s / 2 if moment_s is None else moment_s
    nearest = [_nearest(moments, info.duration_s * (index + 0.5) / STRIP) for index in range(STRIP)]
    return Preview(
        picture=_thumbnail(_nearest(moments, middle_s), PICTURE_EDGE, PICTURE_BYTES),
        strip=tuple(_thumbnail(image, STRIP_EDGE, STRIP_BYTES) for image in nearest),
    )


def _thumbnail(image: Image.Image, edge: int, most_bytes: int) -> Thumbnail:
    image = image.copy()
    image.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    image.info = {}
    for quality in QUALITIES:
        written = BytesIO()
        image.save(written, "WEBP", quality=quality, method=3)
        if written.tell() <= most_bytes:
            data = base64.b64encode(written.getvalue()).decode("ascii")
            return Thumbnail(width=image.width, height=image.height, data=data)
    return _thumbnail(image, edge // 2, most_bytes)  # noise


def _image(path: Path, info: ImageInfo) -> Image.Image:
    """Upright and in sRGB, no larger than it is shown."""
    width, height = _within(info.width, info.height)
    return picture(path, info, (Orient(because=SHOWN), Scale(width=width, height=height, because=SHOWN))).image


def _moments(path: Path, info: VideoInfo) -> list[tuple[float, Image.Image]]:
    """Pictures from all over the clip with their times from its start; as far as it decodes."""
    width, height = _within(info.width, info.height)
    if info.codec == "webp":
        with open_image(path, "webp") as image:
            return list(_webp_moments(image, (width, height)))
    with open_container(path, demuxer_of(path)) as container:
        stream = container.streams[info.video_stream]
        start_s, gap_s = first_s(stream), max(info.duration_s / STRIP / 2, 0.01)
        frames = frames_over(container, stream, info, gap_s, min(SPARSE_S, info.duration_s / STRIP))
        return [(frame.time - start_s, _upright(frame, info, width, height)) for frame in frames]


def _webp_moments(image: Image.Image, size: tuple[int, int]) -> Iterator[tuple[float, Image.Image]]:
    time_s = 0.0
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        image.load()
        yield time_s, image.convert("RGB").resize(size)
        time_s += int(image.info.get("duration", 0)) / 1000


def _upright(frame: Any, info: VideoInfo, width: int, height: int) -> Image.Image:
    if info.rotation in (90, 270):
        width, height = height, width
    matrix = MATRICES.get(guessed_matrix(info) or "")
    image: Image.Image = frame.to_image(width=width, height=height, interpolation="AREA", src_colorspace=matrix)
    if info.mirrored:
        image = ImageOps.mirror(image)
    return image.transpose(TURNS[info.rotation]) if info.rotation else image


def _within(width: int, height: int) -> tuple[int, int]:
    shrink = min(1.0, PICTURE_EDGE / max(width, height))
    return max(2, round(width * shrink)), max(2, round(height * shrink))


def _nearest(moments: Sequence[tuple[float, Image.Image]], time_s: float) -> Image.Image:
    return min(moments, key=lambda moment: abs(moment[0] - time_s))[1]


def _wave(path: Path, info: AudioInfo) -> tuple[float, ...]:
    """The loudest sample of each stretch, of full scale; of a long sound, of a moment in each."""
    loudest = [0.0] * WAVE
    with open_container(path, demuxer_of(path)) as container:
        stream = container.streams[info.audio_stream]
        start_s = first_s(stream)
        heard = _heard(container, stream, info, start_s) if info.duration_s > LONG_S else _all(container, stream)
        for time_s, samples in heard:
            bounds = [round(len(samples) * index / 4) for index in range(5)]  # a block may be longer than a stretch
            for index, (begin, end) in enumerate(pairwise(bounds)):
                part_s = time_s - start_s + len(samples) / WAVE_RATE_HZ * index / 4
                at = min(WAVE - 1, max(0, int(part_s / info.duration_s * WAVE)))
                part = samples[begin:end]
                if part:
                    loudest[at] = max(loudest[at], max(part) / 32768, -min(part) / 32768)
    return tuple(round(value, 3) for value in loudest)


def _all(container: Any, stream: Any) -> Iterator[tuple[float, "array[int]"]]:
    resampler = Mono(WAVE_RATE_HZ)
    try:
        for frame in container.decode(stream):
            for piece in resampler.resample(frame):
                yield piece.time or 0.0, array("h", bytes(piece.planes[0])[: piece.samples * 2])
    except av.FFmpegError:
        return  # as far as it goes


def _heard(container: Any, stream: Any, info: AudioInfo, start_s: float) -> Iterator[tuple[float, "array[int]"]]:
    for index in range(WAVE):
        wanted_s = start_s + info.duration_s * (index + 0.25) / WAVE
        container.seek(int(wanted_s / stream.time_base), stream=stream)
        begin_s = None
        for time_s, samples in _all(container, stream):
            begin_s = time_s if begin_s is None else begin_s
            yield wanted_s, samples
            if time_s - begin_s > HEARD_S:
                break
