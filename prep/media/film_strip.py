"""Film strips: frames of a part of a clip, side by side in one picture."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageOps

from prep.errors import UnreadableError
from prep.media.analysis.moments import frames_at, moments
from prep.media.container.demux import READING_ERRORS, first_s, open_container
from prep.media.preview import thumbnail
from prep.media.video.still import tone_mapped_still, upright_still
from prep.media.waveform import Stretch
from prep.model.color_tags import as_hdr, stretches
from prep.model.media import VideoInfo
from prep.model.preview import Thumbnail

# A part with fewer pixels is decoded as a whole, well under a second of work; of others only keyframes are.
DECODED_PIXELS = 200_000_000
STRIP_BYTES = 120_000
MOST_CELLS = 40


class Cells(NamedTuple):
    """The frames of a strip: how many, and how large each is, in pixels; *sdr*: HDR as prepared files show it."""

    number: int
    width: int
    height: int
    sdr: bool = False


def film_strip(path: Path, demuxer: str, info: VideoInfo, part: Stretch, cells: Cells) -> Thumbnail:
    """Frames at equal distances over *part*, each cut to the size of its cell.

    Raises UnreadableError when nothing decodes.
    """
    cells = cells._replace(number=max(1, min(cells.number, MOST_CELLS)))
    times = moments(part, cells.number)
    size = _covering(info, cells)
    with open_container(path, demuxer) as container:
        pictures = [
            (time_s, upright_still(frame, info, size)) for time_s, frame in _frames(container, info, part, times)
        ]
    if not pictures:
        raise UnreadableError(f"{path.name}: no picture of this part decodes")
    strip = Image.new("RGB", (cells.width * cells.number, cells.height))
    for index, wanted_s in enumerate(times):
        picture = min(pictures, key=lambda one: abs(one[0] - wanted_s))[1]
        cell = ImageOps.fit(picture, (cells.width, cells.height), Image.Resampling.BILINEAR)
        strip.paste(cell, (index * cells.width, 0))
    if cells.sdr:
        _tone_map(strip, info, times, cells)
    return thumbnail(strip, max(strip.size), STRIP_BYTES)


def _tone_map(strip: Image.Image, info: VideoInfo, times: Sequence[float], cells: Cells) -> None:
    """Tone map the cells of *strip* that are HDR, all of one kind at once."""
    parts = stretches(info)
    kinds = [[part.hdr for part in parts if part.start_s <= time_s or part is parts[0]][-1] for time_s in times]
    for kind in {kind for kind in kinds if kind}:
        mapped = tone_mapped_still(strip, info if kind == info.hdr else as_hdr(info, kind))
        for index, other in enumerate(kinds):
            if other == kind:
                box = (index * cells.width, 0, (index + 1) * cells.width, cells.height)
                strip.paste(mapped.crop(box), box)


def _frames(container: Any, info: VideoInfo, part: Stretch, times: Sequence[float]) -> Iterator[tuple[float, Any]]:
    """Frames near *times*, with their own times from the start of the clip."""
    stream = container.streams[info.video_stream]
    stream.thread_type = "AUTO"
    begins_s = first_s(stream)
    pixels = info.coded_width * info.coded_height * max(info.avg_fps, 1.0) * part.duration_s
    if pixels > DECODED_PIXELS:
        stream.codec_context.skip_frame = "NONKEY"
        for frame in frames_at(container, info, list(times)):
            yield frame.time - begins_s, frame
        return
    gap_s = part.duration_s / len(times) / 2
    if part.start_s > 0:
        container.seek(int((part.start_s + begins_s) / stream.time_base), stream=stream)
    last_s = float("-inf")
    try:
        for frame in container.decode(stream):
            if frame.time is None:
                continue
            time_s = frame.time - begins_s
            if time_s > part.end_s and last_s >= part.start_s:
                return
            if time_s >= part.start_s - gap_s and time_s - last_s >= gap_s * 0.98:
                last_s = time_s
                yield time_s, frame
    except READING_ERRORS:
        return


def _covering(info: VideoInfo, cells: Cells) -> tuple[int, int]:
    """The size, as displayed, at which a frame covers its cell."""
    scale = max(cells.width / info.width, cells.height / info.height)
    return max(2, round(info.width * scale)), max(2, round(info.height * scale))
