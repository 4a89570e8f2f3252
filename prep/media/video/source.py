"""The input of a video command, opened at the part that is wanted."""

from typing import Any, Literal, NamedTuple

from prep.errors import ToolError
from prep.media.audio.downmix import pan_of
from prep.media.container.keyframes import lands_late, lead_in_s
from prep.media.ffmpeg.run import open_input
from prep.media.task import Task
from prep.media.video.picture import turned
from prep.media.video.steady import NOT_REBUILT, Steady, steady_picture
from prep.model.media import VideoInfo
from prep.model.plan import EncodeVideo, PlanEntry, Trim, find
from prep.model.value import Value

# A rounded time may lie just behind its frame.
EARLY_S = 0.002
# Containers without an index are sought by guessing: begin this much earlier and skip what is decoded too much.
UNINDEXED, EARLIER_S = ("mpegts", "mpeg", "mpegvideo"), (0.0, 10.0, 60.0)
# An MP4's index leads to the right keyframe.
INDEXED = ("mov",)
# Animations are read from the beginning, with the times that browsers show them at (see `image.animation`): libavformat
# keeps frames of 10 ms and less. A filter of its own knows the time of the frame before.
ANIMATIONS = ("gif", "png", "webp", "avif")
AS_SHOWN = "if(isnan(PREV_OUTPTS),0,PREV_OUTPTS+if(lte((PTS-PREV_INPTS)*TB,0.0105),0.1/TB,PTS-PREV_INPTS))"


class Opening(Value):
    """The seconds from the container's start at which reading begins, and those to skip of what is read.

    *pan* mixes a soundtrack whose channels have no positions.
    """

    start_s: float = 0.0
    skip_s: float = 0.0
    pan: str | None = None


class VideoInput(NamedTuple):
    """The streams of an input that is read from *at* on."""

    streams: Any
    info: VideoInfo
    at: Opening
    steady: Steady | None = None

    def picture(self) -> Any:
        stream = self.coded(self.info.video_stream)
        if self.info.container in ANIMATIONS:
            stream = stream.filter("setpts", AS_SHOWN)
        if self.steady:
            stream = steady_picture(stream, self.info, self.steady.bars)
            stream = stream if self.info.interlaced else turned(stream, self.info)
        return _skipping(stream, self.at.skip_s, "")

    def sound(self) -> Any:
        """In stereo where its channels have no positions."""
        stream = self.steady.sound if self.steady else self.coded(self.info.audio_stream)
        if self.at.pan and not self.steady:
            stream = stream.filter("pan", args=self.at.pan)
        return _skipping(stream, self.at.skip_s, "a")

    def coded(self, index: int | None) -> Any:
        """One stream as it is."""
        return self.streams[str(index)]


def _skipping(stream: Any, skip_s: float, kind: Literal["", "a"]) -> Any:
    """*stream* without its beginning; *kind* "a": a sound, whose filters are called differently."""
    if not skip_s:
        return stream
    return stream.filter(f"{kind}trim", start=f"{skip_s:.6f}").filter(f"{kind}setpts", f"PTS-{skip_s:.6f}/TB")


def find_opening(task: Task) -> Opening:
    """Look into the source of *task* for where to begin."""
    info, trim = video_of(task.entry), find(task.entry.steps, Trim)
    early_s = earlier_s = 0.0
    if find(task.entry.steps, EncodeVideo):
        early_s, earlier_s = EARLY_S, lead_in_s(task.source, task.demuxer, info, trim.start_s) if trim else 0.0
    pan = pan_of(task.source, task.demuxer, info)
    return opening(task, early_s, earlier_s).model_copy(update={"pan": pan})


def opening(task: Task, early_s: float, earlier_s: float) -> Opening:
    """Read from *early_s* before the part, and *earlier_s* before that what is skipped."""
    info, trim = video_of(task.entry), find(task.entry.steps, Trim)
    # times count from the first picture
    start_s = max(0.0, trim.start_s + info.lead_s - early_s) if trim else 0.0
    if info.container in ANIMATIONS:
        return Opening(skip_s=start_s)
    if start_s <= 0 or task.demuxer in INDEXED:
        skip_s = min(start_s, earlier_s)
        return Opening(start_s=start_s - skip_s, skip_s=skip_s)
    tries = EARLIER_S[1:] if task.demuxer in UNINDEXED else EARLIER_S
    for skip_s in tries:
        if skip_s < start_s and not lands_late(task.source, task.demuxer, info.video_stream, start_s - skip_s):
            return Opening(start_s=start_s - skip_s, skip_s=skip_s)
    return Opening(skip_s=start_s)


def open_source(task: Task, at: Opening, steady: Steady | None = None, **options: Any) -> VideoInput:
    """Open the task's source; *steady* where it changes midway."""
    if task.demuxer == "apng":
        options["default_fps"] = 10  # for frames without a delay; otherwise 15
    seek = {"ss": f"{at.start_s:.6f}"} if at.start_s > 0 else {}
    streams = open_input(task.source, task.demuxer, **seek, **NOT_REBUILT, **options)
    return VideoInput(streams, video_of(task.entry), at, steady)


def video_of(entry: PlanEntry) -> VideoInfo:
    """The facts of a video; raises ToolError when the entry is about something else."""
    if not isinstance(entry.source, VideoInfo):
        raise ToolError(f"{entry.label}: not a video")
    return entry.source
