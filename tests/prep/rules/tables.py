"""Facts just inside and just outside every limit, and the rules that they break.

One row is (id, facts, limits, broken): *broken* maps each rule to its severity, and is empty for what is fine.
"""

from typing import Any, NamedTuple

from prep.model.limits import AudioLimits, EndpointSpec, ImageLimits, Limit, VideoLimits
from prep.model.manifest import Totals
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.specs import load_spec
from tests.made import SEEDANCE_2, SEEDANCE_2_5, audio, image, silent, video, wav
from tests.prep.rules.timeline_cases import RESAMPLED, TIMELINE

TWO, TWO_5 = load_spec(SEEDANCE_2), load_spec(SEEDANCE_2_5)
ERROR, WARNING, INFO = "error", "warning", "info"
# No endpoint limits the area of an image from above yet; the rule is there for one that does.
SMALL_IMAGES = TWO.image.model_copy(
    update={
        "max_area_px": Limit[int].model_validate(
            {"value": 1_000_000, "basis": "upstream", "source": "https://example.org", "checked": "2026-11-22"}
        )
    }
)


class ImageCase(NamedTuple):
    id: str
    info: ImageInfo
    broken: dict[str, str]
    limits: ImageLimits = TWO.image


class VideoCase(NamedTuple):
    id: str
    info: VideoInfo
    broken: dict[str, str]
    limits: VideoLimits = TWO.video


class AudioCase(NamedTuple):
    id: str
    info: AudioInfo
    broken: dict[str, str]
    limits: AudioLimits = TWO.audio


class SetCase(NamedTuple):
    id: str
    totals: Totals
    broken: dict[str, str]
    spec: EndpointSpec = TWO


def _image(width: int, height: int, *broken: str, limits: ImageLimits = TWO.image) -> ImageCase:
    return ImageCase(f"{width}x{height}", image(width, height), dict.fromkeys(broken, ERROR), limits)


SHORT_IMAGE, SMALL_IMAGE = "image-side-too-short", "image-area-too-small"
IMAGE_CASES = (
    *(ImageCase(container, image(container=container), {}) for container in ("jpeg", "png", "webp")),
    *(
        ImageCase(container, image(container=container), {"image-format-unsupported": ERROR})
        for container in ("heif", "gif", "bmp", "tiff", "avif")
    ),
    *(ImageCase(f"{name} in 2.5", image(container=name), {}, TWO_5.image) for name in ("heif", "gif", "bmp", "tiff")),
    ImageCase("avif in 2.5", image(container="avif"), {"image-format-unsupported": ERROR}, TWO_5.image),
    ImageCase("30 MB", image(bytes=30_000_000), {}),
    ImageCase("30 MB and a byte", image(bytes=30_000_001), {"image-file-too-large": WARNING}),
    ImageCase("30 MiB", image(bytes=31_457_280), {"image-file-too-large": WARNING}),
    ImageCase("30 MiB and a byte", image(bytes=31_457_281), {"image-file-too-large": ERROR}),
    _image(300, 300),
    _image(299, 301, SHORT_IMAGE, SMALL_IMAGE),
    _image(299, 400, SHORT_IMAGE),
    _image(400, 299, SHORT_IMAGE),
    ImageCase(
        "1x1",
        image(1, 1),
        {SHORT_IMAGE: ERROR, SMALL_IMAGE: ERROR, "image-upscaled-much": WARNING},
    ),
    _image(6000, 6000),
    _image(6001, 6000, "image-side-too-long"),
    _image(6000, 6001, "image-side-too-long"),
    _image(6001, 6001, "image-side-too-long"),
    _image(1000, 400),
    _image(1001, 400, "image-aspect-too-wide"),
    _image(1000, 399, "image-aspect-too-wide"),
    _image(400, 1000),
    _image(399, 1000, "image-aspect-too-narrow"),
    _image(400, 1001, "image-aspect-too-narrow"),
    _image(6000, 2400),
    _image(5999, 2399, "image-aspect-too-wide"),
    _image(1000, 1000, limits=SMALL_IMAGES),
    _image(1001, 1000, "image-area-too-large", limits=SMALL_IMAGES),
    *(ImageCase(f"orientation {n}", image(orientation=n), {"image-not-upright": WARNING}) for n in range(2, 9)),
    # twice the width and height and no more: 300 px are the least side, 90,000 the least area
    ImageCase("half of the least side", image(150, 300), {SHORT_IMAGE: ERROR, SMALL_IMAGE: ERROR}),
    ImageCase(
        "less than half of the least side",
        image(149, 300),
        {SHORT_IMAGE: ERROR, SMALL_IMAGE: ERROR, "image-upscaled-much": WARNING},
    ),
    ImageCase("two frames", image(frames=2), {"image-animated": INFO}),
    ImageCase("gps", image(private_metadata=("gps",)), {"image-private-metadata": WARNING}),
    ImageCase("HDR", image(hdr="hlg", color_primaries="bt2020"), {"image-hdr": INFO}),
    ImageCase("alpha, CMYK and a profile", image(has_alpha=True, mode="CMYK", icc="Display P3"), {}),
    ImageCase(
        "all at once",
        image(200, 600, container="heif", bytes=40_000_000, orientation=6, frames=3, private_metadata=("gps", "owner")),
        {
            "image-format-unsupported": ERROR,
            "image-file-too-large": ERROR,
            "image-side-too-short": ERROR,
            "image-aspect-too-narrow": ERROR,
            "image-not-upright": WARNING,
            "image-animated": INFO,
            "image-private-metadata": WARNING,
        },
    ),
)


def _video(width: int, height: int, *broken: str, limits: VideoLimits = TWO.video) -> VideoCase:
    where = "" if limits is TWO.video else " in 2.5"
    info = video(width, height, bytes=9_000_000)  # enough bits for the largest of them
    return VideoCase(f"{width}x{height}{where}", info, dict.fromkeys(broken, ERROR), limits)


def _rate(fps: float, *broken: str) -> VideoCase:
    return VideoCase(f"{fps} fps", video(fps=fps), dict.fromkeys(broken, ERROR))


def _lasting(seconds: float, **broken: str) -> VideoCase:
    return VideoCase(
        f"{seconds} s", video(duration_s=seconds), {rule.replace("_", "-"): word for rule, word in broken.items()}
    )


def _lasting_2_5(seconds: float, *broken: str) -> VideoCase:
    return VideoCase(f"{seconds} s in 2.5", video(duration_s=seconds), dict.fromkeys(broken, ERROR), TWO_5.video)


SMALL, LARGE = "video-area-too-small", "video-area-too-large"
SHORT, LONG = "video-side-too-short", "video-side-too-long"
NARROW, WIDE = "video-aspect-too-narrow", "video-aspect-too-wide"
VIDEO_CASES = (
    VideoCase("mov", video(container="mov"), {}),
    *(
        VideoCase(container, video(container=container), {"video-container-unsupported": ERROR})
        for container in ("webm", "matroska", "avi", "gif", "mpegts")
    ),
    VideoCase("hevc", video(codec="hevc"), {}),
    *(
        VideoCase(codec, video(codec=codec), {"video-codec-unsupported": ERROR})
        for codec in ("vp9", "av1", "prores", "mpeg4", "mjpeg")
    ),
    VideoCase("mp3 sound", video(audio_codec="mp3"), {}),
    *(
        VideoCase(f"{codec} sound", video(audio_codec=codec), {"video-audio-codec-unsupported": ERROR})
        for codec in ("opus", "pcm_s16le", "ac3")
    ),
    VideoCase("silent", video(**silent()), {}),
    VideoCase("1 GB by itself", video(bytes=1_000_000_000), {}),
    VideoCase("200 MB in 2.5", video(bytes=200_000_000), {}, TWO_5.video),
    VideoCase("200 MB and a byte in 2.5", video(bytes=200_000_001), {"video-file-too-large": WARNING}, TWO_5.video),
    VideoCase("200 MiB in 2.5", video(bytes=209_715_200), {"video-file-too-large": WARNING}, TWO_5.video),
    VideoCase("200 MiB and a byte in 2.5", video(bytes=209_715_201), {"video-file-too-large": ERROR}, TWO_5.video),
    # the area, as the endpoint documents it
    _video(1280, 720),
    _video(720, 1280),
    _video(1280, 726, LARGE),
    _video(834, 1112),
    _video(1112, 834),
    _video(835, 1112, LARGE),
    _video(834, 1113, LARGE),
    _video(1920, 1080, LARGE),
    _video(964, 964, LARGE),
    _video(962, 962),
    _video(640, 640),
    _video(639, 641, SMALL),
    _video(854, 480),
    _video(853, 480, SMALL),
    _video(852, 480, SMALL),
    _video(848, 480, SMALL),
    _video(720, 480, SMALL),
    # sides and shapes; 2.5 states no area, so that a side is broken alone
    _video(300, 300, limits=TWO_5.video),
    _video(299, 300, SHORT, limits=TWO_5.video),
    _video(300, 299, SHORT, limits=TWO_5.video),
    _video(299, 747, SHORT, SMALL),
    _video(6000, 6000, limits=TWO_5.video),
    _video(6001, 6000, LONG, limits=TWO_5.video),
    _video(6000, 6001, LONG, limits=TWO_5.video),
    _video(6001, 6001, LONG, LARGE),
    _video(1280, 512),
    _video(1281, 512, WIDE),
    _video(1280, 511, WIDE),
    _video(512, 1280),
    _video(511, 1280, NARROW),
    _video(512, 1281, NARROW),
    _video(4000, 1000, WIDE, LARGE),
    _video(500, 2000, NARROW, LARGE),
    # frame rates
    _rate(24),
    _rate(60),
    _rate(25),
    _rate(29.97),
    _rate(59.94),
    _rate(23.976, "video-fps-too-low"),
    _rate(23.99, "video-fps-too-low"),
    _rate(60.01, "video-fps-too-high"),
    _rate(120, "video-fps-too-high"),
    VideoCase("nominally 24, but 23 on average", video(fps=24, avg_fps=23), {"video-fps-too-low": ERROR}),
    # durations
    _lasting(1.79, video_too_short=ERROR),
    _lasting(1.8, video_too_short=WARNING),
    _lasting(1.99, video_too_short=WARNING),
    _lasting(2),
    _lasting(8),
    _lasting(8.01, video_longer_than_useful=INFO),
    _lasting(15, video_longer_than_useful=INFO),
    _lasting(15.01, video_too_long=WARNING),
    _lasting(15.2, video_too_long=WARNING),
    _lasting(15.21, video_too_long=ERROR),
    _lasting_2_5(1.79, "video-too-short"),
    _lasting_2_5(1.8),
    _lasting_2_5(15),  # for this model nobody has said how much is of use
    _lasting_2_5(30.2),
    _lasting_2_5(30.21, "video-too-long"),
    # what no limit asks for
    *(VideoCase(f"turned by {n}", video(rotation=n), {"video-not-upright": WARNING}) for n in (90, 180, 270)),
    VideoCase("mirrored", video(mirrored=True), {"video-not-upright": WARNING}),
    VideoCase("not square", video(sar="16:11"), {"video-pixels-not-square": WARNING}),
    *(VideoCase(name, video(**facts), dict.fromkeys(rules, WARNING)) for name, facts, rules in TIMELINE),
    VideoCase("truncated", video(truncated=True), {"video-truncated": WARNING}),
    *(VideoCase(hdr, video(hdr=hdr), {"video-hdr": INFO}) for hdr in ("pq", "hlg")),
    VideoCase("variable", video(vfr=True), {"video-variable-frame-rate": INFO}),
    VideoCase("interlaced", video(interlaced=True), {"video-interlaced": INFO}),
    VideoCase("serial number", video(private_metadata=("serial number",)), {"video-private-metadata": WARNING}),
    # 427×240 is half of 854×480
    VideoCase("enlarged twice", video(427, 240), {SHORT: ERROR, SMALL: ERROR}),
    VideoCase("enlarged more", video(426, 240), {SHORT: ERROR, SMALL: ERROR, "video-upscaled-much": WARNING}),
    VideoCase("transparent", video(has_alpha=True), {"video-transparent": INFO}),
    # a hundredth of a bit for each of 1280×720 pixels at 24 fps: 221,184 bit/s, in 5 s 138,240 bytes
    VideoCase("just enough bits", video(bytes=138_240), {}),
    VideoCase("a byte too few", video(bytes=138_239), {"video-bit-rate-very-low": INFO}),
    VideoCase("ten bits, full range", video(bit_depth=10, pix_fmt="yuv420p10le", color_range="full"), {}),
)

LONG_SOUND, SHORT_SOUND = "audio-too-long", "audio-too-short"
AUDIO_CASES = (
    AudioCase("mp3", audio(), {}),
    AudioCase("wav", wav(), {}),
    *(
        AudioCase(container, audio(container=container), {"audio-format-unsupported": ERROR})
        for container in ("m4a", "ogg", "flac", "mp4")
    ),
    AudioCase("24-bit wav", wav(codec="pcm_s24le"), {}),
    AudioCase("float wav", wav(codec="pcm_f32le"), {}),
    *(
        AudioCase(f"{codec} in a wav", wav(codec=codec), {"audio-codec-unsupported": ERROR})
        for codec in ("pcm_alaw", "pcm_mulaw", "adpcm_ms", "mp3")
    ),
    AudioCase("15 MB", audio(bytes=15_000_000), {}),
    AudioCase("15 MB and a byte", audio(bytes=15_000_001), {"audio-file-too-large": WARNING}),
    AudioCase("15 MiB", audio(bytes=15_728_640), {"audio-file-too-large": WARNING}),
    AudioCase("15 MiB and a byte", audio(bytes=15_728_641), {"audio-file-too-large": ERROR}),
    AudioCase("1.79 s", audio(1.79), {SHORT_SOUND: ERROR}),
    AudioCase("1.8 s", audio(1.8), {SHORT_SOUND: WARNING}),
    AudioCase("1.99 s", audio(1.99), {SHORT_SOUND: WARNING}),
    AudioCase("2 s", audio(2), {}),
    AudioCase("15 s", audio(15), {}),
    AudioCase("15.02 s", audio(15.02), {LONG_SOUND: WARNING}),
    AudioCase("15.2 s", audio(15.2), {LONG_SOUND: WARNING}),
    AudioCase("15.21 s", audio(15.21), {LONG_SOUND: ERROR}),
    AudioCase("1.79 s in 2.5", audio(1.79), {SHORT_SOUND: ERROR}, TWO_5.audio),
    AudioCase("1.8 s in 2.5", audio(1.8), {}, TWO_5.audio),
    AudioCase("30.2 s in 2.5", audio(30.2), {}, TWO_5.audio),
    AudioCase("30.21 s in 2.5", audio(30.21), {LONG_SOUND: ERROR}, TWO_5.audio),
    AudioCase("owner", audio(private_metadata=("owner",)), {"audio-private-metadata": WARNING}),
    AudioCase("a new rate", audio(changes=(RESAMPLED,)), {"audio-changes": WARNING}),
    AudioCase("10 s called 15.8 s", audio(10, claimed_s=15.8), {"audio-length-misleading": WARNING}),
    AudioCase("truncated", audio(10, claimed_s=15.8, truncated=True), {"audio-truncated": WARNING}),
    AudioCase("32 kbit/s", audio(bitrate_bps=32_000), {}),
    AudioCase("less", audio(bitrate_bps=31_999), {"audio-bit-rate-very-low": INFO}),
    AudioCase(
        "less, as Opus", audio(bitrate_bps=24_000, codec="opus", container="ogg"), {"audio-format-unsupported": ERROR}
    ),
    AudioCase("8 kHz, six channels, a cover", audio(sample_rate_hz=8000, channels=6, has_cover=True), {}),
)


def _set(**fields: Any) -> Totals:
    """The totals of a small set, of whose files the number is the sum."""
    counts = {"images": 1, "videos": 0, "audios": 0} | {k: v for k, v in fields.items() if k.endswith("s")}
    measures = {"video_duration_s": 0.0, "video_bytes": 0, "audio_duration_s": 0.0}
    files = counts["images"] + counts["videos"] + counts["audios"]
    return Totals.model_validate({"files": files} | measures | counts | fields)


def _of_videos(count: int, seconds: float, size: int = 3_000_000) -> Totals:
    return _set(images=0, videos=count, video_duration_s=seconds, video_bytes=size)


SET_CASES = (
    SetCase("nothing", _set(images=0), {}),
    SetCase("an image", _set(), {}),
    SetCase("9 images", _set(images=9), {}),
    SetCase("10 images", _set(images=10), {"too-many-images": ERROR}),
    SetCase("3 videos", _of_videos(3, 9.0), {}),
    SetCase("4 videos", _of_videos(4, 9.0), {"too-many-videos": ERROR}),
    SetCase("3 sounds", _set(audios=3, audio_duration_s=9.0), {}),
    SetCase("4 sounds", _set(audios=4, audio_duration_s=9.0), {"too-many-audios": ERROR}),
    SetCase("12 files", _set(images=9, audios=3, audio_duration_s=9.0), {}),
    SetCase(
        "13 files",
        _set(images=9, videos=3, video_duration_s=9.0, audios=1, audio_duration_s=3.0),
        {"too-many-files": ERROR},
    ),
    SetCase("30 images in 2.5", _set(images=30), {}, TWO_5),
    SetCase("31 images in 2.5", _set(images=31), {"too-many-images": ERROR}, TWO_5),
    SetCase("50 files in 2.5", _set(images=30, videos=10, audios=10, video_duration_s=20.0), {}, TWO_5),
    SetCase(
        "51 files in 2.5",
        _set(images=31, videos=10, audios=10, video_duration_s=20.0),
        {"too-many-images": ERROR, "too-many-files": ERROR},
        TWO_5,
    ),
    SetCase("2 s of video", _of_videos(1, 2.0), {}),
    SetCase("1.99 s of video", _of_videos(1, 1.99), {"videos-too-short": WARNING}),
    SetCase("1.8 s of video", _of_videos(1, 1.8), {"videos-too-short": WARNING}),
    SetCase("1.79 s of video", _of_videos(1, 1.79), {"videos-too-short": ERROR}),
    SetCase("15 s of video", _of_videos(3, 15.0), {}),
    SetCase("15.01 s of video", _of_videos(3, 15.01), {"videos-too-long": WARNING}),
    SetCase("15.2 s of video", _of_videos(3, 15.2), {"videos-too-long": WARNING}),
    SetCase("15.21 s of video", _of_videos(3, 15.21), {"videos-too-long": ERROR}),
    SetCase("30.2 s of video in 2.5", _of_videos(3, 30.2), {}, TWO_5),
    SetCase("30.21 s of video in 2.5", _of_videos(3, 30.21), {"videos-too-long": ERROR}, TWO_5),
    SetCase("under 50 MB", _of_videos(3, 9.0, 49_999_999), {}),
    SetCase("50 MB", _of_videos(3, 9.0, 50_000_000), {"videos-too-large": WARNING}),
    SetCase("50 MiB", _of_videos(3, 9.0, 52_428_800), {"videos-too-large": WARNING}),
    SetCase("50 MiB and a byte", _of_videos(3, 9.0, 52_428_801), {"videos-too-large": ERROR}),
    SetCase("1 GB in 2.5", _of_videos(10, 20.0, 1_000_000_000), {}, TWO_5),
    SetCase("15 s of sound", _set(audios=3, audio_duration_s=15.0), {}),
    SetCase("15.2 s of sound", _set(audios=3, audio_duration_s=15.2), {"audios-too-long": WARNING}),
    SetCase("15.21 s of sound", _set(audios=3, audio_duration_s=15.21), {"audios-too-long": ERROR}),
    SetCase("a sound alone", _set(images=0, audios=1, audio_duration_s=5.0), {"audio-without-visual": ERROR}),
    SetCase("a sound and an image", _set(images=1, audios=1, audio_duration_s=5.0), {}),
    SetCase("a sound and a video", _set(images=0, videos=1, video_duration_s=5.0, audios=1, audio_duration_s=5.0), {}),
)
