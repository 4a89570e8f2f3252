"""The subject that a crop is put around: a face, else what stands out."""

import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from fixtures.face import portrait
from prep import plan
from prep.model.plan import CropTo, Options, find
from tests.prep.media.pictures import stored
from tests.types import Made, Media

WIDE, TALL = (2400, 600), (600, 2400)


def _shows(path: Path, source: Image.Image, box: tuple[int, int, int, int]) -> bool:
    """Whether all of that part of the source, which was cropped and not scaled, is in what was made."""
    image, part = stored(path).convert("RGB"), source.crop(box)
    beyond = (source.width - image.width, source.height - image.height)
    for left in range(max(0, box[0] - beyond[0]), box[0] + 1):
        for top in range(max(0, box[1] - beyond[1]), box[1] + 1):
            corner = image.getpixel((min(left, image.width - 1), min(top, image.height - 1)))
            if corner == part.getpixel((0, 0)):
                seen = image.crop((left, top, left + part.width, top + part.height))
                if ImageChops.difference(seen, part).getbbox() is None:
                    return True
    return False


@pytest.mark.parametrize(
    ("size", "face"),
    [(WIDE, (1900, 150, 400)), (WIDE, (900, 200, 300)), (TALL, (100, 2000, 380)), (TALL, (250, 60, 300))],
    ids=["right", "middle", "bottom", "top"],
)
def test_a_face_stays_whole(made: Made, tmp_path: Path, size: tuple[int, int], face: tuple[int, int, int]) -> None:
    source = portrait(size, face)
    source.save(tmp_path / "portrait.png")
    path, entry = made(tmp_path / "portrait.png", fit="crop")
    crop = find(entry.steps, CropTo)
    assert crop is not None and crop.note == "around the face"
    left, top, side = face
    # hair and neck are drawn on 12 to 88 hundredths across
    assert _shows(path, source, (left + side * 12 // 100, top, left + side * 88 // 100, top + side))


def test_of_faces_too_far_apart_the_most_stay(made: Made, tmp_path: Path) -> None:
    """The middle of all three would show none of them."""
    source = portrait((3000, 400), (200, 60, 300), (2250, 60, 300), (2650, 60, 300))
    source.save(tmp_path / "group.png")
    path, _ = made(tmp_path / "group.png", fit="crop")
    assert stored(path).size == (1000, 400)
    assert _shows(path, source, (2290, 80, 2910, 340))


def test_a_face_is_found_in_a_large_picture(made: Made, tmp_path: Path) -> None:
    """A fifth of its height, in a panorama of ten million pixels."""
    source = portrait((6000, 1600), (5300, 700, 450))
    source.save(tmp_path / "panorama.png")
    path, entry = made(tmp_path / "panorama.png", fit="crop")
    crop = find(entry.steps, CropTo)
    assert crop is not None and crop.note == "around the face"
    assert _shows(path, source, (5360, 720, 5690, 1120))


def test_without_the_extra_it_is_what_stands_out(media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dlib", None)
    (entry,) = plan([media("portrait.png")], options=Options(fit="crop"), isolation="none").entries
    crop = find(entry.steps, CropTo)
    assert crop is not None and crop.width == 1500
    assert crop.note == "around the area that stands out; the extra smartcrop would look for faces first"
