"""Film strips, waveforms, and small versions of what a plan makes, read back with Pillow and PyAV."""

import base64
from io import BytesIO
from pathlib import Path

import av
import pytest
from PIL import Image

from fixtures.make import QUADRANTS, read_clock, read_quadrants
from prep.errors import UnreadableError
from prep.inputs.access import Access
from prep.inputs.parse import parse_reference
from prep.inputs.resolve import resolve
from prep.media.as_planned import small_clip, small_picture, small_sound, small_still
from prep.media.film_strip import Cells, film_strip
from prep.media.isolation.pool import isolation_of
from prep.media.probe.dispatch import demuxer_of
from prep.media.task import Task
from prep.media.waveform import Stretch, waveform
from prep.model.media import AudioInfo, VideoInfo
from prep.model.plan import Options, PlanEntry
from prep.model.preview import Thumbnail
from prep.stages import open_context, plan_sources
from tests.made import SEEDANCE_2
from tests.prep.probed import probe
from tests.types import Media

UPRIGHT = tuple(QUADRANTS.values())
CELLS = Cells(4, 320, 180)


def _decoded(thumbnail: Thumbnail) -> Image.Image:
    with Image.open(BytesIO(base64.b64decode(thumbnail.data)), formats=("WEBP",)) as image:
        image.load()
    return image


def _cells(path: Path, part: Stretch, cells: Cells = CELLS) -> list[Image.Image]:
    info = probe(path)
    assert isinstance(info, VideoInfo)
    strip = _decoded(film_strip(path, demuxer_of(path), info, part, cells))
    assert strip.size == (cells.number * cells.width, cells.height)
    return [
        strip.crop((index * cells.width, 0, (index + 1) * cells.width, cells.height)) for index in range(cells.number)
    ]


def _planned(path: Path, fragment: str = "", **options: object) -> PlanEntry:
    with open_context(SEEDANCE_2, Access(None), Options(**options)) as ctx:  # type: ignore[arg-type]
        sources = resolve([parse_reference(f"{path}{fragment}", lambda text: Path(text).exists())], ctx).sources
        return plan_sources(sources, ctx)[0].entries[0]


@pytest.mark.parametrize(
    ("part", "within"),
    [(Stretch(1.0, 4.0), 2), (Stretch(0.0, 5.0), 2), (Stretch(2.0, 2.4), 2)],
    ids=["a part", "the whole", "a few frames"],
)
def test_each_cell_shows_its_moment(media: Media, part: Stretch, within: int) -> None:
    """The card's clock counts frames; what is decoded frame by frame is exact."""
    info = probe(media("clip_720p.mp4"))
    assert isinstance(info, VideoInfo)
    for index, cell in enumerate(_cells(media("clip_720p.mp4"), part)):
        middle_s = part.start_s + part.duration_s * (index + 0.5) / CELLS.number
        frame = middle_s * info.fps
        assert abs(read_clock(cell) - frame) <= within + part.duration_s * info.fps / CELLS.number / 2


def test_of_a_costly_part_the_keyframes_are_shown(media: Media) -> None:
    """20 s in full HD with a keyframe every 2 s: no cell is farther from its moment."""
    for index, cell in enumerate(_cells(media("clip_1080p_20s.mp4"), Stretch(0.0, 20.0), CELLS)):
        assert 0 <= (index + 0.5) * 5 * 30 - read_clock(cell) <= 60


@pytest.mark.parametrize("name", ["portrait_rot90.mov", "rot180.mp4", "flip_h.mp4", "start_offset.ts"])
def test_cells_are_upright(media: Media, name: str) -> None:
    info = probe(media(name))
    assert isinstance(info, VideoInfo)
    cells = Cells(2, 240, round(240 * info.height / info.width))
    assert [read_quadrants(cell) for cell in _cells(media(name), Stretch(0.0, info.duration_s), cells)] == [UPRIGHT] * 2


def test_what_does_not_decode_has_no_strip(media: Media, tmp_path: Path) -> None:
    info, data = probe(media("silent_720p.mp4")), bytearray(media("silent_720p.mp4").read_bytes())
    assert isinstance(info, VideoInfo)
    start = data.index(b"mdat") + 4
    size = int.from_bytes(data[start - 8 : start - 4], "big") - 8
    data[start : start + size] = bytes(size)
    (tmp_path / "empty.mp4").write_bytes(data)
    with pytest.raises(UnreadableError, match="no picture"):
        film_strip(tmp_path / "empty.mp4", "mov", info, Stretch(0.0, 1.0), CELLS)


@pytest.mark.parametrize("name", ["song_20s.mp3", "clip_1080p_20s.mp4"])
def test_a_waveform_of_a_part_is_a_part_of_the_whole(media: Media, name: str) -> None:
    info = probe(media(name))
    assert isinstance(info, VideoInfo | AudioInfo)
    whole = waveform(media(name), info, Stretch(0.0, 20.0), 200)
    part = waveform(media(name), info, Stretch(5.0, 10.0), 50)
    assert len(whole) == 200 and max(whole) > 0.1
    assert part[5:-5] == pytest.approx(whole[55:95], abs=0.12)


def test_no_soundtrack_has_no_waveform(media: Media) -> None:
    info = probe(media("silent_720p.mp4"))
    assert isinstance(info, VideoInfo)
    assert waveform(media("silent_720p.mp4"), info, Stretch(0.0, 1.0), 10) == ()


@pytest.mark.parametrize(
    ("name", "fragment", "options", "size"),
    [
        ("panorama.png", "", {}, (400, 160)),
        ("panorama.png", "", {"fit": "crop"}, (400, 160)),
        ("photo.heic", "#xywh=percent:0,0,50,50", {}, (400, 266)),
        ("at_limit_300.png", "", {}, (300, 300)),
    ],
    ids=["padded", "cropped to fit", "cropped", "unchanged"],
)
def test_a_small_picture_has_the_shape_of_the_result(
    media: Media, name: str, fragment: str, options: dict[str, object], size: tuple[int, int]
) -> None:
    seen = _decoded(small_picture(media(name), _planned(media(name), fragment, **options), 400))
    assert seen.size == pytest.approx(size, abs=2)


def test_a_small_still_and_clip_are_what_will_be_made(media: Media, tmp_path: Path) -> None:
    """Upright, of the moment that was asked for, and as long as the part."""
    path = media("portrait_rot90.mov")
    entry = _planned(path)
    task = Task(path, "mov", entry, tmp_path / "small.mp4")
    seen = _decoded(small_still(task, 2.0, 480, isolation_of("none")))
    assert read_quadrants(seen) == UPRIGHT and abs(read_clock(seen) - 60) <= 1
    small_clip(task, Stretch(0.5, 2.0), 480, isolation_of("none"))
    with av.open(str(task.target)) as container:
        stream = container.streams.video[0]
        assert max(stream.width, stream.height) <= 480 and stream.frames == 45


def test_a_small_sound_lasts_as_long_as_its_part(media: Media, tmp_path: Path) -> None:
    path = media("song_20s.mp3")
    small_sound(Task(path, "mp3", _planned(path), tmp_path / "part.wav"), Stretch(3.0, 4.5))
    with av.open(str(tmp_path / "part.wav")) as container:
        assert container.duration is not None and container.duration / 1e6 == pytest.approx(1.5, abs=0.01)
