"""Clips that change midway: picture and sound keep step, nothing is inserted, and other sizes get bars."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fixtures.make import QUADRANTS
from prep import Options, prepare
from prep.media.container import changes
from prep.model.media import VideoInfo
from tests.prep.media import reading
from tests.types import Made, Media

# Of each clip its length, and the edges of its parts that are bars: by part, whether left and top are black.
CLIPS: dict[str, tuple[int, tuple[tuple[bool, bool], ...]]] = {
    "size_changes.ts": (8, ((False, False), (True, False), (True, False), (False, False))),
    "size_changes.webm": (4, ((False, False), (True, False))),
    "size_changes.mp4": (4, ((False, False), (True, False))),
    "shape_changes.ts": (4, ((False, False), (False, True))),
    "colour_changes.ts": (6, ((False, False),) * 3),
    "pixels_changes.ts": (4, ((False, False),) * 2),
    "channels_changes.ts": (8, ((False, False),) * 4),
    "joined.ts": (8, ((False, False),) * 4),
    "overlapping.ts": (6, ((False, False),) * 3),
    "overlapping_sizes.ts": (6, ((False, False), (True, False), (True, False))),
    "hdr_to_sdr.ts": (4, ((False, False),) * 2),
    "sdr_to_hdr.ts": (6, ((False, False),) * 3),
    "both_changes.ts": (6, ((False, False), (True, False), (True, False))),
}
# Between two frames at 30 fps a flash may be a frame late, which a beep is not.
STEP_S, FRAME_S = 0.02, 1 / 30


@pytest.mark.parametrize("name", CLIPS)
def test_sound_and_picture_keep_step(made: Made, name: str) -> None:
    seconds, _ = CLIPS[name]
    path, entry = made(name)
    assert isinstance(entry.source.info, VideoInfo)
    frames = list(reading.frames(path))
    sound = reading.sound(path)
    assert len(frames) == pytest.approx(seconds * 30, abs=2)
    assert sound.duration_s == pytest.approx(seconds, abs=0.06)
    first_s = float(frames[0].time)
    flashes = [first_s + end_s for end_s in _ends([_light(frame) > 200 for frame in frames], FRAME_S)]
    beeps = _ends([_loud(sound, at * 0.001) for at in range(int(sound.duration_s * 1000))], 0.001)
    assert len(flashes) == len(beeps) == seconds
    for flash_s, beep_s in zip(flashes, beeps, strict=True):
        assert abs(flash_s - beep_s) < STEP_S + FRAME_S / 2


@pytest.mark.parametrize("name", CLIPS)
def test_another_size_is_fitted_with_bars(made: Made, name: str) -> None:
    _, parts = CLIPS[name]
    path, _ = made(name)
    frames = list(reading.frames(path))
    for number, (left, top) in enumerate(parts):
        picture = frames[number * 60 + 30].to_image()
        across, down = picture.width / 2, picture.height / 2
        assert (max(picture.getpixel((4, down))) < 24, max(picture.getpixel((across, 4))) < 24) == (left, top)


@pytest.mark.parametrize("name", ["size_changes.webm", "shape_changes.ts", "overlapping_sizes.ts"])
def test_the_bars_of_another_size_have_the_colour_that_was_chosen(media: Media, name: str, tmp_path: Path) -> None:
    manifest = prepare([media(name)], out=tmp_path, options=Options(background="#e02040"))
    (entry,) = manifest.entries
    frames = list(reading.frames(tmp_path / str(entry.output.path)))
    for number, (left, top) in enumerate(CLIPS[name][1]):
        picture = frames[number * 60 + 30].to_image()
        across, down = picture.width // 2, picture.height // 2
        for is_bar, place in ((left, (4, down)), (top, (across, 4))):
            assert not is_bar or picture.getpixel(place) == pytest.approx((0xE0, 0x20, 0x40), abs=8)


def test_colours_stay_when_their_tags_change(made: Made) -> None:
    path, _ = made("colour_changes.ts")
    frames = list(reading.frames(path))
    for number in (40, 100, 160):
        for colour, wanted in zip(_quadrants(frames[number].to_image()), QUADRANTS.values(), strict=True):
            assert colour == pytest.approx(wanted, abs=8)


@pytest.mark.parametrize(
    ("name", "hdr_parts"), [("hdr_to_sdr.ts", {0}), ("sdr_to_hdr.ts", {1}), ("sdr_to_hdr.ts#t=1,5", {1})]
)
def test_hdr_is_mapped_where_the_picture_is_hdr(made: Made, name: str, hdr_parts: set[int]) -> None:
    """To the colours of a clip that is HDR as a whole."""
    as_hdr = _quadrants(reading.first_image(made("hdr10.mp4#t=0.5,2.5")[0]))
    path, entry = made(name)
    assert "tone-map" in [step.kind for step in entry.steps]
    for number, frame in enumerate(reading.frames(path), 30 if "#" in name else 0):
        colours = _quadrants(frame.to_image())
        if number % 12 or min(colours[0]) > 180:  # the flash
            continue
        for colour, wanted in zip(colours, as_hdr if number // 60 in hdr_parts else QUADRANTS.values(), strict=True):
            assert colour == pytest.approx(wanted, abs=28), number


def _quadrants(picture: Image.Image) -> list[Any]:
    at = ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))
    return [picture.getpixel((round(x * picture.width), round(y * picture.height))) for x, y in at]


def test_a_change_is_timed_by_the_clock_of_what_is_made(made: Made) -> None:
    """Whatever the time stamps of its second recording say."""
    _, entry = made("overlapping_sizes.ts")
    assert isinstance(entry.source.info, VideoInfo)
    assert [change.time_s for change in entry.source.info.changes if change.what == "size"] == [
        pytest.approx(2, abs=0.1)
    ]


@pytest.mark.parametrize("name", ["size_changes.ts", "size_changes.webm"], ids=["copied", "encoded"])
def test_a_change_that_only_making_shows_is_a_warning(
    media: Media, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large file without an index."""
    monkeypatch.setattr(changes, "WHOLE_FILE_BYTES", 1)
    manifest = prepare([media(name)], out=tmp_path, isolation="none")
    (entry,) = manifest.entries
    assert isinstance(entry.source.info, VideoInfo)
    assert entry.source.info.changes == ()
    assert "video-picture-changes" in [finding.rule for finding in manifest.findings]


def test_a_part_across_a_change(made: Made) -> None:
    path, _ = made("both_changes.ts#t=1,4")
    assert len(list(reading.frames(path))) == 90
    assert reading.sound(path).duration_s == pytest.approx(3, abs=0.03)


def _light(frame: Any) -> float:
    plane = frame.reformat(width=32, height=32, format="gray").planes[0]
    middle = [bytes(plane)[y * plane.line_size + x] for y in range(12, 20) for x in range(12, 20)]
    return sum(middle) / len(middle)


def _loud(sound: reading.Sound, at_s: float) -> bool:
    return sound.loudest(at_s, at_s + 0.001) > 0.1


def _ends(on: list[bool], step_s: float) -> list[float]:
    """When something goes off for half a second. Where parts meet, its start may be cut."""
    quiet = round(0.5 / step_s)
    return [at * step_s for at in range(1, len(on)) if on[at - 1] and not any(on[at : at + quiet])]
