"""Videos, depth maps and other data behind a picture are private, and can be removed without touching the picture."""

from pathlib import Path

import pytest
from PIL import Image

from fixtures.card import card
from prep import Options, check, prepare
from tests.types import Media

UUID = b"5F2E0A6C-3C0B-4E3C-9E0E-6B9B3C0F7D11"


def _private(path: Path) -> tuple[str, ...]:
    return check([path]).references[0].info.private_metadata


def _apple_note(tag: int) -> bytes:
    """A maker note of one entry, a text."""
    entry = tag.to_bytes(2, "big") + b"\0\2" + len(UUID).to_bytes(4, "big") + (32).to_bytes(4, "big")
    return b"Apple iOS\0\0\1MM\0\1" + entry + bytes(4) + UUID


@pytest.fixture
def motion(media: Media, tmp_path: Path) -> Path:
    """A photo with a video behind it, as Pixel phones write it."""
    path = tmp_path / "motion.jpg"
    path.write_bytes(media("photo.jpg").read_bytes() + media("short_1s.mp4").read_bytes())
    return path


def test_a_video_behind_a_jpeg_is_private(motion: Path) -> None:
    (finding,) = check([motion]).findings
    assert (finding.rule, finding.severity) == ("image-private-metadata", "warning")
    assert "hidden video" in finding.message


def test_it_is_removed_and_the_picture_kept(motion: Path, tmp_path: Path) -> None:
    made = prepare([motion], out=tmp_path / "out", options=Options(strip_metadata=True)).entries[0]
    path = tmp_path / "out" / str(made.output.path)
    assert [step.kind for step in made.steps] == ["strip-metadata"]
    assert b"ftyp" not in path.read_bytes()
    with Image.open(motion) as before, Image.open(path) as after:
        assert before.tobytes() == after.tobytes()
    assert _private(path) == ()


@pytest.mark.parametrize(
    ("behind", "private"),
    [
        (b"", ()),
        (bytes(4000), ()),
        (b"\r\n", ()),
        (b"MotionPhoto_Data" + b"\0\0\0\x18ftypmp42\0\0\0\0", ("hidden video",)),
        (b"\0\0\x01\x0aImage_UTC_Data1588888888888SEFHk\0SEFT", ("appended data",)),
    ],
    ids=["nothing", "zeros", "a line break", "Samsung's video", "Samsung's notes"],
)
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_what_is_behind_a_picture(tmp_path: Path, suffix: str, behind: bytes, private: tuple[str, ...]) -> None:
    path = tmp_path / f"photo.{suffix}"
    card((400, 300)).save(path)
    path.write_bytes(path.read_bytes() + behind)
    assert _private(path) == private


@pytest.mark.parametrize(
    ("box", "private"), [(b"mpvd", ("hidden video",)), (b"sefd", ("appended data",)), (b"free", ())], ids=str
)
@pytest.mark.parametrize("name", ["photo_turned.heic", "photo.avif"])
def test_boxes_behind_a_picture(media: Media, tmp_path: Path, name: str, box: bytes, private: tuple[str, ...]) -> None:
    path = tmp_path / name
    path.write_bytes(media(name).read_bytes() + (108).to_bytes(4, "big") + box + bytes(100))
    assert _private(path) == private


@pytest.mark.parametrize(("tag", "private"), [(0x11, ("identifier",)), (0x01, ())])
def test_a_note_that_links_a_photo_to_its_video_is_private(tmp_path: Path, tag: int, private: tuple[str, ...]) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x927C] = _apple_note(tag)
    card((400, 300)).save(tmp_path / "photo.jpg", exif=exif)
    assert _private(tmp_path / "photo.jpg") == private


def test_a_depth_map_in_xmp_is_private(tmp_path: Path) -> None:
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description GDepth:Data="AAAA"/></x:xmpmeta>'
    card((400, 300)).save(tmp_path / "photo.jpg", xmp=packet)
    assert _private(tmp_path / "photo.jpg") == ("depth map",)


def test_a_gain_map_is_not(media: Media) -> None:
    assert "appended data" not in _private(media("gain_map.jpg"))
