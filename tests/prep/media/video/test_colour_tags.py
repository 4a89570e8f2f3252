"""Colours come out as meant whatever H.273 values a clip is tagged with, judged by CIEDE2000 on a chart."""

from itertools import product
from pathlib import Path

import av
import pytest
from PIL import Image

from fixtures.ffmpeg import ffmpeg
from prep import plan, prepare
from prep.media.h273 import MATRICES, PRIMARIES, TRANSFERS, filter_name
from prep.model.color_tags import DISPLAY_TRANSFERS
from prep.model.media import VideoInfo
from tests.prep.media.delta_e import delta_e

SIZE, COLUMNS, CELL = (1280, 960), 4, 320
COLOURS = [
    (200, 60, 50), (60, 160, 70), (50, 80, 190), (220, 200, 60), (180, 80, 170), (60, 170, 180),
    (30, 30, 30), (90, 90, 90), (150, 150, 150), (200, 150, 120), (90, 60, 40), (110, 130, 160),
]  # fmt: skip
# Values that zscale can encode with, so that the chart's colours are known. With constant luminance they depend on the
# curve, linear light in ten bits has few steps for dark ones, and some primaries have a white of their own.
NOT_KNOWN = {"rgb", "smpte2085", "ictcp", "bt2020c", "chroma-derived-c", "pq", "hlg", "linear", "smpte428"}
OTHER_WHITE = {"bt470m", "film", "smpte428", "smpte431"}
SDR_MATRICES = [name for name in MATRICES.values() if name not in NOT_KNOWN]
SDR_TRANSFERS = [name for name in TRANSFERS.values() if name not in NOT_KNOWN]
SDR_PRIMARIES = [name for name in PRIMARIES.values() if name not in OTHER_WHITE]
EVERY = list(product(SDR_MATRICES, SDR_PRIMARIES, SDR_TRANSFERS))
# One in a hundred of all combinations, and what only zscale converts.
ODD = [("ycgco", "bt709", "bt709"), ("bt709", "bt709", "log100"), ("bt709", "bt709", "linear")]
SAMPLE = [*EVERY[:: len(EVERY) // 7], *ODD]


def _encode(path: Path, matrix: str, primaries: str, transfer: str) -> None:
    """A chart whose colours in sRGB are COLOURS; curves that screens show as sRGB's keep its code values."""
    chart = Image.new("RGB", SIZE)
    for number, colour in enumerate(COLOURS):
        left, top = number % COLUMNS * CELL, number // COLUMNS * CELL
        chart.paste(colour, (left, top, left + CELL, top + CELL))
    chart.save(path.with_suffix(".png"))
    curve = "iec61966-2-1" if transfer in DISPLAY_TRANSFERS else filter_name(transfer)
    tags = f"colorspace={filter_name(matrix)}:color_primaries={filter_name(primaries)}"
    filters = [
        "format=gbrp",
        f"zscale=min=gbr:pin=bt709:tin=iec61966-2-1:rin=full:npl=203:m={filter_name(matrix)}:p={filter_name(primaries)}"
        f":t={curve}:r=limited",
        "format=yuv444p10",
        f"setparams=range=limited:{tags}:color_trc={filter_name(transfer)}",
    ]
    still = ("-loop", "1", "-framerate", "24", "-t", "2", "-i", str(path.with_suffix(".png")))
    ffmpeg(*still, "-vf", ",".join(filters), "-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", str(path))


def _colours(path: Path) -> list[tuple[int, ...]]:
    """The middle of each cell in the first frame, read as BT.709."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        image = frame.reformat(format="rgb24", src_colorspace="ITU709").to_image().resize(SIZE)
    cells = [(number % COLUMNS * CELL, number // COLUMNS * CELL) for number in range(len(COLOURS))]
    return [
        image.crop((x + 80, y + 80, x + 240, y + 240)).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        for x, y in cells
    ]  # type: ignore[misc]


def _worst(path: Path) -> float:
    return max(delta_e(wanted, got) for wanted, got in zip(COLOURS, _colours(path), strict=True))  # type: ignore[arg-type]


@pytest.mark.parametrize(("matrix", "primaries", "transfer"), SAMPLE, ids=["-".join(values) for values in SAMPLE])
def test_sdr_colours_are_kept(tmp_path: Path, matrix: str, primaries: str, transfer: str) -> None:
    _encode(tmp_path / "chart.mp4", matrix, primaries, transfer)
    manifest = prepare([tmp_path / "chart.mp4"], out=tmp_path / "out")
    assert _worst(tmp_path / "out" / (manifest.entries[0].output.path or "")) <= 3


@pytest.mark.parametrize(("matrix", "transfer"), [("bt2020nc", "pq"), ("bt2020nc", "hlg"), ("ictcp", "pq")])
def test_hdr_within_the_range_of_sdr_is_kept(tmp_path: Path, matrix: str, transfer: str) -> None:
    _encode(tmp_path / "chart.mp4", matrix, "bt2020", transfer)
    manifest = prepare([tmp_path / "chart.mp4"], out=tmp_path / "out")
    assert "tone-map" in [step.kind for step in manifest.entries[0].steps]
    assert _worst(tmp_path / "out" / (manifest.entries[0].output.path or "")) <= 6  # the curve bends what is bright


@pytest.mark.parametrize("transfer", [16, 18, 1], ids=["PQ", "HLG", "BT.709"])
@pytest.mark.parametrize("number", [3, 15, 200], ids=["reserved", "IPT-C2", "unknown"])
def test_a_tag_nobody_can_use_is_guessed_and_said(tmp_path: Path, number: int, transfer: int) -> None:
    """ffmpeg's filters refuse some of these values with "no path between colorspaces"."""
    tags = f"colour_primaries=9:transfer_characteristics={transfer}:matrix_coefficients={number}"
    source = ("-f", "lavfi", "-i", "testsrc2=s=1280x960:r=24:d=2")
    ffmpeg(
        *source, "-c:v", "libx264", "-preset", "ultrafast", "-bsf:v", f"h264_metadata={tags}", str(tmp_path / "a.mp4")
    )
    planned = plan([tmp_path / "a.mp4"])
    info = planned.entries[0].source
    assert isinstance(info, VideoInfo)
    assert info.color_space in (None, "reserved")  # a decoder takes some of them for no tag at all
    assert (info.color_space == "reserved") == ("matrix reserved" in planned.entries[0].steps[-1].note)
    manifest = prepare(planned, out=tmp_path / "out")
    assert manifest.entries[0].output.info.width <= 1280  # type: ignore[union-attr]
