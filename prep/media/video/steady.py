"""Sources whose picture or sound changes midway, brought to one kind before the filters.

ffmpeg builds its filters again where a frame is unlike the one before (size, sample aspect, pixel format, colour tags;
rate, channels), and filters that count time begin at zero in the middle of the clip. So it is told not to, and what
changes is converted ahead of them: the picture by a scaler that looks at every frame, the sound in process.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple

from prep.errors import PrepError
from prep.media.audio.decode import Wanted, decode_sound
from prep.media.ffmpeg.run import open_input
from prep.media.h273 import filter_name
from prep.media.isolation.pool import Isolation
from prep.media.task import Task
from prep.model.color import BLACK, Color
from prep.model.color_tags import SCALER_MATRICES, color_tags, has_hdr
from prep.model.context import allowed_s
from prep.model.media import VideoInfo, soundtrack_rate_hz
from prep.model.plan import EncodeVideo, Mute, find

# Filters stay as they are built; a frame of another kind is then a complaint.
NOT_REBUILT = {"reinit_filter": 0}
COMPLAINT = re.compile(r"Changing (video|audio) frame properties on the fly")
CHANNELS, HEADROOM = 2, 0.25
# What the soundtrack may need beyond the part.
MORE_S = 1.0


class ChangesMidwayError(PrepError):
    """The picture or the sound, *track*, changes midway, so that it has to be made steady first."""

    def __init__(self, track: Literal["picture", "sound"]) -> None:
        super().__init__(f"the {track} changes midway")
        self.track = track


class Steady(NamedTuple):
    """The source is made steady; *sound* is its soundtrack, None: it has none, or none is wanted.

    *bars* is the colour around pictures of another size.
    """

    sound: Any
    bars: Color


def refuse_changes(line: str) -> None:
    """Raise ChangesMidwayError when ffmpeg's complaint *line* says that a frame is unlike the one before."""
    if match := COMPLAINT.search(line):
        raise ChangesMidwayError("picture" if match[1] == "video" else "sound")


def steady_picture(stream: Any, info: VideoInfo, bars: Color) -> Any:
    """*stream* as the probe saw its first frame: others are fitted into its size, with *bars*, in its colours.

    It is turned upright only then, so ffmpeg must not have done it (`display_rotation`).
    """
    width, height, tags = info.coded_width, info.coded_height, color_tags(info)
    shape = _ratio(info.sar)
    same = f"eq(iw,{width})*eq(ih,{height})*lt(abs(sar-{shape:.6f}),0.001)"
    fitted_width = f"2*trunc(min({width},{height}*dar/{shape:.6f})/2+0.001)"
    fitted_height = f"2*trunc(min({height},{width}*{shape:.6f}/dar)/2+0.001)"
    colours = {"out_range": "full" if tags.full_range else "limited"}
    if tags.matrix in SCALER_MATRICES - {"rgb"}:
        colours["out_color_matrix"] = filter_name(tags.matrix)
        if info.color_space is None:  # what no frame says is the same in all of them
            colours["in_color_matrix"] = filter_name(tags.matrix)
    stream = stream.filter(
        "scale",
        f"if({same},{width},{fitted_width})",
        f"if({same},{height},{fitted_height})",
        eval="frame",
        flags="lanczos",
        **colours,
    )
    alpha = info.has_alpha and info.codec in ("vp8", "vp9")  # the probe's decoders leave it out
    deep = "yuv420p10le" if has_hdr(info) else info.pix_fmt  # HDR in 8 bits has steps
    stream = stream.filter("format", "yuva420p" if alpha else deep)
    stream = stream.filter("pad", width, height, "(ow-iw)/2", "(oh-ih)/2", bars, eval="frame")
    return stream.filter("setsar", info.sar.replace(":", "/"))


@contextmanager
def made_steady(task: Task, info: VideoInfo, part: tuple[float, float], isolation: Isolation) -> Iterator[Steady]:
    """The soundtrack of *part*, its start (from the container's) and length in seconds, as an input of its own.

    Pauses and what does not decode are silence, so that it stays in step with the picture.
    """
    start_s, seconds = part
    encode = find(task.entry.steps, EncodeVideo)
    bars = encode.bars if encode else BLACK
    if info.audio_stream is None or find(task.entry.steps, Mute) is not None:
        yield Steady(None, bars)
        return
    rate_hz = soundtrack_rate_hz(info.audio_rate_hz)
    wanted = Wanted(start_s, seconds + MORE_S, rate_hz, CHANNELS, HEADROOM, timed=True)
    with TemporaryDirectory(dir=task.target.parent, prefix=".sound-") as folder:
        samples = Path(folder, "steady.pcm")
        asked = (task, info, wanted, samples)
        most_s = allowed_s(seconds)
        isolation.call(_write_samples, *asked, label=task.entry.label, cancel=task.cancel, seconds=most_s)
        stream = open_input(samples, "s32le", ar=rate_hz, ac=CHANNELS)["a"]
        stream = stream.filter("aformat", sample_fmts="fltp")
        yield Steady(stream.filter("volume", 1 / HEADROOM, precision="float"), bars)


def _write_samples(task: Task, info: VideoInfo, wanted: Wanted, path: Path) -> None:
    path.write_bytes(decode_sound(task, info, wanted).samples)


def _ratio(sar: str) -> float:
    across, _, down = sar.partition(":")
    return int(across) / int(down)
