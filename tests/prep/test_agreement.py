"""`check` and `prep` agree about damaged media: what one refuses, the other refuses, and no medium is a bug of ours.

Files are small, mutations few and the same in each run: bits, cuts, zeros and splices in headers and all over a file.
"""

import random
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image

from fixtures.card import card, card_with_hole, texture
from fixtures.clip import AAC, OPUS
from fixtures.ffmpeg import ffmpeg
from fixtures.jpeg_xl import encode
from prep import check, prepare
from prep.errors import ExitCode, NonCompliantError, PrepError

PER_PICTURE, PER_CLIP = 12, 3
HEADER_BYTES = 600
SIZE = (400, 300)
TURNS = (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM)

PICTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "baseline.jpg": ("JPEG", {"quality": 90}),
    "progressive.jpg": ("JPEG", {"progressive": True}),
    "restarts.jpg": ("JPEG", {"restart_marker_rows": 1}),
    "photo.png": ("PNG", {}),
    "animated.png": ("PNG", {"save_all": True, "duration": 100}),
    "lossless.webp": ("WEBP", {"lossless": True}),
    "lossy.webp": ("WEBP", {"quality": 80}),
    "animated.webp": ("WEBP", {"save_all": True, "duration": 100}),
    "animated.gif": ("GIF", {"save_all": True, "duration": 100}),
    "photo.bmp": ("BMP", {}),
    "plain.tiff": ("TIFF", {}),
    "deflated.tiff": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "jpeg.tiff": ("TIFF", {"compression": "jpeg"}),
    "photo.avif": ("AVIF", {"speed": 10}),
    "photo.jp2": ("JPEG2000", {}),
    "photo.heic": ("HEIF", {"quality": 80}),
    "tiles.heic": ("HEIF", {"quality": 80, "tile_size": 128}),
    "photo.jxl": ("JXL", {}),
}
CLIPS: dict[str, tuple[str, ...]] = {
    "clip.mp4": ("-c:v", "libx264", *AAC),
    "index_first.mp4": ("-c:v", "libx264", *AAC, "-movflags", "+faststart"),
    "fragments.mp4": ("-c:v", "libx264", "-g", "10", *AAC, "-movflags", "frag_keyframe+empty_moov+default_base_moof"),
    "clip.mkv": ("-c:v", "libx264", *AAC),
    "clip.webm": ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", *OPUS),
    "clip.flv": ("-c:v", "libx264", *AAC, "-ar", "44100"),
    "clip.ts": ("-c:v", "libx264", *AAC),
    "clip.avi": ("-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "clip.mpg": ("-c:v", "mpeg2video", "-c:a", "mp2"),
    "sound.wav": ("-vn",),
    "sound.mp3": ("-vn",),
    "sound.m4a": ("-vn",),
    "sound.flac": ("-vn",),
    "sound.ogg": ("-vn", "-c:a", "libvorbis"),
}
# Mutations that `check` took and `prep` refused.
ONCE_UNNOTICED = {
    "index_first.mp4": (82,),
    "fragments.mp4": (8, 50, 56, 80),
    "clip.flv": (54, 68),
    "clip.avi": (50,),
    "sound.m4a": (91, 109, 118, 316, 355),
}


def _bit(data: bytearray, dice: random.Random) -> None:
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def _bits(data: bytearray, dice: random.Random) -> None:
    for _ in range(8):
        _bit(data, dice)


def _header(data: bytearray, dice: random.Random) -> None:
    data[dice.randrange(min(len(data), HEADER_BYTES))] ^= 1 << dice.randrange(8)


def _cut(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(16, len(data)) :]


def _zeros(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data) - 64)
    data[start : start + 64] = bytes(64)


def _splice(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data))
    del data[start : start + dice.randrange(1, 600)]


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (_bit, _bits, _header, _cut, _zeros, _splice)


def _mutated(name: str, data: bytes, number: int) -> bytes:
    dice, changed = random.Random(f"{name} {number}"), bytearray(data)
    MUTATIONS[number % len(MUTATIONS)](changed, dice)
    return bytes(changed)


@cache
def _picture(name: str, folder: Path) -> bytes:
    image, (format_, options) = texture(SIZE, 3), PICTURES[name]
    if options.get("save_all"):
        options = {**options, "append_images": [image.transpose(turn) for turn in TURNS]}
    if format_ == "JXL":
        encode(image, folder / name)
        return (folder / name).read_bytes()
    written = BytesIO()
    if format_ == "HEIF":
        pillow_heif.from_pillow(image).save(written, **options)
    else:
        (card_with_hole(SIZE) if name == "lossy.webp" else image).save(written, format_, **options)
    return written.getvalue()


def _refusals(references: list[Path], out: Path) -> tuple[PrepError | None, PrepError | None]:
    """What `check` and `prep` refuse with; None: nothing. Anything but a PrepError fails the test by itself."""
    checked = made = None
    try:
        report = check(references)
        broken = tuple(finding for finding in report.findings if finding.severity == "error" and not finding.fix)
        checked = NonCompliantError("left", broken) if broken else None
    except PrepError as error:
        checked = error
    try:
        prepare(references, out=out)
    except PrepError as error:
        made = error
    return checked, made


@pytest.mark.parametrize("name", PICTURES)
def test_a_damaged_picture(name: str, tmp_path: Path) -> None:
    data = _picture(name, tmp_path)
    disagreed = []
    for number in range(PER_PICTURE):
        path = tmp_path / f"{number}-{name}"
        path.write_bytes(_mutated(name, data, number))
        checked, made = _refusals([path], tmp_path / f"out-{number}")
        assert made is None or made.exit_code != ExitCode.BUG, made
        if (checked is None) != (made is None):
            disagreed.append((number, str(checked), str(made)))
    assert disagreed == []


@pytest.mark.parametrize("name", CLIPS)
def test_a_damaged_clip_or_sound(name: str, tmp_path: Path) -> None:
    """`check` decodes little of it: the first frame, and the end of what is damaged."""
    whole, photo = tmp_path / name, tmp_path / "photo.png"
    card(SIZE).save(photo)
    sources = ("-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=2.2", "-f", "lavfi", "-i", "sine=d=2.6")
    ffmpeg(*sources, *CLIPS[name], str(whole))
    disagreed = []
    for number in (*range(PER_CLIP), *ONCE_UNNOTICED.get(name, ())):
        path = tmp_path / f"{number}-{name}"
        path.write_bytes(_mutated(name, whole.read_bytes(), number + 3))
        references = [path, photo] if name.startswith("sound") else [path]
        checked, made = _refusals(references, tmp_path / f"out-{number}")
        assert made is None or made.exit_code != ExitCode.BUG, made
        if (checked is None) != (made is None):
            disagreed.append((number, str(checked), str(made)))
    assert disagreed == []
