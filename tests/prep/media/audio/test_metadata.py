"""Metadata of sounds about people, places and devices, wherever the format keeps it."""

import struct
from pathlib import Path

import pytest

from fixtures.sound import STEREO, encode_sound
from prep.media.container.mp3_tags import MOST_BEFORE, tags_before
from prep.model.media import AudioInfo
from tests.prep.media.sound_tags import (
    MARK,
    ape,
    bext,
    chunk,
    frame,
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
from tests.prep.probed import probe

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" exif:GPSLatitude="48,51N"><dc:creator>Jane</dc:creator></x:xmpmeta>'
SONG = text("TIT2", "Tone") + text("TPE1", MARK) + text("TALB", "Tones")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("plain")
    encode_sound(folder / "a.mp3", STEREO, 3, "-id3v2_version", "0")
    encode_sound(folder / "a.wav", STEREO, 3)
    return {path.suffix: path.read_bytes() for path in folder.iterdir()}


def _probed(folder: Path, name: str, data: bytes) -> AudioInfo:
    (folder / name).write_bytes(data)
    found = probe(folder / name)
    assert isinstance(found, AudioInfo)
    return found


@pytest.mark.parametrize(
    ("before", "after", "kinds", "private"),
    [
        pytest.param(b"", b"", (), (), id="nothing"),
        pytest.param(id3v2(text("TIT2", "Tone")), b"", ("id3",), (), id="a title"),
        pytest.param(id3v2(text("TPE1", MARK)), b"", ("id3",), ("owner",), id="an artist"),
        pytest.param(id3v2(text("TPE1", MARK, 3), 3), b"", ("id3",), ("owner",), id="in UTF-16"),
        pytest.param(id3v2(SONG), b"", ("id3",), (), id="a song of an album"),
        pytest.param(id3v2(SONG + text("TOWN", MARK)), b"", ("id3",), ("owner",), id="a song that somebody bought"),
        pytest.param(id3v2(user_text("location", "48.1 11.5")), b"", ("id3",), ("gps",), id="a position"),
        pytest.param(id3v2(user_text("Serial Number", "X1")), b"", ("id3",), ("serial number",), id="a serial number"),
        pytest.param(id3v2(user_text("location", "")), b"", ("id3",), (), id="no position"),
        pytest.param(
            id3v2(frame("GEOB", b"\0text/plain\0\0location\x0048 11")), b"", ("id3",), ("gps",), id="an object"
        ),
        pytest.param(id3v2(frame("POPM", b"jane@example.org\0\x80")), b"", ("id3",), ("owner",), id="an address"),
        pytest.param(id3v2(frame("POP", b"jane@example.org\0\x80", 2), 2), b"", ("id3",), ("owner",), id="one in 2.2"),
        pytest.param(id3v2(frame("PRIV", b"com.example.gps\0\x80")), b"", ("id3",), ("gps",), id="private data"),
        pytest.param(id3v2(frame("UFID", b"serial\x0042")), b"", ("id3",), ("serial number",), id="an identifier"),
        pytest.param(id3v2(frame("OWNE", b"\0USD1\x0020260101Jane")), b"", ("id3",), ("owner",), id="a purchaser"),
        pytest.param(id3v2(text("TIT2", "OWNED by GEOBLOCKED POPMUSIC gps")), b"", ("id3",), (), id="words in a title"),
        pytest.param(id3v2(picture(gps_cover())), b"", ("id3",), ("gps",), id="a cover with a position"),
        pytest.param(id3v2(picture(gps_cover(), 2), 2), b"", ("id3",), ("gps",), id="the same in 2.2"),
        pytest.param(
            id3v2(picture(gps_cover(), 3), 3, unsynchronised=True), b"", ("id3",), ("gps",), id="unsynchronised"
        ),
        pytest.param(id3v2(b"") + id3v2(text("TPE1", MARK)), b"", ("id3",), ("owner",), id="the second tag"),
        pytest.param(b"", id3v1(), ("id3",), ("owner",), id="ID3v1"),
        pytest.param(b"", id3v1(album="Tones"), ("id3",), (), id="ID3v1 of an album"),
        pytest.param(b"", ape({"Artist": MARK.encode()}), ("ape",), ("owner",), id="APE"),
        pytest.param(b"", ape({"Cover": b"a.jpg\0" + gps_cover()}), ("ape",), ("gps",), id="a cover in APE"),
        pytest.param(b"", lyrics3() + id3v1(""), ("id3", "lyrics"), (), id="lyrics"),
    ],
)
def test_mp3(
    plain: dict[str, bytes],
    tmp_path: Path,
    before: bytes,
    after: bytes,
    kinds: tuple[str, ...],
    private: tuple[str, ...],
) -> None:
    found = _probed(tmp_path, "a.mp3", before + plain[".mp3"] + after)
    assert (found.metadata, found.private_metadata) == (kinds, private)


@pytest.mark.parametrize(
    ("before", "after", "kinds", "private"),
    [
        pytest.param(b"", b"", (), (), id="nothing"),
        pytest.param(chunk(b"JUNK", bytes(99)), b"", (), (), id="filling"),
        pytest.param(b"", info(IART=MARK), ("info",), ("owner",), id="an artist"),
        pytest.param(b"", info(IART=MARK, IPRD="Tones"), ("info",), (), id="a song of an album"),
        pytest.param(info(ISFT="Recorder 2"), b"", ("info",), (), id="a program"),
        pytest.param(bext(), b"", ("bext",), ("serial number", "owner"), id="a recorder"),
        pytest.param(bext("", ""), b"", ("bext",), (), id="an empty bext"),
        pytest.param(b"", ixml(LOCATION_GPS="48 11"), ("ixml",), ("gps",), id="a position"),
        pytest.param(b"", ixml(LOCATION_GPS="", LOCATION_NAME=" "), ("ixml",), (), id="no position"),
        pytest.param(chunk(b"_PMX", XMP), b"", ("xmp",), ("gps", "owner"), id="XMP"),
        pytest.param(b"", chunk(b"id3 ", id3v2(picture(gps_cover()))), ("id3",), ("gps",), id="a cover"),
        pytest.param(b"", chunk(b"xyz ", b"?"), ("private chunk",), (), id="unknown"),
    ],
)
def test_wav(
    plain: dict[str, bytes],
    tmp_path: Path,
    before: bytes,
    after: bytes,
    kinds: tuple[str, ...],
    private: tuple[str, ...],
) -> None:
    found = _probed(tmp_path, "a.wav", wav_with(plain[".wav"], before, after))
    assert (found.metadata, found.private_metadata) == (kinds, private)


def test_what_stands_behind_samples_of_64_bit_size(plain: dict[str, bytes], tmp_path: Path) -> None:
    data = wav_with(plain[".wav"], b"", bext())
    at = data.index(b"data")
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, len(data) + 28, struct.unpack_from("<I", data, at + 4)[0], 0, 0)
    rest = data[12:at] + b"data" + b"\xff" * 4 + data[at + 8 :]
    found = _probed(tmp_path, "a.wav", b"RF64" + b"\xff" * 4 + b"WAVE" + sizes + rest)
    assert (found.metadata, found.private_metadata) == (("bext",), ("serial number", "owner"))


def test_a_cover_of_megabytes_at_the_end(plain: dict[str, bytes], tmp_path: Path) -> None:
    tag = ape({"Artist": MARK.encode(), "Cover": b"a.jpg\0" + bytes(2_000_000)})
    assert _probed(tmp_path, "a.mp3", plain[".mp3"] + tag).private_metadata == ("owner",)


@pytest.mark.parametrize("word", [b"gps", b"serial", b"artist", b"<gps> "])
def test_words_without_end_are_gone_through_once(plain: dict[str, bytes], tmp_path: Path, word: bytes) -> None:
    """From each of them to the end would take an hour."""
    data = wav_with(plain[".wav"], chunk(b"iXML", word * (4_000_000 // len(word))))
    assert _probed(tmp_path, "a.wav", data).metadata == ("ixml",)


def test_tags_without_end_are_not_all_read(plain: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(id3v2(b"") * 100_000 + plain[".mp3"])
    assert len(tags_before(path)) == MOST_BEFORE


@pytest.mark.parametrize("cut", [11, 25, 60, 200, 700])
def test_tags_that_are_broken_are_no_error(plain: dict[str, bytes], tmp_path: Path, cut: int) -> None:
    tag = bytearray(id3v2(text("TPE1", MARK) + picture(gps_cover())))
    tag[cut:] = bytes(byte ^ 0xA5 for byte in tag[cut:])
    assert _probed(tmp_path, "a.mp3", bytes(tag) + plain[".mp3"]).metadata == ("id3",)


def test_a_long_tag_at_the_end_is_read_as_well(plain: dict[str, bytes], tmp_path: Path) -> None:
    tag = ape({"Artist": MARK.encode(), "Notes": bytes(200_000)})
    found = _probed(tmp_path, "a.mp3", plain[".mp3"] + tag + id3v1("", "Tones"))
    assert (found.metadata, found.private_metadata) == (("id3", "ape"), ())
    assert _probed(tmp_path, "a.mp3", plain[".mp3"] + tag).private_metadata == ("owner",)
