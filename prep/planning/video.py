"""The fewest and gentlest steps that bring one video inside its limits."""

from fractions import Fraction

from prep.model.limits import VideoLimits
from prep.model.media import VideoInfo
from prep.model.plan import EncodeVideo, Extend, Mute, Options, Orient, Remux, SetRate, Step, ToneMap, Trim
from prep.model.reference import Crop
from prep.planning.geometry import asked_crop, lay_out
from prep.planning.rate import even_rate, whole_frames, whole_frames_up
from prep.planning.seconds import Length
from prep.rules.compare import broken
from prep.rules.video import check_video

GRID = 2  # 4:2:0 chroma needs even sides
STREAM_RULES = frozenset({"video-container-unsupported", "video-audio-codec-unsupported"})
TIME_RULES = frozenset({"video-too-short", "video-too-long"})
# Far more than any reference of these sizes needs; it only keeps noise from filling the budget of all.
MAX_BITRATE_BPS = 40_000_000


def must_be_remade(info: VideoInfo, limits: VideoLimits, options: Options, crop: Crop | None) -> bool:
    """Whether this video is re-made whatever part of it is used."""
    rules = broken(check_video(info, limits)) - TIME_RULES
    return bool(rules or crop or _muted(info, options))


def must_be_encoded(info: VideoInfo, limits: VideoLimits, crop: Crop | None, length: Length) -> bool:
    """Whether the picture has to be encoded anew: then its bytes are ours to choose."""
    rules = broken(check_video(info, limits)) - TIME_RULES - STREAM_RULES
    return bool(rules or crop or length.cut or length.needed_s > length.duration_s)


def video_steps(
    info: VideoInfo,
    limits: VideoLimits,
    options: Options,
    crop: Crop | None,
    length: Length,
    max_bytes: int | None,
    label: str,
) -> tuple[Step, ...]:
    """Steps for one video, of which the part *length* is used; none if it is inside already and nothing was asked.

    *max_bytes* is its share of the bytes when it is encoded anew; None: it is not. Raises UsageError when *crop*
    reaches outside the picture.
    """
    rules = broken(check_video(info, limits)) - TIME_RULES
    muted = _muted(info, options)
    steps: list[Step] = [Mute(because=("asked",))] if muted else []
    if max_bytes is None:
        if not rules and not muted:
            return ()
        audio = "encode" if "video-audio-codec-unsupported" in rules and not muted else "copy"
        because = tuple(sorted(rules)) or ("asked",)
        return (*steps, Remux(audio="encode" if audio == "encode" else "copy", because=because))
    return (*steps, *_encoding(info, limits, options, crop, length, max_bytes, label, rules))


def _encoding(
    info: VideoInfo,
    limits: VideoLimits,
    options: Options,
    crop: Crop | None,
    length: Length,
    max_bytes: int,
    label: str,
    rules: frozenset[str],
) -> tuple[Step, ...]:
    steps: list[Step] = []
    reasons = set(rules)
    rate = even_rate(info, limits)
    if info.rotation or info.mirrored:
        steps.append(Orient(because=("video-not-upright",)))
    if length.cut:
        steps.append(
            Trim(start_s=length.start_s, duration_s=whole_frames(length.duration_s, rate), because=length.because)
        )
        reasons |= set(length.because)
    if length.needed_s > length.duration_s and options.short != "refuse":
        needed_s = whole_frames_up(length.needed_s, rate)
        steps.append(Extend(duration_s=needed_s, how=options.short, because=("video-too-short",)))
        reasons.add("video-too-short")
    if crop is not None:
        reasons.add("asked")
    steps += _picture(info, limits, options, crop, label)
    if info.vfr or abs(float(rate) - info.fps) > 0.001:
        steps.append(SetRate(fps=_text(rate), because=_rate_reason(info, rules)))
    if info.hdr:
        steps.append(ToneMap(because=("video-hdr",)))
    because = tuple(sorted(reasons)) or ("videos-too-large",)
    steps.append(EncodeVideo(fps=_text(rate), max_bytes=max_bytes, because=because))
    return tuple(steps)


def _picture(info: VideoInfo, limits: VideoLimits, options: Options, crop: Crop | None, label: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    width, height = info.width, info.height
    if crop is not None:
        kept = asked_crop(crop, width, height, label)
        width, height = kept.width, kept.height
        steps.append(kept)
    shown = info.model_copy(update={"width": width, "height": height})
    sides = ("video-side-", "video-area-", "video-aspect-", "video-pixels-")
    because = tuple(sorted(rule for rule in broken(check_video(shown, limits)) if rule.startswith(sides)))
    layout = lay_out(width, height, limits, options.fit, GRID, because or ("even-sides",))
    if layout:
        steps += [step for step in (layout.crop, layout.scale, layout.pad) if step]
    return tuple(steps)


def _rate_reason(info: VideoInfo, rules: frozenset[str]) -> tuple[str, ...]:
    rates = tuple(sorted(rule for rule in rules if rule.startswith("video-fps-")))
    return rates or (("video-variable-frame-rate",) if info.vfr else ("even-rate",))


def _text(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"


def _muted(info: VideoInfo, options: Options) -> bool:
    return options.mute and info.has_audio
