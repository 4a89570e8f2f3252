"""The rules over all references together: counts, combined seconds, combined bytes, no sound by itself."""

from collections.abc import Iterable, Sequence

from prep.model.finding import SEVERITIES, Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import Totals
from prep.model.media import Kind
from prep.model.source import Source
from prep.rules.amounts import listed
from prep.rules.findings import Findings, about, advice, at_least, at_most, by_rule

# What is said of the only video or sound, and of all of them together.
SAME = {
    "videos-too-short": "video-too-short",
    "videos-too-long": "video-too-long",
    "videos-too-large": "video-file-too-large",
    "audios-too-long": "audio-too-long",
}
# The rules about numbers, which only the user can meet, and the kind that each counts; None: all.
COUNTED: dict[str, Kind | None] = {
    "too-many-images": "image",
    "too-many-videos": "video",
    "too-many-audios": "audio",
    "too-many-files": None,
}
SHOWN = 3


def check_set(totals: Totals, spec: EndpointSpec, files: Sequence[tuple[Kind, str]] = ()) -> Findings:
    """Every finding about the set. Combined seconds are judged only where there is a video (or a sound) at all.

    *files* are the kinds and names of the references, in order, as far as they are to be named.
    """
    return (
        *(_naming(finding, files) for finding in check_counts(totals, spec)),
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


def check_repeated(sources: Sequence[Source]) -> Findings:
    """One finding about each reference that is another one once more: the same content, part, crop and kind.

    Content is compared where `Source.fingerprint` is known, and URLs by their address.
    """
    first: dict[tuple[object, ...], Source] = {}
    findings: list[Findings] = []
    for source in sources:
        reference = source.reference
        content = source.fingerprint or (reference.location if reference.is_url else source.tag)
        key = (source.info.kind, content, reference.part, reference.crop)
        if (earlier := first.setdefault(key, source)) is not source:
            findings.append(about(_repeated(source, earlier), source.label, source.tag))
    return tuple(finding for group in findings for finding in group)


def _repeated(source: Source, earlier: Source) -> Findings:
    name = "" if earlier.label == source.label else f" ({earlier.label})"
    billed = ", and its seconds are billed" if source.info.kind == "video" else ""
    message = f"is the same file as {earlier.tag}{name}; leave one out: each counts as a file{billed}"
    return advice("reference-repeated", f"{earlier.tag} again", "another file", message)


def check_counts(totals: Totals, spec: EndpointSpec) -> Findings:
    """The findings about the numbers of references."""
    return (
        *at_most("too-many-images", totals.images, spec.image.max_count, "files"),
        *at_most("too-many-videos", totals.videos, spec.video.max_count, "files"),
        *at_most("too-many-audios", totals.audios, spec.audio.max_count, "files"),
        *at_most("too-many-files", totals.files, spec.set.max_files, "files"),
    )


def _naming(finding: Finding, files: Sequence[tuple[Kind, str]]) -> Finding:
    """*finding* with the names of the files that are past the limit."""
    kind = COUNTED[finding.rule]
    names = [name for own, name in files if kind in (None, own)][int(finding.allowed) :]
    if not names:
        return finding
    more = [f"{len(names) - SHOWN} more"] if len(names) > SHOWN else []
    past = f"{listed([*names[:SHOWN], *more])} {'is' if len(names) == 1 else 'are'} past the limit"
    return finding.model_copy(update={"message": f"{finding.message}: {past}"})


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
    message = "only sounds, no image or video"
    finding = by_rule("audio-without-visual", "audio alone", "audio with an image or a video", message)
    return (finding.model_copy(update={"basis": limit.basis}),)
