"""The rules for what only decoding shows: how many shots there are, and whether anything is heard."""

from itertools import pairwise
from math import floor

from prep.model.analysis import SILENCE_LUFS, Inside
from prep.model.limits import Limit
from prep.model.media import AudioInfo, VideoInfo
from prep.model.redact import shown
from prep.model.reference import Reference
from prep.rules.findings import Findings, advice

# A judgement: 27 LU below what R 128 asks of broadcasts, and as little as the option loudness can ask for.
NEAR_SILENT_LUFS = -50.0
# What `check` finds only where it looks inside.
LOOKED_FOR = frozenset({"video-several-shots", "video-sound-near-silent", "audio-near-silent"})


def check_inside(
    info: VideoInfo | AudioInfo, inside: Inside, reference: Reference, least: Limit[float] | None
) -> Findings:
    """Every finding about what was seen and heard of one clip; *least* is how long a video has to be."""
    if isinstance(info, AudioInfo):
        return _near_silent("audio-near-silent", "it", inside.loudness_lufs, "; loudness=-16 raises what is there")
    return (
        *_several_shots(inside, reference, least.value if least else 0.0),
        *_near_silent("video-sound-near-silent", "its soundtrack", inside.loudness_lufs, ""),
    )


def _several_shots(inside: Inside, reference: Reference, least_s: float) -> Findings:
    if not inside.cuts_s:
        return ()
    shots = list(pairwise((inside.start_s, *inside.cuts_s, inside.end_s)))
    start_s, end_s = max(shots, key=lambda shot: shot[1] - shot[0])
    listed = [_second(time_s) for time_s in inside.cuts_s]
    cuts = " and ".join(part for part in (", ".join(listed[:-1]), listed[-1]) if part)
    message = f"{len(shots)} shots, cut at {cuts} s"
    if end_s - start_s < least_s:
        message += f"; none of them lasts {least_s:g} s"
    else:
        alone = reference.written(shown(reference.told), f"t={_second(start_s)},{_second(end_s)}")
        message += f"; the longest by itself: {alone}"
    return advice("video-several-shots", len(shots), 1, message)


def _second(time_s: float) -> str:
    """To the millisecond, and never into the next shot."""
    return f"{floor(time_s * 1000 + 1e-6) / 1000:g}"


def _near_silent(rule: str, what: str, loudness_lufs: float | None, otherwise: str) -> Findings:
    if loudness_lufs is None or loudness_lufs >= NEAR_SILENT_LUFS:
        return ()
    if loudness_lufs <= SILENCE_LUFS:
        return advice(rule, "silence", NEAR_SILENT_LUFS, f"{what} is silent", "LUFS")
    found = f"{what} has {loudness_lufs:.1f} LUFS, next to silence{otherwise}"
    return advice(rule, round(loudness_lufs, 1), NEAR_SILENT_LUFS, found.replace(" -", " −", 1), "LUFS")
