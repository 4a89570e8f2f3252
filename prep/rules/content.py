"""The rules that need decoding: how many shots a video has, and whether its sound can be heard."""

from itertools import pairwise
from math import floor

from prep.model.analysis import SILENCE_LUFS, Inside
from prep.model.limits import Limit
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.model.redact import shown
from prep.model.reference import Reference
from prep.rules.amounts import amount, listed, moment
from prep.rules.findings import Findings, advice

# A judgement: 27 LU below what R 128 asks of broadcasts, and as little as the option loudness can ask for.
NEAR_SILENT_LUFS = -50.0
# The rules that `check` looks for only with --thorough.
LOOKED_FOR = frozenset(
    {"video-several-shots", "video-sound-near-silent", "audio-near-silent"}
    | {"image-real-person-likely", "video-real-person-likely"}
)


def check_inside(
    info: VideoInfo | AudioInfo, inside: Inside, reference: Reference, least: Limit[float] | None
) -> Findings:
    """Every finding about the pictures and the sound of one clip; *least* is how long a video has to be."""
    if isinstance(info, AudioInfo):
        return _near_silent("audio-near-silent", inside.loudness_lufs)
    return (
        *_several_shots(inside, reference, least.value if least else 0.0),
        *_near_silent("video-sound-near-silent", inside.loudness_lufs),
    )


def real_person(info: ImageInfo | VideoInfo) -> Findings:
    """One finding about a file that shows a face."""
    message = "shows a face; the provider refuses many real people"
    return advice(f"{info.kind}-real-person-likely", "a face", "no real person", message)


def _several_shots(inside: Inside, reference: Reference, least_s: float) -> Findings:
    cuts = inside.cuts
    if not cuts.times_s:
        return ()
    shots = list(pairwise((inside.start_s, *cuts.times_s, inside.end_s)))
    start_s, end_s = max(shots, key=lambda shot: shot[1] - shot[0])
    times = listed([moment(time_s) for time_s in cuts.times_s])
    message = f"{'at least ' if cuts.unseen else ''}{len(shots)} shots, cut at {times}"
    if cuts.within(start_s, end_s).unseen:
        pass  # it may not be one shot
    elif end_s - start_s < least_s:
        message += f"; none is as long as {amount(least_s, 's')}"
    else:
        longest = reference.written(shown(reference.display_path), f"t={_second(start_s)},{_second(end_s)}")
        message += f"; the longest alone: {longest}"
    return advice("video-several-shots", len(shots), 1, message)


def _second(time_s: float) -> str:
    """To the millisecond, and never into the next shot."""
    return f"{floor(time_s * 1000 + 1e-6) / 1000:g}"


def _near_silent(rule: str, loudness_lufs: float | None) -> Findings:
    if loudness_lufs is None or loudness_lufs >= NEAR_SILENT_LUFS:
        return ()
    soundtrack = "" if rule == "audio-near-silent" else "the soundtrack is "
    if loudness_lufs <= SILENCE_LUFS:
        return advice(rule, "silence", NEAR_SILENT_LUFS, f"{soundtrack}silent", "LUFS")
    message = f"{soundtrack}nearly silent (−{abs(loudness_lufs):.1f} LUFS)"
    if not soundtrack:
        message += "; `loudness=-16` raises it"
    return advice(rule, round(loudness_lufs, 1), NEAR_SILENT_LUFS, message, "LUFS")
