"""Bytes fetched to probe a file at a URL; the facts are those of the same file here."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from PIL import Image

from fixtures.ffmpeg import ffmpeg
from prep import check
from prep.errors import PrepError
from prep.model.media import MediaInfo
from prep.net.network import Network
from tests.prep.net.server import Site
from tests.types import Media

KB = 1024
NOISE = ("-f", "lavfi", "-i", "anoisesrc=d=40:c=white:a=0.3:seed=1:r=44100")
PICTURES = ("-f", "lavfi", "-i", "testsrc2=s=320x320:r=30:d=20,noise=alls=30:allf=t:all_seed=1")
RATE = ("-b:v", "3M", "-maxrate", "3M", "-bufsize", "1M")
CODED = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "30", *RATE, "-c:a", "aac")
PLAIN_MP3 = ("-write_xing", "0", "-id3v2_version", "0")
SOUNDS = {
    "plain.wav": ("-ac", "2"),
    "wide.wav": ("-c:a", "pcm_s24le", "-rf64", "always"),
    "xing.mp3": ("-q:a", "0", "-ac", "2"),
    "constant.mp3": ("-b:a", "320k", *PLAIN_MP3),
    "no_header.mp3": ("-q:a", "0", "-ac", "2", *PLAIN_MP3),
    "lossless.flac": (),
    "pages.ogg": ("-c:a", "libvorbis", "-q:a", "10", "-ac", "2"),
}
EXIF = {0x010F: "Maker", 0x0131: "Software", 0x013B: "Somebody"}


def noise(width: int, height: int, seed: int = 1) -> Image.Image:
    return Image.frombytes("RGB", (width, height), Random(seed).randbytes(3 * width * height))


@pytest.fixture(scope="module")
def large(media: Media, tmp_path_factory: pytest.TempPathFactory) -> Media:
    """Files so large that fetching all of one would show, made on first use."""
    folder = tmp_path_factory.mktemp("large")

    def path_of(name: str) -> Path:
        path = folder / name
        if path.exists():
            return path
        exif = Image.Exif()
        exif.update(EXIF)
        match name:
            case "still.webp":
                noise(1000, 800).save(path, lossless=True, method=0, exif=exif, xmp=b"<x:xmpmeta/>", icc_profile=ICC)
            case "moving.webp":
                frames = [noise(320, 320, seed) for seed in range(8)]
                frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True, method=0, exif=exif)
            case "scan.tiff" | "plain.bmp":
                noise(1200, 800).save(path)
            case "clip.mkv" | "clip.ts":
                ffmpeg(*PICTURES, *NOISE, *CODED, "-t", "20", str(path))
            case _ if name in SOUNDS:
                ffmpeg(*NOISE, *SOUNDS[name], str(path))
            case _:
                return media(name)
        return path

    return path_of


ICC = bytes(Random(2).randbytes(600))
# The most that is fetched, in bytes and requests.
FETCHED = {
    "scan.tiff": (96 * KB, 3),
    "plain.bmp": (32 * KB, 1),
    "plain.wav": (256 * KB, 4),
    "wide.wav": (256 * KB, 4),
    "xing.mp3": (128 * KB, 4),
    "constant.mp3": (704 * KB, 22),
    "lossless.flac": (512 * KB, 12),
    "pages.ogg": (512 * KB, 10),
    "clip.mkv": (3_000 * KB, 12),
    "clip.ts": (4_500 * KB, 24),
}
# Files that are fetched whole, in so many requests at most.
WHOLE = {
    "photo.jpg": 2,
    "grey16.png": 2,
    "still.webp": 2,
    "moving.webp": 2,
    "photo.heic": 2,
    "photo_burst.heic": 2,
    "photo.avif": 2,
    "no_header.mp3": 40,
}


def seen(location: str | Path, network: Network) -> tuple[MediaInfo, list[dict[str, Any]]] | str:
    """The facts and the findings, or why there are none."""
    try:
        report = check([location], network=network)
    except PrepError as error:
        return str(error).partition(": ")[2]
    return report.references[0].info, [finding.model_dump() for finding in report.findings]


def both(site: Site, data: bytes, suffix: str, folder: Path, network: Network) -> tuple[Any, Any]:
    """What a file is known as that holds *data*, here and there."""
    here = folder / f"here{suffix}"
    here.write_bytes(data)
    site.put(f"/here{suffix}", data)
    site.sent, site.seen = 0, []
    return seen(here, network), seen(site.url(f"/here{suffix}"), network)


@pytest.mark.parametrize("name", [*FETCHED, *WHOLE])
def test_no_more_is_fetched_than_tells(site: Site, large: Media, tmp_path: Path, intranet: Network, name: str) -> None:
    data = large(name).read_bytes()
    here, there = both(site, data, Path(name).suffix, tmp_path, intranet)
    assert there == here
    assert isinstance(there, tuple)
    size, requests = FETCHED[name] if name in FETCHED else (len(data), WHOLE[name])
    assert site.sent <= size
    assert len(site.seen) <= requests


# Of these the header is fetched, not the pixels that are missing: its size says that they are.
NOT_FETCHED = {("cut", "scan.tiff"), ("cut", "plain.bmp")}


@pytest.mark.parametrize("name", [*FETCHED, *WHOLE])
@pytest.mark.parametrize("damage", ["cut", "head", "tail"])
def test_a_damaged_file_is_known_as_it_is_here(
    site: Site, large: Media, tmp_path: Path, intranet: Network, name: str, damage: str
) -> None:
    data = bytearray(large(name).read_bytes())
    random = Random(name)
    if damage == "cut":
        del data[len(data) * 2 // 3 :]
    for _ in range(3 if damage != "cut" else 0):
        at = random.randrange(16, 600)
        data[at if damage == "head" else -at] ^= 1 << random.randrange(8)
    here, there = both(site, bytes(data), Path(name).suffix, tmp_path, intranet)
    if (damage, name) in NOT_FETCHED:
        assert there == "the file is cut off before the end of the picture"
        assert "does not decode" in here
    else:
        assert there == here


def test_an_mp3_of_two_is_measured(site: Site, large: Media, tmp_path: Path, intranet: Network) -> None:
    """The header of the first tells nothing about the second."""
    data = large("xing.mp3").read_bytes() * 2
    here, there = both(site, data, ".mp3", tmp_path, intranet)
    assert there == here
    assert len(site.seen) <= 20


def test_an_mp3_that_no_endpoint_takes_is_estimated(
    site: Site, large: Media, tmp_path: Path, intranet: Network
) -> None:
    """A variable bit rate, no header, and so large that its length does not matter."""
    data = large("no_header.mp3").read_bytes()
    here, there = both(site, data * (33_000_000 // len(data) + 1), ".mp3", tmp_path, intranet)
    assert there[0].duration_s == pytest.approx(here[0].duration_s, rel=0.05)
    assert site.sent < len(data)
