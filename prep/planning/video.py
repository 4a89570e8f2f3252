"""The steps for one video: the fewest and gentlest that bring it inside its limits."""

from fractions import Fraction
from typing import Literal

from prep.model.color_tags import color_tags, has_hdr
from prep.model.limits import VideoLimits
from prep.model.media import VideoInfo, exact_rate, soundtrack_rate_hz
from prep.model.plan import (
    CropTo,
    Deinterlace,
    EncodeVideo,
    Extend,
    Flatten,
    Mute,
    Options,
    Orient,
    Remux,
    Scale,
    SetRate,
    Step,
    ToneMap,
    Trim,
    find,
)
from prep.model.source import Source
from prep.planning.frame_rate import even_rate, whole_frames, whole_frames_up
from prep.planning.geometry import Target, arrange_source
from prep.planning.requested import cropped, requested_crop
from prep.planning.sound_change import sound_changes
from prep.planning.trim.part import Length
from prep.rules.findings import broken
from prep.rules.video import check_video

LAST_FRAME_S = 0.1
GRID = 2  # 4:2:0 chroma needs even sides
EVEN = "H.264 needs even sides"
# Broken, these leave the coded picture as it is.
SOUND_RULES = frozenset({"video-audio-codec-unsupported", "video-sound-changes"})
STREAM_RULES = frozenset(
    {"video-container-unsupported", "video-length-misleading", "video-several-pictures", *SOUND_RULES}
)
TIME_RULES = frozenset({"video-too-short", "video-too-long"})
RATE_RULES = "video-fps-"
SIDE_RULES = ("video-side-", "video-area-", "video-aspect-", "video-pixels-")
# These state when a picture is decoded, not when it is shown: copied, reordered pictures would stutter.
TIMELESS = ("avi",)


def plan_video(
    source: Source, limits: VideoLimits, options: Options, length: Length, max_bytes: int | None
) -> tuple[Step, ...]:
    """Plan the steps for one video, of which the part *length* is used; none if it complies and nothing was asked.

    *max_bytes* is its share of the bytes when it is encoded; None: the picture stays as it is coded. Raises UsageError
    when the crop reaches outside the picture.
    """
    steps: tuple[Step, ...] = (Mute(because=("asked",)),) if _is_muted(source, options) else ()
    if max_bytes is not None:
        return (*steps, *_encode(source, limits, options, length, max_bytes))
    if must_be_remade(source, limits, options) or length.cut:
        return (*steps, *_copy(source, limits, options, length))
    return ()


def must_be_remade(source: Source, limits: VideoLimits, options: Options) -> bool:
    """True if a file is made of this video, whatever part of it is used."""
    return bool(
        _rules_broken(source.video, limits)
        or requested_crop(source)
        or _is_filled(source, options)
        or _is_muted(source, options)
        or (options.strip_metadata and source.video.private_metadata)
    )


def must_be_encoded(source: Source, limits: VideoLimits, options: Options, length: Length) -> bool:
    """True if the picture has to be re-encoded: then its bytes are ours to choose."""
    return (
        not may_be_copied(source, limits, options)
        or (length.cut and _trim_between_keyframes(source, limits, length) is None)
        or length.extended
    )


def may_be_copied(source: Source, limits: VideoLimits, options: Options) -> bool:
    """True if a part of this video between keyframes need not be encoded."""
    return not (
        _rules_broken(source.video, limits) - STREAM_RULES
        or requested_crop(source)
        or _is_filled(source, options)
        or source.video.container in TIMELESS
    )


def _rules_broken(info: VideoInfo, limits: VideoLimits) -> frozenset[str]:
    """The rules that prep has to act on, whatever part is used."""
    return broken(check_video(info, limits)) - TIME_RULES


def _is_filled(source: Source, options: Options) -> bool:
    return options.background is not None and source.video.has_alpha


def _is_muted(source: Source, options: Options) -> bool:
    return options.mute and source.video.has_audio


def _copy(source: Source, limits: VideoLimits, options: Options, length: Length) -> tuple[Step, ...]:
    """The picture stays as it is coded; only the container, the soundtrack or the ends change.

    A soundtrack that is cut is encoded: copied, its whole frames would outlast the picture.
    """
    rules = _rules_broken(source.video, limits)
    trim = _trim_between_keyframes(source, limits, length) if length.cut else None
    heard = source.video.has_audio and not _is_muted(source, options)
    encoded = heard and (SOUND_RULES & rules or trim is not None)
    because = tuple(sorted(rules | set(length.because))) or ("asked",)
    note = ", ".join(_changes_of_sound(source.video)) if encoded else ""
    remux = Remux(audio="encode" if encoded else "copy", because=because, note=note)
    return (trim, remux) if trim else (remux,)


def _trim_between_keyframes(source: Source, limits: VideoLimits, length: Length) -> Trim | None:
    """The cut without encoding, where both ends are within a frame of a keyframe (or of the clip's end).

    None: they are not, or what lies between is longer than was asked for, or too short.
    """
    info, keyframes_s = source.video, source.scan.keyframes_s
    if info.vfr or not info.fps:
        return None
    frame_s = float(1 / exact_rate(info.fps))
    ends = (*keyframes_s, info.duration_s) if keyframes_s else ()

    def nearest(time_s: float, times: tuple[float, ...]) -> float | None:
        near = min(times, key=lambda time: abs(time - time_s), default=None)
        return near if near is not None and abs(near - time_s) <= frame_s + 1e-6 else None

    start_s, end_s = nearest(length.start_s, keyframes_s), nearest(length.end_s, ends)
    if start_s is None or end_s is None:
        return None
    kept_s = round(end_s - start_s, 6)
    if not _least_s(limits) <= kept_s <= length.duration_s + 0.001:
        return None
    return length.trim(start_s, kept_s, "on keyframes, so the picture is copied")


def _encode(source: Source, limits: VideoLimits, options: Options, length: Length, max_bytes: int) -> tuple[Step, ...]:
    info, crop = source.video, requested_crop(source)
    rules = _rules_broken(cropped(info, crop), limits)
    asked = bool(crop or _is_filled(source, options))
    reasons = rules | set(length.because) | ({"asked"} if asked else set())
    reasons |= {"video-too-short"} if length.extended else set()
    because = tuple(sorted(reasons)) or ("videos-too-large",)
    every = _deinterlaced_by(info, limits)
    shown_fps = info.fps * 2 if every == "field" else info.fps
    rate = even_rate(info.model_copy(update={"fps": shown_fps}), limits)
    steps: list[Step] = []
    if info.rotation or info.mirrored:
        steps.append(Orient(because=("video-not-upright",)))
    if info.interlaced:
        steps.append(Deinterlace(every=every, because=("video-interlaced",)))
    if length.cut:
        kept_s = _whole_frames(length.duration_s, rate, limits)
        start_s = _on_a_frame(length.start_s, info)
        steps.append(length.trim(start_s, kept_s))
    if length.extended:
        needed_s = whole_frames_up(length.needed_s, rate)
        how: Literal["loop", "hold"] = "loop" if options.short == "loop" else "hold"
        steps.append(Extend(duration_s=needed_s, how=how, because=("video-too-short",)))
    elif _outlasts_picture(info, length):
        held_s = _whole_frames(length.duration_s, rate, limits)
        steps.append(Extend(duration_s=held_s, how="hold", because=because, note="the sound outlasts the picture"))
    if info.has_alpha:
        filled = {"color": options.background, "because": ("asked",)} if options.background else {}
        steps.append(Flatten.model_validate({"because": ("video-transparent",), **filled}))
    steps += _arrange(source, limits, options, because)
    if info.vfr or abs(float(rate) - shown_fps) > 0.001 or any(rule.startswith(RATE_RULES) for rule in rules):
        steps.append(SetRate(fps=_text(rate), because=_rate_reason(info, because)))
    if has_hdr(info):
        steps.append(ToneMap(because=("video-hdr",)))
    notes = [*_choices(info), *([] if _is_muted(source, options) else _changes_of_sound(info))]
    # a change of size may show only when the file is made
    bars = {"bars": options.background} if options.background else {}
    encode = {"fps": _text(rate), "max_bytes": max_bytes, "because": because, "note": ", ".join(notes), **bars}
    steps.append(EncodeVideo.model_validate(encode))
    return tuple(steps)


def _outlasts_picture(info: VideoInfo, length: Length) -> bool:
    """True if the part has sound after its picture; the last frame of a codec does not count."""
    if info.picture_s is None:
        return False
    # the whole clip is counted from its first sound or picture, a part from the first picture
    shown_s = info.picture_s + (0.0 if length.cut else info.lead_s)
    return length.end_s - shown_s > LAST_FRAME_S


def _on_a_frame(start_s: float, info: VideoInfo) -> float:
    """The time of the frame nearest to *start_s*: between two frames the first would be shown too long."""
    if info.vfr or not info.fps:
        return start_s
    rate = exact_rate(info.fps)
    last = max(0, round(Fraction(info.duration_s) * rate) - 1)
    return round(float(min(round(Fraction(start_s) * rate), last) / rate), 6)


def _whole_frames(seconds: float, rate: Fraction, limits: VideoLimits) -> float:
    """Whole frames within *seconds*; one more where that would fall below the least a video may last."""
    kept_s = whole_frames(seconds, rate)
    return whole_frames_up(seconds, rate) if kept_s < _least_s(limits) <= seconds else kept_s


def _least_s(limits: VideoLimits) -> float:
    return limits.min_duration_s.value if limits.min_duration_s else 0.0


def _deinterlaced_by(info: VideoInfo, limits: VideoLimits) -> Literal["field", "frame"]:
    """Each field becomes a frame, as it was shown, where the rate allows it."""
    fits = limits.max_fps is None or info.fps * 2 <= limits.max_fps.value
    return "field" if info.interlaced and not info.vfr and fits else "frame"


def _arrange(source: Source, limits: VideoLimits, options: Options, reasons: tuple[str, ...]) -> tuple[Step, ...]:
    """The sides; where no rule is broken they may have to become even, for whatever reason the video is encoded."""
    info = source.video
    because = tuple(rule for rule in reasons if rule.startswith(SIDE_RULES)) or reasons
    target = Target(limits=limits, fit=options.fit, grid=GRID, because=because)
    steps = arrange_source(source, target, options.background)
    if because == reasons:  # no rule about the sides is broken
        steps = tuple(step.model_copy(update={"note": EVEN}) if isinstance(step, Scale) else step for step in steps)
    return steps if info.sar == "1:1" else _square(steps, info)


def _square(steps: tuple[Step, ...], info: VideoInfo) -> tuple[Step, ...]:
    """*steps* with a scale: pixels that are not square are resampled even when the size as displayed is kept."""
    if find(steps, Scale):
        return steps
    crop = find(steps, CropTo)
    width, height = (crop.width, crop.height) if crop else (info.width, info.height)
    scale = Scale(width=width, height=height, because=("video-pixels-not-square",))
    after = 1 if crop else 0
    return (*steps[:after], scale, *steps[after:])


def _choices(info: VideoInfo) -> list[str]:
    """The tracks that were chosen, where there was a choice, and what is done about a picture that is not as said."""
    choices = []
    if info.video_streams > 1:
        choices.append(f"picture from track {info.video_stream + 1} (1 of {info.video_streams} video tracks)")
    if info.audio_streams > 1:
        number = (info.audio_stream or 0) + 1
        choices.append(f"sound from track {number} (1 of {info.audio_streams} sound tracks)")
    if any(change.what in ("size", "shape") for change in info.changes):
        choices.append("parts of another size get bars")
    if ignored := color_tags(info).ignored:
        choices.append(f"colour tags that can't be used ({', '.join(ignored)}) are guessed")
    return choices


def _changes_of_sound(info: VideoInfo) -> list[str]:
    """What encoding as AAC changes in the channels and the rate of the soundtrack."""
    if info.audio_channels is None or info.audio_rate_hz is None:
        return []
    return sound_changes(
        (info.audio_channels, min(info.audio_channels, 2)), (info.audio_rate_hz, soundtrack_rate_hz(info.audio_rate_hz))
    )


def _rate_reason(info: VideoInfo, reasons: tuple[str, ...]) -> tuple[str, ...]:
    rates = tuple(rule for rule in reasons if rule.startswith(RATE_RULES))
    varies = ("video-variable-frame-rate",) if info.vfr else ()
    return rates or varies or reasons


def _text(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
