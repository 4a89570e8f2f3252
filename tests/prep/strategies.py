"""Random sets of references: what a probe might find, and what a user might ask for."""

from typing import Any

from hypothesis import strategies as st

from prep.model.analysis import Cuts, Glimpse, Scan
from prep.model.limits import EndpointSpec
from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import Options
from prep.model.reference import Crop, Part, Reference, tags_for
from prep.model.source import Source
from prep.specs import load_spec
from tests.made import ENDPOINTS, audio, image, silent, video

SPECS = st.sampled_from([load_spec(endpoint) for endpoint in ENDPOINTS])
OPTIONS = st.builds(
    Options,
    fit=st.sampled_from(["pad", "crop"]),
    short=st.sampled_from(["hold", "loop", "refuse"]),
    window=st.sampled_from(["start", "middle", "end", "best"]),
    mute=st.booleans(),
    background=st.sampled_from([None, "#ffffff"]),
    strip_metadata=st.booleans(),
)
LIMITS_S = (1.79, 1.8, 1.9, 2.0, 5.0, 14.99, 15.0, 15.1, 15.2, 15.21, 30.2, 30.21)
SECONDS = st.sampled_from(LIMITS_S) | st.floats(0.05, 200).map(lambda value: round(value, 6))
SIDE = st.integers(2, 8000) | st.sampled_from([299, 300, 480, 640, 720, 834, 1080, 1112, 1280, 1920, 6000, 6001])
PRIVATE = st.sampled_from([(), ("gps",), ("serial number", "owner")])
RATES = st.sampled_from([7.5, 10.0, 12.5, 15.0, 23.976, 24.0, 25.0, 29.97, 30.0, 50.0, 59.94, 60.0, 60.1, 120.0, 240.0])
IMAGE_FILES = st.sampled_from([("jpeg", "RGB"), ("png", "RGBA"), ("webp", "RGBA"), ("heif", "RGB"), ("gif", "P")])
VIDEO_FILES = st.sampled_from(
    [("mp4", "h264"), ("mp4", "h264"), ("mov", "hevc"), ("mov", "prores"), ("webm", "vp9"), ("matroska", "h264")]
)
AUDIO_FILES = st.sampled_from([("mp3", "mp3"), ("wav", "pcm_s16le"), ("wav", "pcm_s24le"), ("m4a", "aac")])


@st.composite
def images(draw: st.DrawFn) -> ImageInfo:
    container, mode = draw(IMAGE_FILES)
    return image(
        draw(SIDE),
        draw(SIDE),
        container=container,
        mode=mode,
        has_alpha=mode == "RGBA" and draw(st.booleans()),
        bytes=draw(st.integers(100, 60_000_000) | st.sampled_from([30_000_000, 31_457_280, 31_457_281])),
        orientation=draw(st.sampled_from([1, 1, 3, 6])),
        frames=draw(st.sampled_from([1, 1, 1, 42])),
        private_metadata=draw(PRIVATE),
        metadata=draw(st.sampled_from([(), ("exif",)])),
        hdr=draw(st.sampled_from([None, None, "pq"])),
    )


@st.composite
def videos(draw: st.DrawFn) -> VideoInfo:
    container, codec = draw(VIDEO_FILES)
    fps = draw(RATES)
    vfr = draw(st.sampled_from([False, False, True]))
    sound: dict[str, Any] = {"audio_codec": draw(st.sampled_from(["aac", "mp3", "opus", "pcm_s16le"]))}
    if draw(st.booleans()):
        sound = silent()
    duration_s = draw(SECONDS)
    shown = draw(st.sampled_from([None, 1.0, 0.999, 0.6]))
    return video(
        draw(SIDE),
        draw(SIDE),
        duration_s=duration_s,
        picture_s=shown and round(duration_s * shown, 6),
        fps=fps,
        avg_fps=round(fps * draw(st.floats(0.3, 1.2)), 3) if vfr else fps,
        vfr=vfr,
        container=container,
        codec=codec,
        bytes=draw(st.integers(1000, 60_000_000) | st.sampled_from([49_999_999, 52_428_800, 210_000_000])),
        rotation=draw(st.sampled_from([0, 0, 90, 180])),
        mirrored=draw(st.sampled_from([False, False, True])),
        sar=draw(st.sampled_from(["1:1", "1:1", "1:1", "16:11"])),
        hdr=draw(st.sampled_from([None, None, "hlg", "pq"])),
        interlaced=draw(st.sampled_from([False, False, True])),
        has_alpha=codec in ("prores", "vp9") and draw(st.booleans()),
        truncated=draw(st.sampled_from([False, False, True])),
        video_streams=draw(st.sampled_from([1, 2])),
        private_metadata=draw(PRIVATE),
        **sound,
    )


@st.composite
def audios(draw: st.DrawFn) -> AudioInfo:
    container, codec = draw(AUDIO_FILES)
    return audio(
        draw(SECONDS),
        claimed_s=draw(st.none() | st.just(61.5)),
        container=container,
        codec=codec,
        bytes=draw(st.integers(1000, 40_000_000) | st.sampled_from([15_000_000, 15_728_640])),
        sample_rate_hz=draw(st.sampled_from([8000, 22_050, 44_100, 48_000, 192_000])),
        channels=draw(st.sampled_from([1, 2, 6])),
        private_metadata=draw(PRIVATE),
        metadata=draw(st.sampled_from([(), ("id3",), ("bext", "info")])),
    )


@st.composite
def parts(draw: st.DrawFn) -> Part:
    """Any part, of which many lie outside."""
    start_s = draw(st.floats(0, 30).map(lambda value: round(value, 2)))
    length_s = draw(st.none() | st.sampled_from(LIMITS_S) | st.floats(0.1, 40).map(lambda value: round(value, 2)))
    return Part(start_s=start_s, end_s=None if length_s is None else round(start_s + length_s, 3))


@st.composite
def crops(draw: st.DrawFn) -> Crop:
    """Mostly inside the picture; pixels often reach out of it."""
    if draw(st.integers(0, 3)):
        x, y = draw(st.integers(0, 80)), draw(st.integers(0, 80))
        width, height = draw(st.integers(1, 100 - x)), draw(st.integers(1, 100 - y))
        return Crop(unit="percent", x=x, y=y, width=width, height=height)
    x, y, width, height = (draw(st.integers(least, 1500)) for least in (0, 0, 1, 1))
    return Crop(x=x, y=y, width=width, height=height)


@st.composite
def scans(draw: st.DrawFn, info: MediaInfo) -> Scan:
    """Keyframes every so often, and glimpses of two shots."""
    if not isinstance(info, VideoInfo) or not draw(st.booleans()):
        return Scan()
    gap_s = draw(st.sampled_from([0.5, 1.0, 2.0, 5.0]))
    count = int(min(info.duration_s, 60) / gap_s) + 1
    glimpses = tuple(
        Glimpse(time_s=index * gap_s, light=0.5, contrast=0.2, crisp=0.2, plain=0.1, change=0.1)
        for index in range(count)
    )
    keyframes = tuple(round(index * gap_s, 6) for index in range(count)) if draw(st.booleans()) else ()
    cuts = draw(st.sampled_from([None, Cuts(), Cuts(times_s=(2 * gap_s,))]))
    return Scan(glimpses=glimpses if draw(st.booleans()) else (), cuts=cuts, keyframes_s=keyframes)


def sourced(infos: list[MediaInfo], references: list[Reference], scanned: list[Scan]) -> tuple[Source, ...]:
    tags = tags_for(info.kind for info in infos)
    return tuple(
        Source(tag=tag, reference=reference, info=info, scan=scan)
        for tag, reference, info, scan in zip(tags, references, infos, scanned, strict=True)
    )


@st.composite
def any_sets(draw: st.DrawFn) -> tuple[Source, ...]:
    """Up to six references of all kinds, with parts and crops, whether they exist or not."""
    infos: list[MediaInfo] = draw(st.lists(st.one_of(images(), videos(), audios()), min_size=1, max_size=6))
    references = [
        Reference(
            location=f"clips/{number}.{info.container}",
            part=draw(st.none() | parts()) if info.kind != "image" else None,
            crop=draw(st.none() | crops()) if info.kind != "audio" else None,
        )
        for number, info in enumerate(infos)
    ]
    return sourced(infos, references, [draw(scans(info)) for info in infos])


@st.composite
def mendable_sets(draw: st.DrawFn) -> tuple[Source, ...]:
    """What prep has to be able to mend: few enough files, something to see, no part of the user's own."""
    infos: list[MediaInfo] = [
        *draw(st.lists(images(), min_size=1, max_size=2)),
        *draw(st.lists(videos(), max_size=3)),
        *draw(st.lists(audios(), max_size=3)),
    ]
    references = [Reference(location=f"{number}.{info.container}") for number, info in enumerate(infos)]
    return sourced(infos, references, [draw(scans(info)) for info in infos])


@st.composite
def compliant_sets(draw: st.DrawFn) -> tuple[Source, ...]:
    """Files that 2.0 takes as they are, some of them only between the strict and the accepted value."""
    sizes = st.sampled_from([(1280, 720), (720, 1280), (854, 480), (640, 640), (834, 1112), (1281, 719)])
    videos_s = draw(st.sampled_from([(5.0, 5.0, 5.0), (15.2,), (1.8,), (2.0, 13.0), (4.7, 10.5), ()]))
    sounds_s = draw(st.sampled_from([(), (15.2,), (1.8, 2.0), (5.0, 5.0, 5.0)]))
    size_bytes = draw(st.sampled_from([1_000_000, 16_000_000, 17_400_000]))
    infos: list[MediaInfo] = [
        image(*draw(st.sampled_from([(300, 300), (6000, 6000), (1000, 400), (401, 1001)])), bytes=31_457_280),
        *(
            video(
                *draw(sizes),
                duration_s=seconds,
                fps=draw(st.sampled_from([24.0, 25.0, 29.97, 59.94, 60.0])),
                bytes=size_bytes,
                container=draw(st.sampled_from(["mp4", "mov"])),
                codec=draw(st.sampled_from(["h264", "hevc"])),
                hdr=draw(st.sampled_from([None, "hlg"])),
                vfr=draw(st.booleans()),
                interlaced=draw(st.booleans()),
                private_metadata=draw(PRIVATE),
            )
            for seconds in videos_s
        ),
        *(audio(seconds, bytes=15_728_640, private_metadata=draw(PRIVATE)) for seconds in sounds_s),
    ]
    references = [Reference(location=f"{number}.{info.container}") for number, info in enumerate(infos)]
    return sourced(infos, references, [Scan()] * len(infos))


def shapes_that_fit(spec: EndpointSpec, width: int, height: int, *, kind: str) -> bool:
    """Whether these sides are inside the limits, by arithmetic of its own."""
    sides = min(width, height) >= 300 and max(width, height) <= 6000
    shape = 2 * width <= 5 * height and 2 * height <= 5 * width
    area = width * height
    if kind == "image":
        return sides and shape and area >= 90_000
    capped = spec.video.max_area_px is not None
    return sides and shape and (not capped or 409_600 <= area <= 927_408)
