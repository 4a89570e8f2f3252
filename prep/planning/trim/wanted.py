"""Findings where a plan keeps fewer or more seconds than the user asked for, and why."""

from prep.model.limits import AudioLimits, EndpointSpec, VideoLimits
from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import Extend, Options, PlanEntry, Trim, find
from prep.model.reference import Part
from prep.planning.trim.part import least_seconds
from prep.rules.amounts import amount, amounts, tenths
from prep.rules.findings import Findings, advice

RULE = "part-length-changed"
# Frames are kept whole, and two readers disagree by so much about the end of a clip.
SLACK_S = 0.1
# What is added up to here goes unseen, or unheard.
LITTLE_S = 0.5


def check_part_exists(info: MediaInfo, part: Part | None, trim: Trim | None = None) -> Findings:
    """One finding when *part* asks for more seconds than there are; *trim* keeps the part, if that is planned yet."""
    if part is None or isinstance(info, ImageInfo):
        return ()
    lasts_s = info.duration_s
    if part.best_s is not None and part.best_s > lasts_s + SLACK_S:
        asked, lasts = amounts(part.best_s, lasts_s, "s")
        return advice(RULE, lasts_s, part.best_s, f"you asked for {asked}, but the file lasts only {lasts}", "s")
    if part.end_s is not None and part.end_s > lasts_s + SLACK_S:
        kept_s = round(trim.duration_s if trim else lasts_s - part.start_s, 3)
        lasts = amount(lasts_s, "s", 4)
        message = f"you asked for #{part.text}, but the file ends at {lasts}, so only {tenths(kept_s)} can be used"
        return advice(RULE, kept_s, part.end_s - part.start_s, message, "s")
    return ()


def check_wanted(entry: PlanEntry, options: Options, spec: EndpointSpec) -> Findings:
    """One finding when *entry* keeps other seconds than were asked for, or adds some to a part that was typed."""
    info, part = entry.source, entry.reference.part
    if isinstance(info, ImageInfo) or isinstance(entry.predicted, ImageInfo):
        return ()
    limits: VideoLimits | AudioLimits = spec.video if isinstance(info, VideoInfo) else spec.audio
    trim, extend = find(entry.steps, Trim), find(entry.steps, Extend)
    kept_s = trim.duration_s if trim else info.duration_s
    asked_s = _asked_s(part, options)
    if asked_s is None:
        return ()
    if trim and kept_s < asked_s - SLACK_S and (why := _limit(trim.because, info, limits)):
        asked, kept = amounts(asked_s, kept_s, "s")
        most_s = limits.max_duration_s.value if limits.max_duration_s else asked_s
        alone = f"{info.kind}-too-long" in trim.because
        shorter = ", and the best part is shorter" if alone and kept_s < most_s - 1 else ""
        return advice(RULE, kept_s, asked_s, f"you asked for {asked}, but {kept} are kept: {why}{shorter}", "s")
    if trim and part is not None and part.best_s is None and extend and "too-short" in extend.because[0]:
        return advice(RULE, extend.duration_s, asked_s, _lengthened(extend, kept_s), "s")
    if trim and kept_s > asked_s + SLACK_S:
        asked, kept = amounts(asked_s, kept_s, "s")
        message = f"you asked for {asked}, but {kept} are kept: the endpoint takes nothing shorter"
        return advice(RULE, kept_s, asked_s, message, "s")
    return check_part_exists(info, part, trim)


def check_lengthened(entry: PlanEntry, spec: EndpointSpec) -> Findings:
    """One finding when more than a little is added to a clip or a sound, which nobody asked for."""
    info, extend = entry.source, find(entry.steps, Extend)
    if extend is None or isinstance(info, ImageInfo):
        return ()
    trim = find(entry.steps, Trim)
    start_s, end_s = (trim.start_s, trim.start_s + trim.duration_s) if trim else (0.0, info.duration_s)
    late_s = 0.0
    if isinstance(info, VideoInfo):
        shown_s = min(end_s, info.picture_s or end_s)
        end_s = shown_s if end_s - shown_s > SLACK_S else end_s  # one length for what nobody sees
        late_s = 0.0 if trim else info.lead_s  # the whole clip is counted from its first sound or picture
    kept_s = round(end_s - start_s, 3)
    added_s = round(extend.duration_s - kept_s - late_s, 3)
    if added_s <= LITTLE_S:
        return ()
    how = {
        "hold": "its last frame is held for {}",
        "loop": "it is repeated for {}",
        "silence": "{} of silence is added",
    }
    message = how[extend.how].format(amount(added_s, "s")) + ", since "
    if f"{info.kind}-too-short" in extend.because:
        kept, least = amounts(kept_s, least_seconds(info, spec), "s")
        message += f"it lasts {kept} (min {least})"
    else:
        message += "its sound goes on after the picture"
        if kept_s >= least_seconds(info, spec):
            message += f"; #t={start_s:.9g},{end_s:.9g} ends with the picture"
    return advice(f"{info.kind}-lengthened", added_s, 0, message, "s")


def _asked_s(part: Part | None, options: Options) -> float | None:
    if part is None:
        return options.seconds
    if part.best_s is not None:
        return part.best_s
    return None if part.end_s is None else round(part.end_s - part.start_s, 6)


def _limit(because: tuple[str, ...], info: MediaInfo, limits: VideoLimits | AudioLimits) -> str:
    """The limit that a part is cut for, in words; empty where none is."""
    noun = "sound" if isinstance(info, AudioInfo) else "video"
    for rule in because:
        if rule == f"{info.kind}-too-long" and limits.max_duration_s:
            return f"a {noun} may last {amount(limits.max_duration_s.value, 's')}"
        if rule == f"{info.kind}s-too-long" and limits.max_total_duration_s:
            return f"the {noun}s share {amount(limits.max_total_duration_s.value, 's')}"
    return ""


def _lengthened(extend: Extend, kept_s: float) -> str:
    added = amount(extend.duration_s - kept_s, "s")
    how = {
        "hold": f"its last frame is held for {added}",
        "loop": "it is looped",
        "silence": f"{added} of silence are added",
    }[extend.how]
    return f"the part you asked for lasts {amount(kept_s, 's')}, less than the endpoint takes, so {how}"
