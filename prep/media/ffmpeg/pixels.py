"""Pixels in memory, sent through filters of ffmpeg as raw files."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ffmpeg as graph
from PIL import Image

from prep.media.ffmpeg.run import open_input, run_graph, source_url


def filter_pixels(
    pixels: bytes | memoryview, layout: str, size: tuple[int, int], change: Callable[[Any], Any]
) -> Image.Image:
    """The image that *change*, a chain of filters, makes of packed *pixels* (ffmpeg's *layout*, no row padding).

    The chain keeps the size, and ends in "rgb24", or in "rgba" where *layout* has alpha.
    """
    mode = "RGBA" if layout.startswith("rgba") else "RGB"
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.raw", Path(folder) / "after.raw"
        before.write_bytes(pixels)
        stream = change(open_input(before, "rawvideo", pixel_format=layout, video_size=size, framerate=1))
        run_graph(graph.output(stream, source_url(after), f="rawvideo", **{"frames:v": 1}), 0.0)
        return Image.frombuffer(mode, size, after.read_bytes(), "raw", mode, 0, 1)
