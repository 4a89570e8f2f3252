"""The fewest and gentlest steps that bring one video inside its limits."""

from fractions import Fraction
from typing import Literal

from prep.model.limits import Value, VideoLimits
from prep.model.media import VideoInfo, exact_rate
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
from prep.model.reference import Crop
from prep.planning.budget_seconds import Length
from prep.planning.frame_rate import even_rate, whole_frames, whole_frames_up
from prep.planning.geometry import Target, arrange, asked_crop
from prep.rules.findings import broken
from prep.rules.video import check_video

LAST_FRAME_S = 0.1
GRID = 2  # 4:2:0 chroma needs even sides
STREAM_RULES = frozenset({"video-container-unsupported", "video-audio-codec-unsupported"})
# These tell when a picture is decoded, not when it is shown: copied, what is reordered would stutter.
TIMELESS = ("avi",)
TIME_RULES = frozenset({"video-too-short", "video-too-long"})


class Wanted(Value):
    """One video and what is wanted of it. *keyframes_s* are those of the source, empty when they are not known."""

    label: str
    info: VideoInfo
    crop: Crop | None = None
    options: Options = Options()
    keyframes_s: tuple[float, ...] = ()

    @property
    def muted(self) -> bool:
        return self.options.mute and self.info.has_audio

    @property
    def stripped(self) -> bool:
        return self.options.strip_metadata and bool(self.info.private_metadata)

    def rules(self, limits: VideoLimits) -> frozenset[str]:
        """What has to be mended, whatever part is used."""
        return broken(check_video(self.info, limits)) - TIME_RULES


def must_be_remade(wanted: Wanted, limits: VideoLimits) -> bool:
    """Whether this video is re-made whatever part of it is used."""
    return bool(wanted.rules(limits) or wanted.crop or wanted.muted or wanted.stripped)


def must_be_encoded(wanted: Wanted, limits: VideoLimits, length: Length) -> bool:
    """True if the picture has to be re-encoded: then its bytes are ours to choose."""
    extended = length.needed_s > length.duration_s
    cut = length.cut and _copied(wanted, length, limits) is None
    untimed = wanted.info.container in TIMELESS
    return bool(wanted.rules(limits) - STREAM_RULES or wanted.crop or cut or extended or untimed)


def video_steps(wanted: Wanted, limits: VideoLimits, length: Length, max_bytes: int | None) -> tuple[Step, ...]:
    """Steps for one video, of which the part *length* is used; none if it is inside already and nothing was asked.

    *max_bytes* is its share of the bytes when it is encoded anew; None: it is not. Raises UsageError when the crop
    reaches outside the picture.
    """
    rules = wanted.rules(limits)
    steps: list[Step] = [Mute(because=("asked",))] if wanted.muted else []
    if max_bytes is None:
        changed = rules or wanted.muted or wanted.stripped or length.cut
        return (*steps, *_copying(wanted, limits, length, rules)) if changed else ()
    return (*steps, *_encoding(wanted, limits, length, max_bytes, rules))


def _copying(wanted: Wanted, limits: VideoLimits, length: Length, rules: frozenset[str]) -> tuple[Step, ...]:
    """The picture stays as it is coded; only the container, the soundtrack or the ends change.

    A soundtrack that is cut is encoded: copied, its whole frames would outlast the picture.
    """
    trim = _copied(wanted, length, limits) if length.cut else None
    anew = ("video-audio-codec-unsupported" in rules or trim is not None) and wanted.info.has_audio and not wanted.muted
    because = tuple(sorted(rules | set(length.because))) or ("asked",)
    remux = Remux(audio="encode" if anew else "copy", because=because)
    return (trim, remux) if trim else (remux,)


def _copied(wanted: Wanted, length: Length, limits: VideoLimits) -> Trim | None:
    """The cut without encoding, where both ends are within a frame of a keyframe (or of the clip's end).

    None: they are not, or what lies between is longer than was asked for, or too short.
    """
    if wanted.info.vfr or not wanted.info.fps:
        return None
    frame_s = float(1 / exact_rate(wanted.info.fps))
    ends = (*wanted.keyframes_s, wanted.info.duration_s) if wanted.keyframes_s else ()

    def nearest(time_s: float, times: tuple[float, ...]) -> float | None:
        near = min(times, key=lambda time: abs(time - time_s), default=None)
        return near if near is not None and abs(near - time_s) <= frame_s + 1e-6 else None

    start_s = nearest(length.start_s, wanted.keyframes_s)
    end_s = nearest(length.start_s + length.duration_s, ends)
    if start_s is None or end_s is None:
        return None
    kept_s = round(end_s - start_s, 6)
    least_s = limits.min_duration_s.value if limits.min_duration_s else 0.0
    if not least_s <= kept_s <= length.duration_s + 0.001:
        return None
    note = "; ".join(filter(None, (length.why, "on keyframes, so the picture is copied")))
    return Trim(start_s=start_s, duration_s=kept_s, because=length.because, note=note)


def _encoding(
    wanted: Wanted, limits: VideoLimits, length: Length, max_bytes: int, rules: frozenset[str]
) -> tuple[Step, ...]:
    info = wanted.info
    reasons = rules | set(length.because) | ({"asked"} if wanted.crop else set())
    reasons |= {"video-too-short"} if length.needed_s > length.duration_s else set()
    because = tuple(sorted(reasons)) or ("videos-too-large",)
    fields = _deinterlaced(info, limits)
    shown_fps = info.fps * 2 if fields == "field" else info.fps
    rate = even_rate(info.model_copy(update={"fps": shown_fps}), limits)
    steps: list[Step] = []
    if info.rotation or info.mirrored:
        steps.append(Orient(because=("video-not-upright",)))
    if info.interlaced:
        steps.append(Deinterlace(every=fields, because=("video-interlaced",)))
    if length.cut:
        start_s, kept_s = _on_a_frame(length.start_s, info), _kept(length.duration_s, rate, limits)
        steps.append(Trim(start_s=start_s, duration_s=kept_s, because=length.because, note=length.why))
    outlasted = _outlasted(wanted, length)
    if outlasted and length.needed_s <= length.duration_s:
        held_s = _kept(length.duration_s, rate, limits)
        note = "the sound outlasts the picture"
        steps.append(Extend(duration_s=held_s, how="hold", because=because, note=note))
    if length.needed_s > length.duration_s:
        needed_s = whole_frames_up(length.needed_s, rate)
        loop = wanted.options.short == "loop"
        steps.append(Extend(duration_s=needed_s, how="loop" if loop else "hold", because=("video-too-short",)))
    if info.has_alpha:
        steps.append(Flatten(because=because))
    steps += _picture(wanted, limits, because)
    if info.vfr or abs(float(rate) - shown_fps) > 0.001 or any(rule.startswith("video-fps-") for rule in rules):
        steps.append(SetRate(fps=_text(rate), because=_rate_reason(info, rules, because)))
    if info.hdr:
        steps.append(ToneMap(because=("video-hdr",)))
    steps.append(EncodeVideo(fps=_text(rate), max_bytes=max_bytes, because=because, note=_streams(info)))
    return tuple(steps)


def _outlasted(wanted: Wanted, length: Length) -> bool:
    """Whether the wanted part has sound after its picture; a codec's last frame is not meant."""
    shown_s = wanted.info.picture_s
    if shown_s is None:
        return False
    # the whole clip is counted from its first sound or picture, a part from the first picture
    shown_s += 0.0 if length.cut else wanted.info.lead_s
    return length.start_s + length.duration_s - shown_s > LAST_FRAME_S


def _on_a_frame(start_s: float, info: VideoInfo) -> float:
    """The time of the frame nearest to *start_s*: between two frames the first would be shown too long."""
    if info.vfr or not info.fps:
        return start_s
    rate = exact_rate(info.fps)
    last = max(0, round(Fraction(info.duration_s) * rate) - 1)
    return round(float(min(round(Fraction(start_s) * rate), last) / rate), 6)


def _kept(seconds: float, rate: Fraction, limits: VideoLimits) -> float:
    """Whole frames within *seconds*; one more where that would fall below the least a video may last."""
    kept_s, least_s = whole_frames(seconds, rate), limits.min_duration_s.value if limits.min_duration_s else 0.0
    return whole_frames_up(seconds, rate) if kept_s < least_s <= seconds else kept_s


def _deinterlaced(info: VideoInfo, limits: VideoLimits) -> Literal["field", "frame"]:
    """Each field becomes a frame, as it was shown, where the rate allows it."""
    fits = limits.max_fps is None or info.fps * 2 <= limits.max_fps.value
    return "field" if info.interlaced and not info.vfr and fits else "frame"


def _picture(wanted: Wanted, limits: VideoLimits, reasons: tuple[str, ...]) -> tuple[Step, ...]:
    """The sides; where no rule is broken they may have to become even, for whatever reason the encode has."""
    info, size = wanted.info, (wanted.info.width, wanted.info.height)
    sides = ("video-side-", "video-area-", "video-aspect-", "video-pixels-")
    because = tuple(rule for rule in reasons if rule.startswith(sides)) or reasons
    selection = asked_crop(wanted.crop, *size, wanted.label) if wanted.crop else None
    steps = arrange(size, selection, Target(limits=limits, fit=wanted.options.fit, grid=GRID, because=because))
    return steps if info.sar == "1:1" else _made_square(steps, info)


def _made_square(steps: tuple[Step, ...], info: VideoInfo) -> tuple[Step, ...]:
    """Pixels that are not square are resampled even when the size as displayed is kept."""
    if any(step.kind == "scale" for step in steps):
        return steps
    crop = find(steps, CropTo)
    width, height = (crop.width, crop.height) if crop else (info.width, info.height)
    square = Scale(width=width, height=height, because=("video-pixels-not-square",))
    after = 1 if crop else 0
    return (*steps[:after], square, *steps[after:])


def _streams(info: VideoInfo) -> str:
    """Which streams were chosen, where there was a choice."""
    told = []
    if info.video_streams > 1:
        told.append(f"picture from stream {info.video_stream}")
    if info.audio_streams > 1:
        told.append(f"sound from stream {info.audio_stream} of {info.audio_streams}")
    return ", ".join(told)


def _rate_reason(info: VideoInfo, rules: frozenset[str], otherwise: tuple[str, ...]) -> tuple[str, ...]:
    rates = tuple(sorted(rule for rule in rules if rule.startswith("video-fps-")))
    if rates:
        return rates
    varies = ("video-variable-frame-rate",) if info.vfr else ()
    return varies or otherwise


def _text(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
