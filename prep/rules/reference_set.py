"""The rules over all references together: counts, combined seconds, combined bytes, no sound by itself."""

from collections.abc import Iterable

from prep.model.finding import SEVERITIES, Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import Totals
from prep.rules.catalogue import RULES
from prep.rules.findings import Findings, at_least, at_most

# What is said of the only video or sound, and of all of them together.
SAME = {
    "videos-too-short": "video-too-short",
    "videos-too-long": "video-too-long",
    "videos-too-large": "video-file-too-large",
    "audios-too-long": "audio-too-long",
}


def check_set(totals: Totals, spec: EndpointSpec) -> Findings:
    """Every finding about the set. Combined seconds are judged only where there is a video (or a sound) at all."""
    return (
        *at_most("too-many-images", totals.images, spec.image.max_count, "files"),
        *at_most("too-many-videos", totals.videos, spec.video.max_count, "files"),
        *at_most("too-many-audios", totals.audios, spec.audio.max_count, "files"),
        *at_most("too-many-files", totals.files, spec.set.max_files, "files"),
        *(
            at_least("videos-too-short", totals.video_duration_s, spec.video.min_total_duration_s, "s")
            if totals.videos
            else ()
        ),
        *at_most("videos-too-long", totals.video_duration_s, spec.video.max_total_duration_s, "s"),
        *at_most("videos-too-large", totals.video_bytes, spec.video.max_total_bytes, "bytes"),
        *at_most("audios-too-long", totals.audio_duration_s, spec.audio.max_total_duration_s, "s"),
        *_audio_needs_visual(totals, spec),
    )


def unless_repeated(together: Findings, single: Iterable[Finding], totals: Totals) -> Findings:
    """*together* without what *single*, the findings about each file, say already of the only video or sound."""
    alone = {"videos": totals.videos == 1, "audios": totals.audios == 1}
    known = {finding.rule: SEVERITIES.index(finding.severity) for finding in single}
    return tuple(
        finding
        for finding in together
        if not alone.get(finding.rule.partition("-")[0])
        or known.get(SAME.get(finding.rule, ""), -1) < SEVERITIES.index(finding.severity)
    )


def _audio_needs_visual(totals: Totals, spec: EndpointSpec) -> Findings:
    limit = spec.set.audio_needs_visual
    if limit is None or not limit.value or not totals.audios or totals.images or totals.videos:
        return ()
    return (
        Finding(
            rule="audio-without-visual",
            severity="error",
            basis=limit.basis,
            actual="audio alone",
            allowed="audio with an image or a video",
            message="only sounds, no image or video",
            fix=RULES["audio-without-visual"].fix,
        ),
    )
