"""Interlaced video that a display matrix turns: fields are lines as stored, and columns once it is turned."""

from itertools import islice, pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from fixtures.clip import remux
from tests.prep.media import reading
from tests.types import Made, Media

TURNS = {
    "90": (("-display_rotation", "-90"), (Image.Transpose.ROTATE_270,)),
    "180": (("-display_rotation", "180"), (Image.Transpose.ROTATE_180,)),
    "270": (("-display_rotation", "90"), (Image.Transpose.ROTATE_90,)),
    "mirrored": (("-display_hflip",), (Image.Transpose.FLIP_LEFT_RIGHT,)),
    "90, mirrored": (
        ("-display_rotation", "-90", "-display_hflip"),
        (Image.Transpose.ROTATE_270, Image.Transpose.FLIP_LEFT_RIGHT),
    ),
}


@pytest.mark.parametrize("turn", TURNS)
def test_fields_are_woven_before_the_picture_is_turned(made: Made, media: Media, tmp_path: Path, turn: str) -> None:
    matrix, turned = TURNS[turn]
    remux(media("interlaced.mp4"), tmp_path / "turned.mp4", before=matrix)
    upright, _ = made("interlaced.mp4#t=0.5,2.5")
    path, _ = made(f"{tmp_path}/turned.mp4#t=0.5,2.5")
    seen = reading.picture(path)
    assert (seen.rate, seen.frames, seen.turned) == (50, 100, False)
    for number, (one, other) in enumerate(zip(reading.frames(upright), reading.frames(path), strict=True)):
        if number % 20:
            continue
        wanted = one.to_image()
        for each in turned:
            wanted = wanted.transpose(each)
        # combs are 10 and more in the moving tile, encoding is below 3
        middle = [part * side for part, side in zip((0.35, 0.35, 0.65, 0.65), wanted.size * 2, strict=True)]
        box = (int(middle[0]), int(middle[1]), int(middle[2]), int(middle[3]))
        apart = ImageStat.Stat(ImageChops.difference(wanted.crop(box), other.to_image().crop(box))).mean
        assert max(apart) < 6


def test_every_field_is_a_moment_of_its_own(made: Made) -> None:
    """The tile moves from field to field; frames that were doubled would be alike."""
    path, _ = made("interlaced.mp4#t=0.7,2.7")
    tiles = [frame.to_image().crop((230, 240, 540, 320)) for frame in islice(reading.frames(path), 12)]
    moved = [max(ImageStat.Stat(ImageChops.difference(one, other)).mean) for one, other in pairwise(tiles)]
    assert min(moved) > 1.5
