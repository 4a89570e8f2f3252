"""Reading JPEG XL, which ffmpeg does in a process of its own: header facts, frame times, and frames as lossless PNG."""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import ffmpeg as graph

from prep.errors import ToolError, UnreadableError
from prep.media.container.isobmff import boxes, is_truncated
from prep.media.ffmpeg import binary, process
from prep.media.ffmpeg.limits import limits_for
from prep.media.ffmpeg.run import limited, open_input, source_url
from prep.media.h273 import HDR_TRANSFERS, SRGB_TRANSFER, filter_name
from prep.media.image.color.cicp import srgb_stream
from prep.media.image.decode import MOST_PIXELS, open_image, refuse_too_many
from prep.media.io.read import read_part, size_of
from prep.model.byte_source import Openable
from prep.model.redact import shown

STILL, ANIMATED = "jpegxl_pipe", "jpegxl_anim"
CODESTREAM = b"\xff\x0a"
# The number of frames is known once all are decoded, and `check` must not take minutes for one file.
COUNTING_S = 20.0
# Headers take some tens of bytes; a colour profile can make them longer.
HEAD_BYTES = 65_536
MAX_PIXELS = MOST_PIXELS["jxl"]
MAX_EXIF_BYTES = 1_000_000
METADATA = {b"Exif": "exif", b"xml ": "xmp", b"jumb": "jumbf"}
HDR = {filter_name(name): name for name in HDR_TRANSFERS.values()}
# libjxl asks for the rest of a truncated file again and again, and ffmpeg lets it: it has to be stopped.
BROKEN = re.compile(r"Unexpected end of JXL|libjxl.*(decode|Decoding) error")
UNKNOWN = re.compile(r"Unknown (input format|decoder)|Decoder .* not found|no decoder", re.IGNORECASE)
FRAME = re.compile(r"^\d+,\s*-?\d+,\s*(-?\d+),\s*(\d+),")
# "Stream #0:0: Video: jpegxl (libjxl), rgb48le(pc, gbr/bt2020/smpte2084), 600x400, 25 fps, ..."
STREAM = re.compile(r"Stream #0:0.*: Video: jpegxl[^,]*, (\w+)(?:\(([^)]*)\))?(?:.*?, (\d+)x(\d+))?")
REFUSED_SIZE = re.compile(r"Picture size (\d+)x(\d+) ")
# Cameras apply this curve, and profiles undo it; zscale would undo that of a screen (ITU-R BT.1886), which is darker.
LIGHT = "if(lt(val/maxval,0.081),val/maxval/4.5,pow((val/maxval+0.099)/1.099,1/0.45))"
BT709_TO_SRGB = f"maxval*if(lt({LIGHT},0.0031308),12.92*{LIGHT},1.055*pow({LIGHT},1/2.4)-0.055)"
CHUNK_BYTES = 1 << 20


class Pixels(NamedTuple):
    """What ffmpeg says of the pixels: its name for their format, and those of their primaries and transfer.

    *size* is as displayed. *decoded*: the decoder says so, not the header, which knows nothing of ICC profiles.
    """

    format: str
    size: tuple[int, int]
    primaries: str = "unknown"
    transfer: str = "unknown"
    decoded: bool = False

    @property
    def grey(self) -> bool:
        return self.format.startswith(("gray", "ya"))

    @property
    def has_alpha(self) -> bool:
        return self.format.startswith(("rgba", "ya"))

    @property
    def deep(self) -> bool:
        """More than 8 bits a sample."""
        return self.format not in ("gray", "ya8", "rgb24", "rgba")

    @property
    def as_srgb(self) -> bool:
        """Whether the samples mean what sRGB's do."""
        return self.transfer == SRGB_TRANSFER and (self.grey or self.primaries == "bt709")

    @property
    def hdr(self) -> Literal["pq", "hlg"] | None:
        return HDR.get(self.transfer)


class Header(NamedTuple):
    """The header of one file. *exif* is empty without EXIF; *metadata* names the kinds there are, also packed ones."""

    pixels: Pixels
    animated: bool
    exif: bytes = b""
    metadata: tuple[str, ...] = ()


def read_header(item: Openable) -> Header:
    """The facts that take no decoding. Raises UnreadableError when the file is broken, truncated or too large."""
    exif, metadata = _metadata(item)
    with _head(item) as head:
        lines = _opened(head, 1)  # as soon as it knows the size, ffmpeg refuses to go on
    pixels = _pixels(lines)
    if pixels is None:
        raise UnreadableError(f"{shown(item)}: looks like JPEG XL, but its header is broken")
    refuse_too_many(item, pixels.size, "jxl")
    if is_truncated(item):
        raise UnreadableError(f"{shown(item)}: the file is cut off before the end of the picture")
    return Header(pixels, any("Stream #1:0" in line for line in lines), exif, metadata)


@contextmanager
def as_png(source: Path, index: int = 0) -> Iterator[Path]:
    """Frame *index* as a PNG, for as long as the context lasts: upright, in sRGB or with its profile.

    Raises ValueError when it can't be decoded, UnreadableError when it is in CMYK, and as `read_header`.
    """
    header = read_header(source)
    with _head(source) as head:
        pixels = _pixels(_opened(head, MAX_PIXELS))
    if pixels is None or not pixels.decoded:  # a long profile
        pixels = _pixels(_opened(source, MAX_PIXELS))
    with tempfile.TemporaryDirectory() as folder:
        png = Path(folder) / "picture.png"
        _run(_png(source, png, header._replace(pixels=pixels or header.pixels), index))
        if not png.is_file():
            raise ValueError("it holds no picture")
        with open_image(png, "png") as image:
            profile = image.info.get("icc_profile", b"")
        if profile[16:20] == b"CMYK":  # ICC.1:2010, 7.2.8; ffmpeg leaves the black out
            raise UnreadableError(f"{shown(source)}: a JPEG XL in CMYK, which is not read; save it as JPEG or TIFF")
        yield png


def refuse_undecodable(source: Path) -> None:
    """Raise UnreadableError for a still that ends early or does not decode, which takes decoding all of it."""
    stream = open_input(source, STILL, max_pixels=MAX_PIXELS)
    try:
        _run(graph.output(stream, "-", f="null"))
    except (ValueError, TimeoutError) as error:
        raise UnreadableError(f"{shown(source)}: can't be decoded: {error}") from error


def frame_ends(item: Openable) -> tuple[float, ...]:
    """The second at which each frame of an animation ends, which takes decoding all of it.

    Raises UnreadableError when it can't be decoded, or not within COUNTING_S seconds.
    """
    ticks, ends = [1.0], list[float]()

    def read_line(line: str) -> None:
        if line.startswith("#tb 0:"):
            numerator, _, denominator = line.rpartition(" ")[2].partition("/")
            ticks[0] = int(numerator) / int(denominator)
        elif frame := FRAME.match(line):
            ends.append((int(frame[1]) + int(frame[2])) * ticks[0])

    try:
        with _file(item) as source:
            stream = open_input(source, ANIMATED, max_pixels=MAX_PIXELS)
            _run(graph.output(stream, "pipe:1", f="framecrc", fps_mode="passthrough"), read_line, COUNTING_S)
    except TimeoutError as error:
        raise UnreadableError(
            f"{shown(item)}: an animation whose frames take longer than {COUNTING_S:.0f} s to decode, the only way to "
            "count them; save it as MP4"
        ) from error
    except ValueError as error:
        raise UnreadableError(f"{shown(item)}: its frame {len(ends) + 1} can't be decoded: {error}") from error
    return tuple(ends)


def _metadata(item: Openable) -> tuple[bytes, tuple[str, ...]]:
    """The EXIF of a file in boxes, and the kinds of metadata it has, also those packed with Brotli."""
    exif, kinds = b"", list[str]()
    for box in boxes(item):
        name = read_part(item, box.start, 4) if box.name == b"brob" else box.name
        kinds += [METADATA[name]] if name in METADATA else []
        if box.name == b"Exif":
            content = read_part(item, box.start, min(box.stop - box.start, MAX_EXIF_BYTES))
            exif = content[4 + int.from_bytes(content[:4], "big") :]
    return exif, tuple(dict.fromkeys(kinds))


def _codestream(item: Openable) -> bytes:
    """The first HEAD_BYTES of the picture itself, which lies bare in the file or in parts in its boxes."""
    if read_part(item, 0, len(CODESTREAM)) == CODESTREAM:
        return read_part(item, 0, HEAD_BYTES)
    data = b""
    for box in boxes(item):
        start = box.start + (4 if box.name == b"jxlp" else 0)  # behind the number of the part
        if box.name in (b"jxlc", b"jxlp") and len(data) < HEAD_BYTES:
            data += read_part(item, start, max(0, min(box.stop - start, HEAD_BYTES)))
    return data


def _opened(path: Path, max_pixels: int) -> list[str]:
    """The lines that ffmpeg prints about a file that it opens as a still (#0) and as an animation (#1).

    It decodes the first picture on the way, as far as the file goes, unless that has more than *max_pixels*.
    """
    lines, argv = list[str](), [binary.binary(), "-nostdin", "-hide_banner"]
    for demuxer in (STILL, ANIMATED):
        argv += ["-protocol_whitelist", "file", "-max_pixels", str(max_pixels)]
        argv += ["-f", demuxer, "-i", source_url(path)]
    try:
        process.run(argv, limits=limits_for(), on_complaint=lines.append)
    except ToolError as error:  # as always, since nothing is made
        _refuse_unable("\n".join(lines) or str(error))
        if not lines:
            raise
    return lines


def _pixels(lines: Iterable[str]) -> Pixels | None:
    """What *lines* of `_opened` say; None: nothing, since the header is broken."""
    stream = next((match for line in lines if (match := STREAM.search(line))), None)
    if stream is None or stream[1] == "none":
        return None
    size = next((match for line in lines if (match := REFUSED_SIZE.search(line))), None)
    width, height = size.groups() if size else stream.group(3, 4)
    tags = (stream[2] or "").split(", ")
    _, primaries, transfer = next((tag.split("/") for tag in tags if tag.count("/") == 2), ("", "unknown", "unknown"))
    return Pixels(stream[1], (int(width or 0), int(height or 0)), primaries, transfer, "pc" in tags)


def _png(source: Path, png: Path, header: Header, index: int) -> Any:
    pixels = header.pixels
    stream = open_input(source, ANIMATED if header.animated else STILL, max_pixels=MAX_PIXELS)
    if index:
        stream = stream.filter("select", f"eq(n,{index})")
    if not pixels.as_srgb and pixels.transfer != "unknown":
        stream = stream.filter("format", "gbrap16le" if pixels.has_alpha else "gbrp16le")
        if pixels.grey:  # no primaries are named for what has no colour
            stream = stream.filter("setparams", colorspace="gbr", color_primaries="bt709")
        if pixels.transfer == "bt709":
            stream = stream.filter("lutrgb", **dict.fromkeys("rgb", BT709_TO_SRGB))
            stream = stream.filter("setparams", color_trc=SRGB_TRANSFER)
        stream = srgb_stream(stream, pixels.hdr, has_alpha=pixels.has_alpha)
    # the profile of what is coded without loss goes on in the PNG; 0: no time is spent on packing it
    options = {"frames:v": 1, "c:v": "png", "compression_level": 0, "update": 1, "map_metadata": -1}
    return graph.output(stream, source_url(png), f="image2", fps_mode="passthrough", **options)


def _run(output: Any, on_line: Callable[[str], None] | None = None, timeout_s: float | None = None) -> None:
    def complaint(text: str) -> None:
        if BROKEN.search(text):
            raise ValueError("it is damaged, or cut off before the end of the picture")

    limits = limits_for() if timeout_s is None else limits_for()._replace(seconds=timeout_s)
    try:
        process.run(limited(output), limits=limits, on_line=on_line, on_complaint=complaint)
    except process.TookTooLong as error:
        raise TimeoutError(f"decoding took longer than {limits.seconds:.0f} s") from error
    except ToolError as error:
        _refuse_unable(str(error))
        raise ValueError(str(error).rpartition("\n")[2]) from error


def _refuse_unable(complaints: str) -> None:
    """Raises ToolError when ffmpeg complains that it knows no JPEG XL."""
    if UNKNOWN.search(complaints):
        raise ToolError(
            f"{binary.binary()} reads no JPEG XL; unset FFMPEG_BINARY to use the built-in ffmpeg, which does"
        )


@contextmanager
def _head(item: Openable) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        head = Path(folder) / "head.jxl"
        head.write_bytes(_codestream(item))
        yield head


@contextmanager
def _file(item: Openable) -> Iterator[Path]:
    if isinstance(item, Path):
        yield item
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "picture.jxl"
        with copy.open("wb") as file:
            for offset in range(0, size_of(item), CHUNK_BYTES):
                file.write(read_part(item, offset, CHUNK_BYTES))
        yield copy
