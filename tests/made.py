"""Made-up facts for tests: results of probing and of preparing."""

from datetime import date
from hashlib import sha256
from typing import Any

from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import Manifest, ManifestEntry, OutputFile, SourceFile, SpecUsed, ToolUsed, totals
from prep.model.media import MEDIA_TYPES, AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import Options, Plan, PlanEntry
from prep.model.reference import Crop, Part, Reference, tags_for
from prep.model.report import Checked, Report
from prep.model.source import Source
from prep.planning import plan_set
from prep.planning.requested import requested_info
from prep.rules import check_one, check_prompt, check_set
from prep.rules.findings import about
from prep.specs import load_spec

SEEDANCE_2 = "bytedance/seedance-2.0/reference-to-video"
FAST = "bytedance/seedance-2.0/fast/reference-to-video"
MINI = "bytedance/seedance-2.0/mini/reference-to-video"
SEEDANCE_2_5 = "bytedance/seedance-2.5/reference-to-video"
ENDPOINTS = (SEEDANCE_2, FAST, MINI, SEEDANCE_2_5)


def image(width: int = 1200, height: int = 900, **facts: Any) -> ImageInfo:
    """A JPEG that every endpoint accepts unchanged."""
    return ImageInfo.model_validate(
        {
            "container": "jpeg",
            "bytes": 400_000,
            "width": width,
            "height": height,
            "mode": "RGB",
            "lossless": facts.get("container") in ("png", "bmp", "tiff", "gif"),
            **facts,
        }
    )


def video(width: int = 1280, height: int = 720, duration_s: float = 5.0, fps: float = 24.0, **facts: Any) -> VideoInfo:
    """An H.264 MP4 with AAC that every endpoint accepts unchanged."""
    sound = {"has_audio": True, "audio_codec": "aac", "audio_channels": 2, "audio_rate_hz": 48_000}
    streams = {"audio_stream": 1, "audio_streams": 1}
    fields: dict[str, Any] = {
        "container": "mp4",
        "bytes": 2_000_000,
        "width": width,
        "height": height,
        "coded_width": width,
        "coded_height": height,
        "fps": fps,
        "avg_fps": fps,
        "duration_s": duration_s,
        "codec": "h264",
        "pix_fmt": "yuv420p",
        "color_range": "limited",
    }
    return VideoInfo.model_validate(fields | sound | streams | facts)


def silent(**facts: Any) -> dict[str, Any]:
    """The facts of a video without a soundtrack."""
    return {
        "has_audio": False,
        "audio_codec": None,
        "audio_channels": None,
        "audio_rate_hz": None,
        "audio_stream": None,
        "audio_streams": 0,
    } | facts


def audio(duration_s: float = 5.0, **facts: Any) -> AudioInfo:
    """An MP3 that every endpoint accepts unchanged."""
    fields: dict[str, Any] = {
        "container": "mp3",
        "bytes": 80_000,
        "duration_s": duration_s,
        "codec": "mp3",
        "sample_rate_hz": 44_100,
        "channels": 2,
        "bitrate_bps": 128_000,
    }
    return AudioInfo.model_validate(fields | facts)


def wav(duration_s: float = 5.0, **facts: Any) -> AudioInfo:
    return audio(duration_s, **{"container": "wav", "codec": "pcm_s16le", "bitrate_bps": 1_411_200, **facts})


Item = MediaInfo | tuple[MediaInfo, Part | Crop | Reference]


def sources(*items: Item) -> tuple[Source, ...]:
    """One source for each item: facts alone, or facts and the part, the crop or the whole reference."""
    pairs = [item if isinstance(item, tuple) else (item, None) for item in items]
    tags = tags_for(info.kind for info, _ in pairs)
    return tuple(
        Source(tag=tag, reference=_reference(selection, number, info), info=info)
        for number, (tag, (info, selection)) in enumerate(zip(tags, pairs, strict=True), start=1)
    )


def _reference(selection: Part | Crop | Reference | None, number: int, info: MediaInfo) -> Reference:
    location = f"clips/{info.kind}-{number}.{info.container}"
    match selection:
        case Reference():
            return selection
        case Part():
            return Reference(location=location, part=selection)
        case Crop():
            return Reference(location=location, crop=selection)
        case _:
            return Reference(location=location)


def plan_of(*items: Item, spec: EndpointSpec | str = SEEDANCE_2, options: Options | None = None) -> Plan:
    return plan_set(sources(*items), load_spec(spec), options or Options())


def short_of_strict(entry: PlanEntry, spec: EndpointSpec | str = SEEDANCE_2) -> list[Finding]:
    """The strict values, required by `verify`, that the predicted file misses."""
    return [finding for finding in check_one(entry.predicted, load_spec(spec)) if finding.basis != "advice"]


def report_of(*items: Item, prompt: str | None = None) -> Report:
    """The report of `check` about whole files, under 2.0."""
    spec, probed = load_spec(SEEDANCE_2), sources(*items)
    sums = totals(source.info for source in probed)
    findings = [
        finding for source in probed for finding in about(check_one(source.info, spec), source.label, source.tag)
    ]
    names = {source.tag: source.reference.name for source in probed}
    return Report(
        endpoint=SEEDANCE_2,
        references=tuple(Checked(tag=s.tag, reference=s.reference, info=s.info) for s in probed),
        totals=sums,
        used=totals(requested_info(source) for source in probed),
        findings=(*findings, *check_set(sums, spec), *(check_prompt(prompt, names) if prompt is not None else ())),
    )


def manifest(*infos: MediaInfo, names: dict[str, str] | None = None, folder: str = "clips") -> Manifest:
    """A manifest of files that stayed as they were; *names* maps tags to the user's names."""
    return Manifest(
        endpoint=SEEDANCE_2,
        entries=tuple(
            _entry(tag, (names or {}).get(tag), info, folder)
            for tag, info in zip(tags_for(info.kind for info in infos), infos, strict=True)
        ),
        totals=totals(infos),
        spec=SpecUsed(endpoint=SEEDANCE_2, checked=date(2026, 11, 22)),
        tool=ToolUsed(version="1.2.3", ffmpeg="7.1"),
    )


def _entry(tag: str, name: str | None, info: MediaInfo, folder: str) -> ManifestEntry:
    file = f"{tag.removeprefix('@').lower()}.{info.container}"
    digest = sha256(file.encode()).hexdigest()
    return ManifestEntry(
        tag=tag,
        name=name,
        kind=info.kind,
        source=SourceFile(path=f"{folder}/{file}", sha256=digest, info=info),
        output=OutputFile(path=file, sha256=digest, media_type=MEDIA_TYPES[info.container], info=info),
    )
