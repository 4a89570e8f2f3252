"""Making of one video: the steps of a plan compiled to one ffmpeg command."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any, Literal, NamedTuple

from prep.errors import NonCompliantError, ToolError
from prep.media.ffmpeg import binary
from prep.media.ffmpeg.run import WithPictures, WithUnused, mp4_output, raw_output, run_graph
from prep.media.isolation.pool import Isolation
from prep.media.task import Task
from prep.media.video.picture import filter_picture, small_pictures
from prep.media.video.soundtrack import AAC, AUDIO_BPS, filter_sound
from prep.media.video.source import Opening, VideoInput, find_opening, open_source, video_of
from prep.media.video.steady import ChangesMidwayError, Steady, made_steady, refuse_changes
from prep.model.media import VideoInfo, exact_rate
from prep.model.plan import EncodeVideo, Extend, Mute, PlanEntry, Remux, Trim, find
from prep.rules.findings import Findings, about, over_share
from prep.rules.video import damaged, unforeseen

# Measured (docs/performance.md): slower presets score no higher at these sizes, and of the whole numbers 15 is the
# highest at which every clip that was tried has a mean VMAF of 95; the budget of bytes has room for it.
PRESET, CRF = "superfast", 15
# What rate control and the container need beside the average rate.
RATE_HEADROOM = 0.94


def make_video(task: Task, isolation: Isolation) -> Findings:
    """Make the video that *task* orders (MP4); returns a warning when some of what was decoded is damaged, or
    changes midway though the probe did not see it. *isolation* opens the source, beside ffmpeg.

    An encode that comes out larger than its share is repeated once at a corrected rate. Raises NonCompliantError when
    the second encode is too large as well, ToolError when ffmpeg fails, Cancelled when the task is cancelled.
    """
    entry = task.entry
    remux, encode = find(entry.steps, Remux), find(entry.steps, EncodeVideo)
    at = isolation.call(find_opening, task, label=entry.label, cancel=task.cancel)
    if remux is not None:
        copied = _run(task, at, isolation, partial(remux_graph, task, at))
        return about(unforeseen(copied.changed), entry.label, entry.tag)
    if encode is None:
        raise ToolError(f"{entry.label}: the plan neither encodes nor remuxes it")
    budget = float(encode.max_bytes)
    for _ in range(2):
        run = _run(task, at, isolation, partial(encode_graph, task, at, budget))
        size = task.target.stat().st_size
        if size <= encode.max_bytes:
            return about((*damaged(run.damaged), *unforeseen(run.changed)), entry.label, entry.tag)
        budget *= encode.max_bytes / size * RATE_HEADROOM
    finding = over_share("videos-too-large", size, encode.max_bytes, entry.label)
    raise NonCompliantError(f"{entry.label}: it does not fit into its share of the bytes", (finding,))


class _Run(NamedTuple):
    """*damaged* counts packets; *changed* is the track that changes midway, though the probe did not see it."""

    damaged: int
    changed: Literal["picture", "sound"] | None = None


def _run(task: Task, at: Opening, isolation: Isolation, graph: Callable[[Steady | None], Any]) -> _Run:
    """Run *graph*, and again with a steady source where that one changes midway."""
    seconds, changed = _made_s(task.entry), None
    if not video_of(task.entry).changes:
        try:
            return _Run(run_graph(graph(None), seconds, task.progress, task.cancel, refuse_changes))
        except ChangesMidwayError as error:
            changed = error.track
    with made_steady(task, video_of(task.entry), (at.start_s, at.skip_s + seconds), isolation) as steady:
        return _Run(run_graph(graph(steady), seconds, task.progress, task.cancel), changed)


def encode_graph(task: Task, at: Opening, max_bytes: float, steady: Steady | None = None) -> Any:
    """The graph that re-encodes the picture within about *max_bytes*.

    The source is read from *at* on; *steady*: it changes midway. Both are the same in `remux_graph`.
    """
    entry, info, steps = task.entry, video_of(task.entry), task.entry.steps
    encode = find(steps, EncodeVideo)
    assert encode is not None
    trim, extend = find(steps, Trim), find(steps, Extend)
    source = open_source(task, at, steady, **_uncropped(), **_alpha_decoder(info), **_unturned(info, steady))
    length_s = extend.duration_s if extend else trim.duration_s if trim else None
    rate = Fraction(encode.fps)
    picture, small = filter_picture(source.picture(), info, steps, rate), None
    if task.pictures is not None:
        copies = picture.filter_multi_output("split", 2)
        picture, small = copies[0], small_pictures(copies[1], info, steps, rate)
    streams = [picture]
    options: dict[str, Any] = {}
    if info.audio_stream is not None and find(steps, Mute) is None:
        streams.append(filter_sound(source.sound(), info, steps, length_s))
        options |= AAC
    if length_s is not None:
        options["t"] = f"{length_s:.6f}"
    if info.truncated:
        options["max_error_rate"] = 1  # what follows the usable part may not decode
    most_bps = _max_rate(max_bytes, _made_s(entry), sound=len(streams) > 1)
    options |= {
        "c:v": "libx264",
        "preset": PRESET,
        "crf": CRF,
        "maxrate": most_bps,
        # a short clip can spend no more than a part of a second ahead of its average
        "bufsize": max(1, round(most_bps * min(1.0, _made_s(entry) / 10))),
    }
    output = _output(streams, task, source, options)
    if small is None or task.pictures is None:
        return output
    return WithPictures(output, raw_output(small, task.pictures))


def remux_graph(task: Task, at: Opening, steady: Steady | None = None) -> Any:
    """The graph that copies the picture, and copies or encodes the soundtrack."""
    info, steps = video_of(task.entry), task.entry.steps
    remux, trim = find(steps, Remux), find(steps, Trim)
    source = open_source(task, at, steady)
    streams = [source.coded(info.video_stream)]
    options: dict[str, Any] = {"c:v": "copy"}
    if trim is not None:
        # counted, not timed: copying stops by decoding time, and with B-frames that is two frames late
        options["frames:v"] = round(trim.duration_s * exact_rate(info.fps))
    if info.codec == "hevc":
        options["tag:v"] = "hvc1"  # players take hev1 for unknown
    if info.audio_stream is not None and find(steps, Mute) is None:
        if remux is not None and remux.audio == "encode":
            streams.append(filter_sound(source.sound(), info, steps, trim.duration_s if trim else None))
            options |= AAC
        else:
            streams.append(source.coded(info.audio_stream))
            options |= {"c:a": "copy"}
    return _output(streams, task, source, options)


def _output(streams: list[Any], task: Task, source: VideoInput, options: dict[str, Any]) -> Any:
    """The output of a graph. ffmpeg counts from the first of the streams that are used: the sound stays one of them."""
    output = mp4_output(streams, task.target, **options)
    if source.steady is None or source.steady.sound is None:
        return output
    return WithUnused(output, task.source, source.info.audio_stream or 0)


def _alpha_decoder(info: VideoInfo) -> dict[str, Any]:
    """ffmpeg's own VP8 and VP9 decoders leave out the alpha channel, which is a second stream inside the packets."""
    if not info.has_alpha or info.codec not in ("vp8", "vp9"):
        return {}
    return {f"c:{info.video_stream}": "libvpx" if info.codec == "vp8" else "libvpx-vp9"}


def _uncropped() -> dict[str, Any]:
    """From 7.1 on ffmpeg cuts out a clean aperture; the probe, and the readers it stands for, do not."""
    return {} if binary.is_older_than(7, 1) else {"apply_cropping": "codec"}


def _unturned(info: VideoInfo, steady: Steady | None) -> dict[str, Any]:
    """Keep ffmpeg from turning pictures before the first filter.

    Of interlaced ones the lines of fields would be columns; those that change would be turned at one size only. An
    upright one may have a matrix that the probe leaves out of account, and ffmpeg would turn it by any angle.
    """
    if info.rotation or info.mirrored:
        return {"display_rotation": 0} if info.interlaced or steady else {}
    return {} if binary.is_older_than(6, 0) else {"display_rotation": 0}


def _max_rate(max_bytes: float, seconds: float, *, sound: bool) -> int:
    average = max_bytes * 8 / max(seconds, 0.1) * RATE_HEADROOM
    return max(100_000, round(average - (AUDIO_BPS if sound else 0)))


def _made_s(entry: PlanEntry) -> float:
    """How long the video lasts that is made."""
    return float(getattr(entry.predicted, "duration_s", 0.0))
