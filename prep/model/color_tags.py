"""The colours of a video as filters can read them: its tags, and a guess for each that says nothing or can't be used.

No tag is handed to a filter as it is: ffmpeg refuses some, and reads others as something else.
"""

from typing import Literal, NamedTuple

from prep.model.media import VideoInfo

# Without a tag the matrix goes by size, as in players.
HD_EDGE = 1280
# Matrices that ffmpeg's scaler knows, and those that only zscale does.
SCALER_MATRICES = frozenset({"rgb", "bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "bt2020nc"})
ZSCALE_MATRICES = frozenset({"ycgco", "bt2020c", "chroma-derived-nc", "chroma-derived-c"})
# ICtCp is made of PQ or HLG (BT.2100).
HDR_MATRICES = frozenset({"bt2020nc", "bt2020c", "ictcp", "bt709", "chroma-derived-nc", "chroma-derived-c", "rgb"})
# Curves that screens show as they show BT.709's: the code values stay.
DISPLAY_TRANSFERS = frozenset(
    {"bt709", "bt470m", "smpte170m", "smpte240m", "iec61966-2-4", "bt1361e", "iec61966-2-1", "bt2020-10", "bt2020-12"}
)
# Curves that look wrong unless they are converted.
OTHER_TRANSFERS = frozenset({"bt470bg", "linear", "log100", "log316", "smpte428"})
PRIMARIES = frozenset(
    {"bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "film", "bt2020", "smpte428", "smpte431", "display-p3",
     "ebu3213"}
)  # fmt: skip
RGB_FORMATS = ("gbr", "rgb", "bgr", "argb", "abgr", "0rgb", "0bgr", "pal8", "x2rgb", "x2bgr")


# The property that changes where SDR turns into HDR or back, and its values.
DYNAMIC_RANGE = "dynamic range"
RANGES: dict[str, Literal["pq", "hlg"] | None] = {"SDR": None, "HDR (PQ)": "pq", "HDR (HLG)": "hlg"}

# Of parts whose colours change midway only the curve is certain: the rest is as usual with it.
SDR_TAGS = {"color_transfer": "bt709", "color_primaries": "bt709"}
HDR_TAGS = {"color_transfer": None, "color_primaries": "bt2020"}


class Stretch(NamedTuple):
    """A part of a picture from *start_s* on, counted from its first frame, and what kind of HDR it is; None: SDR."""

    start_s: float
    hdr: Literal["pq", "hlg"] | None


def stretches(info: VideoInfo) -> tuple[Stretch, ...]:
    """The parts of a picture between which SDR turns into HDR, or back."""
    later = (Stretch(change.time_s, RANGES[change.after]) for change in info.changes if change.what == DYNAMIC_RANGE)
    return (Stretch(0.0, info.hdr), *later)


def as_hdr(info: VideoInfo, hdr: Literal["pq", "hlg"] | None) -> VideoInfo:
    """*info* of a part whose kind of HDR is *hdr*, in a picture that changes midway."""
    return info.model_copy(update={"hdr": hdr, **(HDR_TAGS if hdr else SDR_TAGS)})


def has_hdr(info: VideoInfo) -> bool:
    """Whether any part of the picture is HDR."""
    return any(stretch.hdr for stretch in stretches(info))


class ColorTags(NamedTuple):
    """Every value is one that filters take. *ignored* are the file's own values that could not be used."""

    matrix: str
    primaries: str
    transfer: str
    full_range: bool
    ignored: tuple[str, ...] = ()

    @property
    def needs_zscale(self) -> bool:
        """Whether ffmpeg's scaler would get the colours wrong."""
        return self.matrix in ZSCALE_MATRICES or self.transfer in OTHER_TRANSFERS


def color_tags(info: VideoInfo) -> ColorTags:
    """The colours to read *info*'s picture with."""
    rgb = info.pix_fmt.startswith(RGB_FORMATS)
    matrices = HDR_MATRICES if info.hdr else SCALER_MATRICES | ZSCALE_MATRICES
    matrix = info.color_space if info.color_space in matrices and (info.color_space == "rgb") == rgb else None
    primaries = info.color_primaries if info.color_primaries in PRIMARIES else None
    usable = DISPLAY_TRANSFERS | OTHER_TRANSFERS
    transfer = info.hdr or (info.color_transfer if info.color_transfer in usable else None)
    values = (
        ("matrix", info.color_space, matrix),
        ("primaries", info.color_primaries, primaries),
        ("transfer", info.color_transfer, transfer),
    )
    ignored = tuple(f"{name} {tag}" for name, tag, used in values if tag is not None and used is None)
    return ColorTags(
        matrix=matrix or ("rgb" if rgb else _matrix_by_size(info)),
        primaries=primaries or ("bt2020" if info.hdr else "bt709"),
        transfer=transfer or "bt709",
        full_range=info.color_range == "full" or (rgb and info.color_range is None),
        ignored=() if rgb else ignored,
    )


def _matrix_by_size(info: VideoInfo) -> str:
    if info.hdr or info.color_primaries == "bt2020":
        return "bt2020nc"
    return "bt709" if max(info.width, info.height) >= HD_EDGE else "smpte170m"
