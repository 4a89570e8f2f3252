"""Formats by content, where the content does not begin at once or is not what it looks like."""

from pathlib import Path

import pytest

from fixtures.sound import STAIRCASE, encode_sound
from prep.errors import UnreadableError
from prep.media.container.mp3_frames import has_mp3_frames
from prep.media.container.sniff import sniff
from tests.prep.probed import probe
from tests.types import Media


@pytest.mark.parametrize(("before", "found"), [(0, True), (4000, True), (60_000, True), (70_000, False)])
def test_mp3_behind_garbage(media: Media, tmp_path: Path, before: int, found: bool) -> None:
    """64 kB and the head are looked through, no more."""
    path = tmp_path / "stream.mp3"
    path.write_bytes(bytes(before) + media("garbage.mp3").read_bytes()[9000:])
    format_ = sniff(path)
    assert (format_ is not None and format_.container == "mp3") == found


def test_noise_is_no_mp3() -> None:
    """All bytes that a header could have, in every order, but no chain of them."""
    noise = bytes(0xFF if index % 3 == 0 else (index * 131 >> 3) & 0xFF for index in range(65_536))
    assert not has_mp3_frames(noise)
    assert not has_mp3_frames(b"\xff" * 65_536)


@pytest.mark.parametrize(
    ("suffix", "rate_hz", "codec"),
    [(".mp3", 44_100, ("-b:a", "128k")), (".mp3", 22_050, ("-b:a", "64k")), (".mp3", 8_000, ("-b:a", "16k"))],
)
def test_frames_of_every_mpeg_version_chain(tmp_path: Path, suffix: str, rate_hz: int, codec: tuple[str, ...]) -> None:
    encode_sound(tmp_path / f"a{suffix}", STAIRCASE, 4, "-c:a", "libmp3lame", *codec, rate_hz=rate_hz)
    data = (tmp_path / f"a{suffix}").read_bytes()
    assert has_mp3_frames(data[1000:5000])
    assert not has_mp3_frames(data[1000:1100])


@pytest.mark.parametrize(
    ("name", "container"),
    [("layer2.mp3", "mp2"), ("tagged.aac", "aac"), ("cover.mp3", "mp3"), ("rf64.wav", "wav"), ("tone_5s.caf", "caf")],
)
def test_the_container_is_what_it_is(media: Media, name: str, container: str) -> None:
    assert probe(media(name)).container == container


@pytest.mark.parametrize(("name", "container"), [("photo.heic", "heif"), ("photo.avif", "avif")])
def test_a_picture_with_an_unknown_major_brand(media: Media, tmp_path: Path, name: str, container: str) -> None:
    data = bytearray(media(name).read_bytes())
    data[8:12] = b"acme"
    (tmp_path / "photo").write_bytes(data)
    info = probe(tmp_path / "photo")
    assert (info.kind, info.container) == ("image", container)


def test_an_id3_tag_with_nothing_behind_it(tmp_path: Path) -> None:
    (tmp_path / "tag.mp3").write_bytes(b"ID3\4\0\0\0\0\x10\0" + bytes(3000))
    with pytest.raises(UnreadableError, match=r"tag\.mp3"):
        probe(tmp_path / "tag.mp3")


@pytest.mark.parametrize(
    ("suffix", "codec", "rate_hz", "long_s"),
    [
        (".mp3", ("-c:a", "libmp3lame", "-q:a", "4", "-write_xing", "0", "-id3v2_version", "0"), 44_100, 600),
        (".aac", ("-b:a", "192k"), 44_100, 120),
        (".amr", ("-c:a", "libopencore_amrnb", "-b:a", "12.2k", "-ac", "1"), 8_000, 1400),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_a_length_that_no_header_tells_is_measured(
    tmp_path: Path, suffix: str, codec: tuple[str, ...], rate_hz: int, long_s: int, whole: bool
) -> None:
    """The bit rate of the first frames is no measure of the rest: loud noise to begin with, then a tone.

    A sound of less than 2 MB is read whole; of a longer one the end is sought.
    """
    path, seconds = tmp_path / f"sound{suffix}", 45 if whole else long_s
    wave = "0.3*sin(2*PI*440*t)+0.6*lt(t,8)*(random(0)-0.5)"
    encode_sound(path, (wave,) * (1 if suffix == ".amr" else 2), seconds, *codec, rate_hz=rate_hz)
    assert (path.stat().st_size < 2_000_000) == whole
    info = probe(path)
    assert info.kind == "audio"
    assert info.duration_s == pytest.approx(seconds, abs=0.1)
