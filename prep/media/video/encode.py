"""Making one video: the steps of a plan compiled to one ffmpeg command."""

from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any, NamedTuple

from prep.errors import NonCompliantError, ToolError
from prep.media.audio.downmix import pan_of
from prep.media.container.keyframes import lead_in_s
from prep.media.ffmpeg import binary, command
from prep.media.ffmpeg.tone_map import tone_mapped
from prep.media.video.color_matrix import guessed_matrix
from prep.model.media import VideoInfo, exact_rate
from prep.model.plan import (
    CropTo,
    Deinterlace,
    EncodeVideo,
    Extend,
    Flatten,
    Mute,
    Pad,
    PlanEntry,
    Remux,
    Scale,
    Step,
    ToneMap,
    Trim,
    find,
)
from prep.model.task import Task
from prep.rules.findings import Findings, about, over_share
from prep.rules.video import damaged

# Measured (docs/performance.md): slower presets score no higher at these sizes, and of the whole numbers 15 is the
# highest at which every clip that was tried has a mean VMAF of 95; the budget of bytes has room for it.
PRESET, CRF = "superfast", 15
AUDIO_BPS = 160_000
AAC_FRAME = 1024
# Containers without an index are sought by guessing: begin this much earlier and skip what is decoded too much.
UNINDEXED, EARLIER_S = ("mpegts", "mpeg"), 10.0
EARLY_S = 0.002
TURNS: dict[int, tuple[tuple[str, dict[str, str]], ...]] = {
    0: (),
    90: (("transpose", {"dir": "clock"}),),
    180: (("hflip", {}), ("vflip", {})),
    270: (("transpose", {"dir": "cclock"}),),
}
# Primaries that are wider than BT.709's, and what zscale calls them.
WIDE = {"bt2020": "bt2020", "display-p3": "smpte432"}
# What rate control and the container need beside the average rate.
RATE_HEADROOM = 0.94


def make_video(task: Task) -> Findings:
    """Make the video that *task* orders (MP4); returns a warning when some of what was decoded is damaged.

    An encode that comes out larger than its share is repeated once at a corrected rate. Raises NonCompliantError when
    the second encode is too large as well, ToolError when ffmpeg fails, Cancelled when the task is cancelled.
    """
    entry = task.entry
    remux, encode = find(entry.steps, Remux), find(entry.steps, EncodeVideo)
    pan = pan_of(task.source, task.demuxer, _video(entry))
    seconds = getattr(entry.predicted, "duration_s", 0.0)
    if remux is not None:
        command.run(remux_graph(task, pan), seconds, task.progress, task.cancel)
        return ()
    if encode is None:
        raise ToolError(f"{entry.label}: the plan neither encodes nor remuxes it")
    budget, trim = float(encode.max_bytes), find(entry.steps, Trim)
    earlier_s = lead_in_s(task.source, task.demuxer, _video(entry), trim.start_s) if trim else 0.0
    for _ in range(2):
        graph = encode_graph(task, budget, earlier_s, pan)
        hidden = command.run(graph, seconds, task.progress, task.cancel)
        size = task.target.stat().st_size
        if size <= encode.max_bytes:
            return about(damaged(hidden), entry.label, entry.tag)
        budget *= encode.max_bytes / size * RATE_HEADROOM
    finding = over_share("videos-too-large", size, encode.max_bytes, entry.label)
    raise NonCompliantError(f"{entry.label}: it does not fit into its share of the bytes", (finding,))


def encode_graph(task: Task, max_bytes: float, earlier_s: float = 0.0, pan: str | None = None) -> Any:
    """The graph that encodes the picture anew, within about *max_bytes*; reading begins *earlier_s* before the part.

    *pan* mixes a soundtrack whose channels have no places, here and in `remux_graph`.
    """
    entry = task.entry
    info, steps = _video(entry), entry.steps
    encode = find(steps, EncodeVideo)
    assert encode is not None
    trim, extend = find(steps, Trim), find(steps, Extend)
    opened = _open(
        task.source,
        task.demuxer,
        info,
        trim,
        EARLY_S,
        earlier_s,
        **_uncropped(),
        **_alpha_decoder(info),
        **_unturned(info),
    )
    picture = _picture(opened.picture(info), info, steps, Fraction(encode.fps))
    length_s = extend.duration_s if extend else trim.duration_s if trim else None
    streams = [picture]
    options: dict[str, Any] = {}
    if info.audio_stream is not None and find(steps, Mute) is None:
        streams.append(_sound(opened.sound(info, pan), info, steps, length_s))
        options |= {"c:a": "aac", "b:a": AUDIO_BPS}
    if length_s is not None:
        options["t"] = f"{length_s:.6f}"
    rate = _max_rate(max_bytes, getattr(entry.predicted, "duration_s", 0.0), sound=len(streams) > 1)
    return command.output(
        streams,
        task.target,
        **options,
        **{
            "c:v": "libx264",
            "preset": PRESET,
            "crf": CRF,
            "maxrate": rate,
            # a short clip can spend no more than a part of a second ahead of its average
            "bufsize": max(1, round(rate * min(1.0, getattr(entry.predicted, "duration_s", 10.0) / 10))),
        },
    )


def remux_graph(task: Task, pan: str | None = None) -> Any:
    """The graph that copies the picture, and copies or encodes the soundtrack."""
    entry = task.entry
    info = _video(entry)
    remux = find(entry.steps, Remux)
    trim = find(entry.steps, Trim)
    opened = _open(task.source, task.demuxer, info, trim, 0.0, 0.0)
    streams = [opened.source[str(info.video_stream)]]
    options: dict[str, Any] = {"c:v": "copy"}
    if trim is not None:
        # counted, not timed: copying stops by decoding time, and with B-frames that is two frames late
        options["frames:v"] = round(trim.duration_s * exact_rate(info.fps))
    if info.codec == "hevc":
        options["tag:v"] = "hvc1"  # players take hev1 for unknown
    if info.audio_stream is not None and find(entry.steps, Mute) is None:
        if remux is not None and remux.audio == "encode":
            length_s = trim.duration_s if trim else None
            streams.append(_sound(opened.sound(info, pan), info, entry.steps, length_s))
            options |= {"c:a": "aac", "b:a": AUDIO_BPS}
        else:
            streams.append(opened.source[str(info.audio_stream)])
            options |= {"c:a": "copy"}
    return command.output(streams, task.target, **options)


class _Opened(NamedTuple):
    """An input that begins *skip_s* before the wanted part."""

    source: Any
    skip_s: float

    def picture(self, info: VideoInfo) -> Any:
        stream = self.source[str(info.video_stream)]
        if not self.skip_s:
            return stream
        return stream.filter("trim", start=f"{self.skip_s:.6f}").filter("setpts", f"PTS-{self.skip_s:.6f}/TB")

    def sound(self, info: VideoInfo, pan: str | None) -> Any:
        """Mixed already by *pan* where its channels have no places."""
        stream = self.source[str(info.audio_stream)]
        if pan:
            stream = stream.filter("pan", args=pan)
        if not self.skip_s:
            return stream
        return stream.filter("atrim", start=f"{self.skip_s:.6f}").filter("asetpts", f"PTS-{self.skip_s:.6f}/TB")


def _open(
    source: Path,
    demuxer: str,
    info: VideoInfo,
    trim: Trim | None,
    early_s: float,
    earlier_s: float,
    **options: Any,
) -> _Opened:
    # times count from the first picture; a little early, since a rounded time may lie just behind its frame
    start_s = max(0.0, trim.start_s + info.lead_s - early_s) if trim else 0.0
    skip_s = min(start_s, EARLIER_S if demuxer in UNINDEXED else earlier_s)
    seek = {"ss": f"{start_s - skip_s:.6f}"} if start_s > skip_s else {}
    return _Opened(command.open_input(source, demuxer, **seek, **options), skip_s)


def _alpha_decoder(info: VideoInfo) -> dict[str, Any]:
    """ffmpeg's own VP8 and VP9 decoders leave the alpha channel out, which is a second stream inside the packets."""
    if not info.has_alpha or info.codec not in ("vp8", "vp9"):
        return {}
    return {f"c:{info.video_stream}": "libvpx" if info.codec == "vp8" else "libvpx-vp9"}


def _uncropped() -> dict[str, str]:
    """From 7.1 on ffmpeg cuts a clean aperture out, which the probe, and readers that it stands for, do not."""
    return {} if binary.is_older_than(7, 1) else {"apply_cropping": "codec"}


def _unturned(info: VideoInfo) -> dict[str, int]:
    """ffmpeg turns a picture before its first filter, and then the lines of interlaced fields are columns."""
    return {"display_rotation": 0} if info.interlaced and (info.rotation or info.mirrored) else {}


def _turned(stream: Any, info: VideoInfo) -> Any:
    for name, options in (*((("hflip", {}),) if info.mirrored else ()), *TURNS[info.rotation]):
        stream = stream.filter(name, **options)
    return stream


def _picture(stream: Any, info: VideoInfo, steps: tuple[Step, ...], rate: Fraction) -> Any:
    """The picture's filters. ffmpeg has turned it upright before the first, unless it is interlaced; the SAR stands."""
    crop, scale, pad = find(steps, CropTo), find(steps, Scale), find(steps, Pad)
    deinterlace = find(steps, Deinterlace)
    if deinterlace is not None:
        stream = _turned(stream.filter("bwdif", mode=f"send_{deinterlace.every}"), info)
    if find(steps, Flatten) is not None:
        stream = stream.filter("scale", flags="lanczos", **_as_told(info))
        stream = stream.filter("format", "gbrap").filter("premultiply", inplace=1)
    if crop is not None:
        if info.sar != "1:1":
            stream = stream.filter("scale", info.width, info.height, flags="lanczos")
        stream = stream.filter("crop", crop.width, crop.height, crop.x, crop.y, exact=1)
    if find(steps, ToneMap) is not None:
        stream = _to_sdr(stream, scale)
    elif scale is not None:
        stream = stream.filter("scale", scale.width, scale.height, flags="lanczos", **_to_bt709(info))
    else:
        stream = stream.filter("scale", flags="lanczos", **_to_bt709(info))
    if find(steps, ToneMap) is None and info.color_primaries in WIDE:
        stream = _narrowed(stream, WIDE[info.color_primaries])
    if pad is not None:
        stream = stream.filter("pad", pad.width, pad.height, pad.x, pad.y)
    # from zero on, so that a picture that starts late does not start early
    stream = stream.filter("fps", f"{rate.numerator}/{rate.denominator}", start_time=0)
    extend, trim = find(steps, Extend), find(steps, Trim)
    frames = max(1, round((trim.duration_s if trim else info.duration_s) * rate))
    if extend is not None and trim is not None:
        stream = stream.filter("trim", end_frame=frames)  # what is held or looped ends where the part ends
    if extend is not None and extend.how == "loop":
        stream = stream.filter("loop", loop=-1, size=frames)
    elif extend is not None:
        # more than enough; how long the whole lasts is said at the output
        stream = stream.filter("tpad", stop_mode="clone", stop_duration=f"{extend.duration_s:.6f}")
    stream = stream.filter("setsar", 1).filter("format", "yuv420p")
    # the encoder takes its tags from the frames, which still carry the source's
    return stream.filter("setparams", range="tv", colorspace="bt709", color_primaries="bt709", color_trc="bt709")


def _to_bt709(info: VideoInfo) -> dict[str, str]:
    return {"out_color_matrix": "bt709", "out_range": "limited"} | _as_told(info)


def _as_told(info: VideoInfo) -> dict[str, str]:
    """How the scaler is to read the picture, where no tag says it."""
    guessed = guessed_matrix(info)
    return {"in_color_matrix": guessed} if guessed else {}


def _narrowed(stream: Any, primaries: str) -> Any:
    """SDR of a wide gamut, whose matrix is BT.709's by now: shown with BT.709's primaries its colours were pale."""
    before = {"pin": primaries, "tin": "bt709", "min": "bt709", "rin": "limited"}
    after = {"p": "bt709", "t": "bt709", "m": "bt709", "r": "limited"}
    return stream.filter("format", "yuv444p10le").filter("zscale", **before, **after)


def _to_sdr(stream: Any, scale: Scale | None) -> Any:
    """Scaling comes first: tone mapping at 4K costs twice the time and memory."""
    size = {"w": scale.width, "h": scale.height, "filter": "lanczos"} if scale else {}
    stream = tone_mapped(stream, **size)
    return stream.filter("zscale", t="bt709", m="bt709", r="limited").filter("format", "yuv420p")


def _sound(stream: Any, info: VideoInfo, steps: tuple[Step, ...], length_s: float | None) -> Any:
    """AAC comes in whole frames: sound as long as the picture would outlast it by up to 23 ms, and the sum with it."""
    extend, trim = find(steps, Extend), find(steps, Trim)
    rate = info.audio_rate_hz if info.audio_rate_hz in (44_100, 48_000) else 48_000
    stream = stream.filter("aresample", rate, **{"async": 1, "first_pts": 0})
    if (info.audio_channels or 2) > 2:
        stream = stream.filter("aformat", channel_layouts="stereo")
    samples = max(1, round((trim.duration_s if trim else info.duration_s) * rate))
    if extend is not None:
        stream = stream.filter("atrim", end_sample=samples)
    if extend is not None and extend.how == "loop":
        stream = stream.filter("apad", whole_len=samples).filter("aloop", loop=-1, size=samples)
    if length_s is not None:
        samples = floor(length_s * rate / AAC_FRAME) * AAC_FRAME
        # a sound that has ended before the part begins would leave nothing to encode, which is an error
        stream = stream.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
    return stream


def _max_rate(max_bytes: float, seconds: float, *, sound: bool) -> int:
    average = max_bytes * 8 / max(seconds, 0.1) * RATE_HEADROOM
    return max(100_000, round(average - (AUDIO_BPS if sound else 0)))


def _video(entry: PlanEntry) -> VideoInfo:
    if not isinstance(entry.source, VideoInfo):
        raise ToolError(f"{entry.label}: not a video")
    return entry.source
