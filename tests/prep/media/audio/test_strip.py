"""Metadata of sounds left out, the sound as it was coded: judged by PyAV, and by bytes."""

import struct
from pathlib import Path

import av
import pytest

from fixtures.sound import STEREO, encode_sound
from prep.media.audio.strip import strip_sound
from tests.prep.media import reading
from tests.prep.media.sound_tags import (
    MARK,
    ape,
    bext,
    chunk,
    enhanced,
    gps_cover,
    id3v1,
    id3v2,
    info,
    ixml,
    lyrics3,
    picture,
    text,
    user_text,
    wav_with,
)
from tests.types import Made

FRAMES = text("TPE1", MARK) + user_text("location", "48.1 11.5") + picture(gps_cover())
OLD = text("TPE1", MARK, 3) + picture(gps_cover(), 3)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>Jane Example</dc:creator></x:xmpmeta>'
TAGS = {
    "id3v2.4": (id3v2(FRAMES, padding=2000), b""),
    "id3v2.3": (id3v2(OLD, 3), b""),
    "id3v2.2": (id3v2(picture(gps_cover(), 2), 2), b""),
    "unsynchronised": (id3v2(OLD, 3, unsynchronised=True), b""),
    "several": (id3v2(FRAMES) + id3v2(OLD, 3), b""),
    "footer": (id3v2(FRAMES, footer=True), b""),
    "appended": (b"", id3v2(FRAMES, footer=True)),
    "id3v1": (b"", id3v1()),
    "enhanced": (b"", enhanced()),
    "ape": (b"", ape({"Artist": MARK.encode(), "Cover Art (Front)": b"a.jpg\0" + gps_cover()})),
    "ape without header": (b"", ape({"Artist": MARK.encode()}, header=False)),
    "ape in front": (ape({"Artist": MARK.encode()}), b""),
    "lyrics": (b"", lyrics3()),
    "old lyrics": (b"", b"LYRICSBEGIN" + MARK.encode() + b"LYRICSEND" + id3v1()),
    "all": (id3v2(FRAMES), ape({"Artist": MARK.encode()}) + lyrics3() + id3v1()),
    "all, in another order": (id3v2(OLD, 3), lyrics3() + ape({"Artist": MARK.encode()}) + id3v1()),
}
# Tags that libavformat takes for frames: decoding them is an error, or begins elsewhere.
STRANGE = {"appended", "ape without header", "ape in front", "lyrics", "old lyrics", "all, in another order"}
WAV_CHUNKS = {
    "info": (info(IART=MARK, ICMT="x"), b""),
    "info behind": (b"", info(IART=MARK)),
    "bext": (bext(), b""),
    "ixml": (b"", ixml(LOCATION_GPS="48.1 11.5", NOTE=MARK)),
    "id3": (b"", chunk(b"id3 ", id3v2(FRAMES))),
    "xmp": (chunk(b"_PMX", XMP), b""),
    "cart": (chunk(b"cart", MARK.encode().ljust(2049, b"\0")), b""),
    "labels": (b"", chunk(b"LIST", b"adtl" + chunk(b"labl", b"\1\0\0\0" + MARK.encode()))),
    "renamed": (chunk(b"JUNK", MARK.encode()), b""),
    "unknown": (b"", chunk(b"xyz ", MARK.encode())),
    "trailer": (b"", b"Jane Example"[:7]),
    "all": (bext() + ixml(NOTE=MARK), info(IART=MARK) + chunk(b"id3 ", id3v2(FRAMES))),
}


@pytest.fixture(scope="module", params=[("-b:a", "128k"), ("-q:a", "2")], ids=["cbr", "vbr"])
def mp3(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Frames alone, the one with the header that tells its length included."""
    path = tmp_path_factory.mktemp("mp3") / "plain.mp3"
    encode_sound(path, STEREO, 3, *request.param, "-id3v2_version", "0")
    return path.read_bytes()


@pytest.fixture(scope="module")
def wav(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("wav") / "plain.wav"
    encode_sound(path, STEREO, 3)
    return path.read_bytes()


def _stripped(folder: Path, data: bytes, container: str, *, readable: bool = True) -> bytes:
    source, target = folder / f"private.{container}", folder / f"stripped.{container}"
    source.write_bytes(data)
    strip_sound(source, target, container)
    if not readable:
        return target.read_bytes()
    before, after = reading.sound(source), reading.sound(target)
    assert (before.codec, before.rate_hz, before.channels) == (after.codec, after.rate_hz, after.channels)
    return target.read_bytes()


@pytest.mark.parametrize("name", TAGS)
def test_the_frames_of_an_mp3_are_left_as_they_were(mp3: bytes, tmp_path: Path, name: str) -> None:
    before, after = TAGS[name]
    assert _stripped(tmp_path, before + mp3 + after, "mp3", readable=name not in STRANGE) == mp3


def test_tags_between_two_sounds_that_were_joined_go_as_well(mp3: bytes, tmp_path: Path) -> None:
    joined = id3v2(FRAMES) + mp3 + id3v1() + id3v2(OLD, 3) + mp3 + id3v1()
    assert _stripped(tmp_path, joined, "mp3", readable=False) == mp3 + mp3


def test_a_tag_behind_half_a_frame_goes_as_well(mp3: bytes, tmp_path: Path) -> None:
    broken = mp3[:-150]
    assert _stripped(tmp_path, broken + id3v2(FRAMES) + mp3, "mp3", readable=False) == broken + mp3


@pytest.mark.parametrize("garbage", [bytes(5000), b"TAGAPETAGEXLYRICSBEGINID3" * 40], ids=["zeros", "words of tags"])
def test_what_is_no_tag_stays(mp3: bytes, tmp_path: Path, garbage: bytes) -> None:
    assert _stripped(tmp_path, garbage + mp3 + id3v1(), "mp3", readable=False) == garbage + mp3


@pytest.mark.parametrize("cut", [5, 40, 130, 300])
def test_a_tag_that_is_cut_off_does_no_harm(mp3: bytes, tmp_path: Path, cut: int) -> None:
    tag = ape({"Artist": MARK.encode() * 50})
    for rest in (tag[cut:], tag[:-cut]):
        assert _stripped(tmp_path, mp3 + rest, "mp3", readable=False).startswith(mp3)


@pytest.mark.parametrize("name", WAV_CHUNKS)
def test_the_samples_of_a_wav_are_left_as_they_were(wav: bytes, tmp_path: Path, name: str) -> None:
    assert _stripped(tmp_path, wav_with(wav, *WAV_CHUNKS[name]), "wav") == wav


def test_what_decoding_needs_stays(tmp_path: Path) -> None:
    """A float WAV has `fact`, and says more in `fmt `."""
    encode_sound(tmp_path / "float.wav", STEREO, 3, "-c:a", "pcm_f32le")
    plain = (tmp_path / "float.wav").read_bytes()
    assert b"fact" in plain
    assert _stripped(tmp_path, wav_with(plain, bext(), info(IART=MARK)), "wav") == plain


def test_sizes_of_64_bits_are_told_anew(tmp_path: Path) -> None:
    encode_sound(tmp_path / "long.wav", STEREO, 3, "-rf64", "always")
    plain = (tmp_path / "long.wav").read_bytes()
    grown = plain + info(IART=MARK)
    grown = grown[:20] + struct.pack("<Q", len(grown) - 8) + grown[28:]
    assert plain[:4] == b"RF64"
    assert _stripped(tmp_path, grown, "wav") == plain


@pytest.mark.parametrize("told", [0, 0xFFFF_FFFF])
def test_a_wav_whose_sizes_were_never_written(wav: bytes, tmp_path: Path, told: int) -> None:
    at = wav.index(b"data") + 4
    cut_off = wav[:4] + struct.pack("<I", told) + wav[8:at] + struct.pack("<I", told) + wav[at + 4 :]
    head = cut_off.index(b"data")
    assert _stripped(tmp_path, cut_off[:head] + bext() + cut_off[head:], "wav") == cut_off


def test_a_sound_with_an_odd_number_of_bytes(tmp_path: Path) -> None:
    encode_sound(tmp_path / "odd.wav", ("0.5*sin(2*PI*440*t)",), 2.5 + 1 / 44_100, "-c:a", "pcm_u8")
    plain = (tmp_path / "odd.wav").read_bytes()
    assert struct.unpack("<I", plain[40:44])[0] % 2 == 1
    assert _stripped(tmp_path, wav_with(plain, bext(), info(IART=MARK)), "wav")[: len(plain)] == plain


@pytest.mark.parametrize(
    ("suffix", "before", "after", "private"),
    [
        (".mp3", id3v2(FRAMES), id3v1(), ("gps", "owner")),
        (".bare.mp3", id3v2(FRAMES), id3v1(), ("gps", "owner")),
        (".wav", bext(), ixml(LOCATION_GPS="48.1 11.5"), ("gps", "serial number", "owner")),
    ],
    ids=["mp3", "mp3 without a Xing header", "wav"],
)
def test_what_a_compliant_sound_tells_is_left_out_when_asked(
    made: Made, tmp_path: Path, suffix: str, before: bytes, after: bytes, private: tuple[str, ...]
) -> None:
    source = tmp_path / f"private{suffix}"
    plainly = {".mp3": ("-id3v2_version", "0"), ".bare.mp3": ("-id3v2_version", "0", "-write_xing", "0")}
    encode_sound(source, STEREO, 3, *plainly.get(suffix, ()))
    plain = source.read_bytes()
    source.write_bytes(wav_with(plain, before, after) if suffix == ".wav" else before + plain + after)
    kept, entry = made(source, beside=("at_limit_300.png",))
    assert (entry.steps, entry.source.info.private_metadata) == ((), private)
    assert kept.read_bytes() == source.read_bytes()
    path, entry = made(source, beside=("at_limit_300.png",), strip_metadata=True)
    assert [(step.kind, step.because) for step in entry.steps] == [("strip-metadata", ("asked",))]
    assert (entry.output.info.private_metadata, entry.source.info.private_metadata) == ((), private)
    assert path.read_bytes() == plain
    assert reading.sound(path).channels == reading.sound(kept).channels
    with av.open(str(path)) as container:
        assert dict(container.metadata) == {}


def test_beginnings_of_lyrics_without_end_are_searched_through_once(tmp_path: Path) -> None:
    """Each of them to the end of the file would take hours."""
    data = b"LYRICSBEGIN" * 400_000
    assert _stripped(tmp_path, data, "mp3", readable=False) == data
