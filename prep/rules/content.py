"""The rules that need decoding: how many shots a video has, and whether its sound can be heard."""

from itertools import pairwise
from math import ceil, floor

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
    {"video-flash-at-end", "video-several-shots", "video-sound-near-silent", "audio-near-silent"}
    | {"image-real-person-likely", "video-real-person-likely"}
    | {"image-damaged", "video-damaged", "audio-damaged"}
)


def check_inside(
    info: VideoInfo | AudioInfo, inside: Inside, reference: Reference, least: Limit[float] | None
) -> Findings:
    """Every finding about the pictures and the sound of one clip; *least* is how long a video has to be."""
    if isinstance(info, AudioInfo):
        return _near_silent("audio-near-silent", inside.loudness_lufs)
    least_s = least.value if least else 0.0
    return (
        *_flashes(inside, reference, least_s),
        *_several_shots(inside, reference, least_s),
        *_near_silent("video-sound-near-silent", inside.loudness_lufs),
    )


def real_person(info: ImageInfo | VideoInfo) -> Findings:
    """One finding about a file that shows a face."""
    message = "shows a face; the provider refuses many real people"
    return advice(f"{info.kind}-real-person-likely", "a face", "no real person", message)


def _flashes(inside: Inside, reference: Reference, least_s: float) -> Findings:
    """One finding when the part begins or ends with a little of another shot."""
    first_s, last_s = inside.cuts.without_flashes(inside.start_s, inside.end_s)
    ends = (("begins", first_s, first_s - inside.start_s), ("ends", last_s, inside.end_s - last_s))
    flashes = [(verb, cut_s, lasts_s) for verb, cut_s, lasts_s in ends if lasts_s > 0]
    if not flashes:
        return ()
    words = [f"{verb} with {amount(lasts_s, 's')} of another shot" for verb, _, lasts_s in flashes]
    times = listed([moment(cut_s) for _, cut_s, _ in flashes])
    message = f"{listed(words)} (cut at {times})"
    if round(last_s - first_s, 6) >= least_s:
        message += f"; without: {_part_of(reference, first_s, last_s)}"
    return advice("video-flash-at-end", round(max(lasts_s for *_, lasts_s in flashes), 3), 0, message, "s")


def _part_of(reference: Reference, start_s: float, end_s: float) -> str:
    """The part of *reference*, as it is written on the command line; never with pictures of the next shot."""
    start = f"{ceil(start_s * 1000 - 1e-6) / 1000:g}"
    return reference.written(shown(reference.display_path), f"t={start},{_second(end_s)}")


def _several_shots(inside: Inside, reference: Reference, least_s: float) -> Findings:
    first_s, last_s = inside.cuts.without_flashes(inside.start_s, inside.end_s)
    cuts = inside.cuts.within(first_s, last_s)
    if not cuts.times_s:
        return ()
    shots = list(pairwise((first_s, *cuts.times_s, last_s)))
    start_s, end_s = max(shots, key=lambda shot: shot[1] - shot[0])
    times = listed([moment(time_s) for time_s in cuts.times_s])
    message = f"{'at least ' if cuts.unseen else ''}{len(shots)} shots, cut at {times}"
    if cuts.within(start_s, end_s).unseen:
        pass  # it may not be one shot
    elif end_s - start_s < least_s:
        message += f"; none is as long as {amount(least_s, 's')}"
    else:
        message += f"; the longest alone: {_part_of(reference, start_s, end_s)}"
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
