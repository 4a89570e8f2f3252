"""MediaInfo: the facts probed from one file. Widths and heights are as displayed, upright and in square pixels."""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from prep.model.value import Value

Kind = Literal["image", "video", "audio"]
MOST_SAR = 4
SAME_FPS = 0.001  # VideoInfo.fps has three decimals
# The image formats whose metadata can be stripped block by block, the coded picture left alone.
STRIPPABLE = ("jpeg", "png", "webp")


class MediaFacts(Value):
    """*container* is the format by content ("jpeg", "mp4", "wav", ...), never by file name; *bytes* the file's size.

    *private_metadata* names what the file tells about people, places or devices ("gps", "serial number", ...).
    """

    container: str
    bytes: int
    private_metadata: tuple[str, ...] = ()


class Change(Value):
    """A property of a track (*what*: "size", "channels", ...) that changes *time_s* after the track's start, in words:
    from *before* to *after*."""

    time_s: float
    track: Literal["picture", "sound"]
    what: str
    before: str
    after: str


class ImageInfo(MediaFacts):
    """One image; *frames* above 1 is an animation or several pages, of which the one numbered *frame* is
    the picture: the largest. *orientation* is EXIF's, 1..8 (1: upright).

    *icc* is the profile's description, None without a profile and for a JPEG XL; *mode* is
    Pillow's ("RGB", "CMYK", "I;16", ...).
    *color_primaries* and *hdr* (the transfer, "pq" or "hlg") are those of the coded picture where no profile says it;
    None: as sRGB. *lossless*: the pixels are stored without loss. *metadata* are the kinds of blocks beside the picture
    ("exif", "xmp", "text", "trailer", ...).
    """

    kind: Literal["image"] = "image"
    width: int
    height: int
    mode: str
    frames: int = 1
    frame: int = 0
    icc: str | None = None
    color_primaries: Literal["bt2020", "smpte432"] | None = None
    hdr: Literal["pq", "hlg"] | None = None
    orientation: int = 1
    has_alpha: bool = False
    lossless: bool = False
    metadata: tuple[str, ...] = ()


class VideoInfo(MediaFacts):
    """One video: its chosen video stream and soundtrack.

    *rotation* is clockwise degrees that a player turns the coded picture by, after mirroring it if *mirrored*. *sar* is
    the sample aspect ratio as "num:den", which *width* follows if it is plausible. *fps* is the nominal rate, *avg_fps*
    frames over seconds; *vfr* that the frame intervals differ. *duration_s* is the longest of the container and the
    chosen streams, measured; *picture_s* that of the picture alone, None: the same. *start_s* is the picture's first
    time stamp, *lead_s* how long after the container's first it comes. *hdr* is the transfer ("pq", "hlg") or None.
    *truncated*: the file ends before its index or a size in it says; *duration_s* is what is there.
    *claimed_s* is the length by a header or by another track, where it misleads.
    *changes* are those of picture and sound in the middle. *video_stream* and *audio_stream* are stream indexes in the
    container.
    """

    kind: Literal["video"] = "video"
    width: int
    height: int
    coded_width: int
    coded_height: int
    rotation: Literal[0, 90, 180, 270] = 0
    mirrored: bool = False
    sar: str = "1:1"
    fps: float
    avg_fps: float
    vfr: bool = False
    duration_s: float
    picture_s: float | None = None
    start_s: float = 0.0
    lead_s: float = 0.0
    codec: str
    pix_fmt: str
    bit_depth: int = 8
    hdr: Literal["pq", "hlg"] | None = None
    dolby_vision: int | None = None
    color_range: Literal["limited", "full"] | None = None
    color_space: str | None = None
    color_transfer: str | None = None
    color_primaries: str | None = None
    interlaced: bool = False
    has_alpha: bool = False
    truncated: bool = False
    video_stream: int = 0
    video_streams: int = 1
    has_audio: bool = False
    audio_codec: str | None = None
    audio_channels: int | None = None
    audio_rate_hz: int | None = None
    audio_stream: int | None = None
    audio_streams: int = 0
    claimed_s: float | None = None
    changes: tuple[Change, ...] = ()


class AudioInfo(MediaFacts):
    """One sound: a file of its own, or the soundtrack of a video. *has_cover*: an embedded picture was seen.

    *claimed_s* is how long the container says, or its bit rate suggests, that it lasts; None: about as long as it does.
    *truncated*: the file ends before its index or a size in it says; *duration_s* is what is there.
    *metadata* are the kinds of blocks beside the sound of an MP3 or a WAV ("id3", "bext", "info", ...).
    """

    kind: Literal["audio"] = "audio"
    duration_s: float
    claimed_s: float | None = None
    codec: str
    sample_rate_hz: int
    channels: int
    bitrate_bps: int
    audio_stream: int = 0
    audio_streams: int = 1
    has_cover: bool = False
    truncated: bool = False
    changes: tuple[Change, ...] = ()
    metadata: tuple[str, ...] = ()


MediaInfo = Annotated[ImageInfo | VideoInfo | AudioInfo, Field(discriminator="kind")]

# The endings of file names and the media types that stand for a container; the first ones are those that we use.
NAMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "jpeg": ((".jpg", ".jpeg"), ("image/jpeg", "image/jpg", "image/pjpeg")),
    "png": ((".png",), ("image/png", "image/x-png")),
    "webp": ((".webp",), ("image/webp",)),
    "gif": ((".gif",), ("image/gif",)),
    "bmp": ((".bmp",), ("image/bmp", "image/x-ms-bmp")),
    "tiff": ((".tiff", ".tif"), ("image/tiff",)),
    "heif": ((".heic", ".heif"), ("image/heic", "image/heif")),
    "avif": ((".avif",), ("image/avif",)),
    "jxl": ((".jxl",), ("image/jxl",)),
    "mp4": ((".mp4", ".m4v"), ("video/mp4",)),
    "mov": ((".mov", ".qt"), ("video/quicktime",)),
    "mp3": ((".mp3",), ("audio/mpeg", "audio/mp3")),
    "wav": ((".wav",), ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave")),
}
EXTENSIONS = {container: endings[0] for container, (endings, _) in NAMES.items()}
MEDIA_TYPES = {container: types[0] for container, (_, types) in NAMES.items()}


def is_plausible_sar(sar: Fraction) -> bool:
    """True for pixels that somebody may mean; the strangest formats for tape have 2:1."""
    return 1 / MOST_SAR <= sar <= MOST_SAR


def soundtrack_rate_hz(rate_hz: int | None) -> int:
    """The rate at which the soundtrack of a video is encoded that has *rate_hz*."""
    return rate_hz if rate_hz in (44_100, 48_000) else 48_000


def exact_rate(fps: float) -> Fraction:
    """29.97 as 30000/1001 and so on: rates are whole, or whole in 1000 of 1001, or ratios with a small denominator."""
    whole = max(1, round(fps))
    for rate in (Fraction(whole), Fraction(whole * 1000, 1001)):
        if abs(float(rate) - fps) < SAME_FPS:
            return rate
    return Fraction(fps).limit_denominator(1001)
