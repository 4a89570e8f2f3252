"""Decoding a HEIC that consists of tiles a row of tiles at a time: libheif needs several times its pixels at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from prep.media.image.heif_grid import Grid, read_grid
from prep.media.image.transform import Rows

# ITU-T H.273: BT.601 in two ways of writing it; not said, which in a picture means the same.
BT601 = (2, 5, 6)
FULL_RANGE = 2  # as libavcodec counts them
DECODING_THREADS = 2
# A tile is a small picture; what says otherwise is not decoded.
MOST_TILE_PX = 4096 * 4096


class Tiled(NamedTuple):
    """The rows of a HEIC as stored, and the EXIF orientation that they have."""

    rows: Rows
    orientation: int

    @property
    def displayed(self) -> tuple[int, int]:
        width, height = self.rows.size
        return (width, height) if self.orientation < 5 else (height, width)


@contextmanager
def tiled(path: Path) -> Iterator[Tiled | None]:
    """A HEIC, to be decoded while its rows are taken from top to bottom.

    The colours are those of libheif, give or take a step: chroma is repeated, not interpolated. None: it is no grid of
    tiles with 8 bits, 4:2:0 and the full range of BT.601, which is what phones make. Raises OSError, from `take` as
    well, when a tile does not decode.
    """
    grid = read_grid(path)
    if grid is None:
        yield None
        return
    with path.open("rb") as file, ThreadPoolExecutor(max_workers=DECODING_THREADS) as pool:

        def coded(index: int) -> bytes:
            offset, length = grid.tiles[index]
            file.seek(offset)
            return file.read(length)

        first = _frame(coded(0), grid)
        if not _as_phones_do(first, grid):
            yield None
            return
        height, held = first.height, dict[int, Image.Image]()

        def tile_row(index: int) -> Image.Image:
            row = Image.new("RGB", (first.width * grid.columns, height))
            data = [coded(index * grid.columns + column) for column in range(grid.columns)]
            for column, tile in enumerate(pool.map(lambda data: _decoded(data, grid), data)):
                row.paste(tile, (column * first.width, 0))
            return row

        def take(top: int, bottom: int) -> Image.Image:
            part = Image.new("RGB", (grid.size[0], bottom - top))
            for index in range(top // height, (bottom - 1) // height + 1):
                if index not in held:
                    held.pop(index - 2, None)
                    held[index] = tile_row(index)
                part.paste(held[index], (0, index * height - top))
            return part

        yield Tiled(Rows(grid.size, "RGB", take), grid.orientation)


def _as_phones_do(frame: Any, grid: Grid) -> bool:
    """What the header says of the colours counts, and what the coded data says where it says nothing."""
    full_range = frame.color_range == FULL_RANGE if grid.full_range is None else grid.full_range
    matrix = frame.colorspace if grid.matrix is None else grid.matrix
    covered = _covers(frame.width, grid.columns, grid.size[0]) and _covers(frame.height, grid.rows, grid.size[1])
    return covered and frame.format.name in ("yuv420p", "yuvj420p") and full_range and matrix in BT601


def _covers(tile: int, count: int, whole: int) -> bool:
    """Whether so many tiles cover *whole* pixels, and none of them is left over."""
    return tile * (count - 1) < whole <= tile * count


def _frame(data: bytes, grid: Grid) -> Any:
    import av

    decoder: Any = av.CodecContext.create("hevc", "r")
    decoder.extradata, decoder.thread_count = grid.configuration, 1
    decoder.options = {"max_pixels": str(MOST_TILE_PX)}
    try:
        frames = [*decoder.decode(av.Packet(data)), *decoder.decode(None)]
    except av.error.FFmpegError as error:
        raise OSError(f"a tile does not decode: {error}") from error
    if len(frames) != 1 or frames[0].is_corrupt:
        raise OSError("a tile does not decode")
    return frames[0]


def _decoded(data: bytes, grid: Grid) -> Image.Image:
    luma, *chroma = (
        Image.frombuffer("L", (plane.width, plane.height), bytes(plane), "raw", "L", plane.line_size, 1)
        for plane in _frame(data, grid).planes
    )
    full = [plane.resize(luma.size, Image.Resampling.NEAREST) for plane in chroma]
    return Image.merge("YCbCr", (luma, *full)).convert("RGB")
