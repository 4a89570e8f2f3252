"""Decoding JPEG XL, which ffmpeg does, in a process of its own: Pillow gets a PNG without loss."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ffmpeg as graph

from prep.errors import ToolError, UnreadableError
from prep.media.ffmpeg import binary, command, process
from prep.media.image.cicp import srgb_stream
from prep.media.image.decode import refuse_too_many
from prep.media.image.jpeg_xl_header import Header, read_header
from prep.media.io.read import read_part, size_of
from prep.model.byte_source import Openable
from prep.model.redact import shown

STILL, ANIMATED = "jpegxl_pipe", "jpegxl_anim"
TIMEOUT_S = 300.0
# How many frames there are is known once all are decoded, and `check` shall not take minutes for a file.
COUNTING_S = 20.0
# The decoder asks for the rest of a file that is cut off again and again, and ffmpeg lets it: it has to be stopped.
BROKEN = re.compile(r"Unexpected end of JXL|libjxl.*(decode|Decoding) error")
UNKNOWN = re.compile(r"Unknown (input format|decoder)|Decoder .* not found|no decoder", re.IGNORECASE)
FRAME = re.compile(r"^\d+,\s*-?\d+,\s*(-?\d+),\s*(\d+),")
# Cameras apply this curve, and profiles undo it; zscale would undo that of a screen (ITU-R BT.1886), which is darker.
BT709 = 1
LIGHT = "if(lt(val/maxval,0.081),val/maxval/4.5,pow((val/maxval+0.099)/1.099,1/0.45))"
BT709_TO_SRGB = f"maxval*if(lt({LIGHT},0.0031308),12.92*{LIGHT},1.055*pow({LIGHT},1/2.4)-0.055)"
CHUNK_BYTES = 1 << 20


@contextmanager
def as_png(source: Path, index: int = 0) -> Iterator[Path]:
    """Frame *index* of a JPEG XL as a PNG, for as long as the context lasts: upright, in sRGB or with its profile.

    Raises ValueError when it can't be decoded, and as `judged`.
    """
    with tempfile.TemporaryDirectory() as folder:
        png = Path(folder) / "picture.png"
        _run(_graph(source, png, judged(source), index))
        if not png.is_file():
            raise ValueError("it holds no picture")
        yield png


def judged(item: Openable) -> Header:
    """Its header. Raises UnreadableError when it does not parse, or tells that decoding is useless or unsafe."""
    try:
        header = read_header(item)
    except (ValueError, EOFError) as error:
        raise UnreadableError(f"{shown(item)}: looks like JPEG XL, but its header is broken: {error}") from error
    refuse_too_many(item, (header.width, header.height))
    if header.inks:
        raise UnreadableError(f"{shown(item)}: a JPEG XL in CMYK, which is not read; save it as JPEG or TIFF")
    if header.truncated:
        raise UnreadableError(f"{shown(item)}: the file ends before the picture does; it is truncated")
    return header


def frame_ends(item: Openable) -> tuple[float, ...]:
    """The second at which each frame of an animation ends, which takes decoding all of it.

    Raises UnreadableError when it can't be decoded, or not within COUNTING_S seconds.
    """
    ticks, ends = [1.0], list[float]()

    def heard(line: str) -> None:
        if line.startswith("#tb 0:"):
            numerator, _, denominator = line.rpartition(" ")[2].partition("/")
            ticks[0] = int(numerator) / int(denominator)
        elif frame := FRAME.match(line):
            ends.append((int(frame[1]) + int(frame[2])) * ticks[0])

    try:
        with _file(item) as source:
            stream = command.open_input(source, ANIMATED)
            _run(graph.output(stream, "pipe:1", f="framecrc", fps_mode="passthrough"), heard, COUNTING_S)
    except TimeoutError as error:
        raise UnreadableError(
            f"{shown(item)}: an animation whose frames take longer than {COUNTING_S:.0f} s to decode, and only that "
            "tells how many there are; save it as MP4"
        ) from error
    except ValueError as error:
        raise UnreadableError(f"{shown(item)}: its frame {len(ends) + 1} can't be decoded: {error}") from error
    return tuple(ends)


def _graph(source: Path, png: Path, header: Header, index: int) -> Any:
    stream = command.open_input(source, ANIMATED if header.animated else STILL)
    if index:
        stream = stream.filter("select", f"eq(n,{index})")
    if not header.as_srgb and (header.xyb or not header.profile):
        stream = stream.filter("format", "gbrap16le" if header.has_alpha else "gbrp16le")
        if header.grey:  # no primaries are named for what has no colour
            stream = stream.filter("setparams", colorspace="gbr", color_primaries="bt709")
        if header.transfer == BT709:
            stream = stream.filter("lutrgb", **dict.fromkeys("rgb", BT709_TO_SRGB))
            stream = stream.filter("setparams", color_trc="iec61966-2-1")
        stream = srgb_stream(stream, header.hdr, has_alpha=header.has_alpha)
    # the profile of what is coded without loss goes on in the PNG; 0: no time is spent on packing it
    options = {"frames:v": 1, "c:v": "png", "compression_level": 0, "update": 1, "map_metadata": -1}
    return graph.output(stream, command.source_url(png), f="image2", fps_mode="passthrough", **options)


def _run(output: Any, on_line: Any = None, timeout_s: float = TIMEOUT_S) -> None:
    def complaint(text: str) -> None:
        if BROKEN.search(text):
            raise ValueError("it is damaged, or ends before the picture does")

    try:
        process.run(command.argv(output), timeout_s=timeout_s, on_line=on_line, on_complaint=complaint)
    except process.TookTooLong as error:
        raise TimeoutError(f"decoding took longer than {timeout_s:.0f} s") from error
    except ToolError as error:
        if UNKNOWN.search(str(error)):
            raise ToolError(
                f"{binary.binary()} reads no JPEG XL; unset FFMPEG_BINARY to use the built-in ffmpeg, which does"
            ) from error
        raise ValueError(str(error).rpartition("\n")[2]) from error


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
