"""Filters for the picture of a video: upright, cropped, scaled, padded, in BT.709, at a constant rate, lengthened."""

from fractions import Fraction
from typing import Any

import ffmpeg

from prep.media.ffmpeg.tone_map import tone_mapped
from prep.media.h273 import SRGB_TRANSFER, WIDE_PRIMARIES, filter_name
from prep.model.analysis import SMALL
from prep.model.color import BLACK
from prep.model.color_tags import OTHER_TRANSFERS, ColorTags, as_hdr, color_tags, stretches
from prep.model.media import VideoInfo
from prep.model.plan import CropTo, Deinterlace, Extend, Flatten, Pad, Scale, Step, ToneMap, Trim, find

TURNS: dict[int, tuple[tuple[str, dict[str, str]], ...]] = {
    0: (),
    90: (("transpose", {"dir": "clock"}),),
    180: (("hflip", {}), ("vflip", {})),
    270: (("transpose", {"dir": "cclock"}),),
}


FOREVER_S = 1e6


def filter_picture(stream: Any, info: VideoInfo, steps: tuple[Step, ...], rate: Fraction) -> Any:
    """Apply *steps* to a decoded picture, which comes out at *rate*, as 8-bit 4:2:0.

    ffmpeg has turned it upright before the first filter, unless it is interlaced; its pixels may not be square.
    """
    stream = _tagged(stream, color_tags(info))
    stream = _cropped(_flattened(_deinterlaced(stream, info, steps), steps), info, steps)
    stream = _lengthened(_padded(_in_each_range(stream, info, steps), steps), info, steps, rate)
    stream = stream.filter("setsar", 1).filter("format", "yuv420p")
    # the encoder takes its tags from the frames, which still carry the source's
    return stream.filter("setparams", range="tv", colorspace="bt709", color_primaries="bt709", color_trc="bt709")


def small_pictures(stream: Any, info: VideoInfo, steps: tuple[Step, ...], rate: Fraction) -> Any:
    """The frames of the part of the source in *stream*, which `filter_picture` has made, as RGB of the size SMALL."""
    if pad := find(steps, Pad):  # bars of any colour show nothing
        stream = stream.filter("crop", pad.width - 2 * pad.x, pad.height - 2 * pad.y, pad.x, pad.y)
    stream = stream.filter("trim", end_frame=_frames(info, steps, rate))
    return stream.filter("scale", *SMALL, flags="area").filter("format", "rgb24")


def _in_each_range(stream: Any, info: VideoInfo, steps: tuple[Step, ...]) -> Any:
    """*stream* sized and in BT.709: as SDR where it is SDR, tone-mapped where it is HDR.

    Each conversion is made of the whole picture and laid over the others where it is the right one: that keeps the
    time of every frame, which joining parts would not. The matrix is the same in all of them (see `steady`).
    """
    parts, trim = stretches(info), find(steps, Trim)
    kinds = tuple(dict.fromkeys(part.hdr for part in parts))
    if len(kinds) == 1:
        return _sized(stream, info, steps)
    copies = stream.filter_multi_output("split", len(kinds))
    begins_s = (trim.start_s if trim else -info.lead_s) + 0.5 / (info.fps or 30)
    whole = None
    for number, hdr in enumerate(kinds):
        as_read = as_hdr(info, hdr)
        # the kind of the first part is the ground
        own = tuple(step for step in steps if hdr or not isinstance(step, ToneMap))
        layer = _sized(_tagged(copies[number], color_tags(as_read)), as_read, own)
        if whole is None:
            whole = layer
            continue
        shown = [
            f"between(t,{part.start_s - begins_s:.4f},{end_s - begins_s:.4f})"
            for part, end_s in zip(parts, (*(later.start_s for later in parts[1:]), FOREVER_S), strict=True)
            if part.hdr == hdr
        ]
        whole = ffmpeg.filter([whole, layer], "overlay", format="yuv420", enable="+".join(shown))
    return whole


def _tagged(stream: Any, tags: ColorTags) -> Any:
    """The frames with tags that every filter reads alike, whatever the file says."""
    return stream.filter(
        "setparams",
        range="pc" if tags.full_range else "tv",
        colorspace=filter_name(tags.matrix),
        color_primaries=filter_name(tags.primaries),
        color_trc=filter_name(tags.transfer),
    )


def _deinterlaced(stream: Any, info: VideoInfo, steps: tuple[Step, ...]) -> Any:
    """Frames of fields, turned upright only then: before that the lines of turned fields are columns."""
    deinterlace = find(steps, Deinterlace)
    if deinterlace is None:
        return stream
    stream = stream.filter("bwdif", mode=f"send_{deinterlace.every}")
    return turned(stream, info)


def turned(stream: Any, info: VideoInfo) -> Any:
    """*stream* upright, where ffmpeg has not turned it by itself."""
    if info.mirrored:
        stream = stream.filter("hflip")
    for name, options in TURNS[info.rotation]:
        stream = stream.filter(name, **options)
    return stream


def _flattened(stream: Any, steps: tuple[Step, ...]) -> Any:
    flatten = find(steps, Flatten)
    if flatten is None:
        return stream
    stream = stream.filter("scale", flags="lanczos").filter("format", "gbrap")
    if flatten.color == BLACK:
        return stream.filter("premultiply", inplace=1)
    copies = stream.filter_multi_output("split", 2)
    # painting over a copy gives a ground of the picture's own size and time
    ground = copies[0].filter("drawbox", 0, 0, "iw", "ih", color=flatten.color, t="fill", replace=1)
    return ffmpeg.filter([ground, copies[1]], "overlay", format="gbrp")


def _cropped(stream: Any, info: VideoInfo, steps: tuple[Step, ...]) -> Any:
    crop = find(steps, CropTo)
    if crop is None:
        return stream
    if info.sar != "1:1":
        stream = stream.filter("scale", info.width, info.height, flags="lanczos")
    return stream.filter("crop", crop.width, crop.height, crop.x, crop.y, exact=1)


def _sized(stream: Any, info: VideoInfo, steps: tuple[Step, ...]) -> Any:
    """At the wanted size, in the colours of BT.709."""
    scale, tags = find(steps, Scale), color_tags(info)
    size = {"w": scale.width, "h": scale.height, "filter": "lanczos"} if scale else {}
    if find(steps, ToneMap) is not None:
        # scaled first: tone mapping at 4K costs twice the time and memory
        stream = tone_mapped(stream, **size)
        return stream.filter("zscale", t="bt709", m="bt709", r="limited").filter("format", "yuv420p")
    if tags.needs_zscale and find(steps, Flatten) is None:
        curve = SRGB_TRANSFER if tags.transfer in OTHER_TRANSFERS else filter_name(tags.transfer)
        stream = stream.filter("zscale", p="bt709", t=curve, m="bt709", r="limited", **size)
        return stream.filter("format", "yuv420p")
    sides = (scale.width, scale.height) if scale else ()
    stream = stream.filter("scale", *sides, flags="lanczos", out_color_matrix="bt709", out_range="limited")
    return _narrowed(stream, tags.primaries) if tags.primaries in WIDE_PRIMARIES else stream


def _narrowed(stream: Any, primaries: str) -> Any:
    """Wide-gamut SDR, whose matrix is BT.709's by now; read with BT.709's primaries its colours would be pale."""
    before = {"pin": filter_name(primaries), "tin": "bt709", "min": "bt709", "rin": "limited"}
    after = {"p": "bt709", "t": "bt709", "m": "bt709", "r": "limited"}
    return stream.filter("format", "yuv444p10le").filter("zscale", **before, **after)


def _padded(stream: Any, steps: tuple[Step, ...]) -> Any:
    pad = find(steps, Pad)
    if pad is None:
        return stream
    return stream.filter("pad", pad.width, pad.height, pad.x, pad.y, pad.colors[0] if pad.colors else BLACK)


def _lengthened(stream: Any, info: VideoInfo, steps: tuple[Step, ...], rate: Fraction) -> Any:
    """At a constant rate, and held or repeated where it has to last longer."""
    # from zero on, so that a picture that starts late does not start early
    stream = stream.filter("fps", f"{rate.numerator}/{rate.denominator}", start_time=0)
    extend = find(steps, Extend)
    if extend is None:
        return stream
    frames = _frames(info, steps, rate)
    if find(steps, Trim) is not None:
        stream = stream.filter("trim", end_frame=frames)  # only the part is held or looped
    if extend.how == "loop":
        return stream.filter("loop", loop=-1, size=frames)
    # more than enough; the output says how long the whole lasts
    return stream.filter("tpad", stop_mode="clone", stop_duration=f"{extend.duration_s:.6f}")


def _frames(info: VideoInfo, steps: tuple[Step, ...], rate: Fraction) -> int:
    """The number of frames of the part of the source, at *rate*."""
    trim = find(steps, Trim)
    return max(1, round((trim.duration_s if trim else info.duration_s) * rate))
