"""Damage in the middle of a video or a sound, which decoders hide."""

from pathlib import Path

import av
import pytest

from fixtures.sound import encode_sound, tones
from prep import check, prepare
from tests.prep.media import reading
from tests.types import Media


@pytest.fixture
def damaged(media: Media, tmp_path: Path) -> Path:
    """A clip of 20 s at 1080p with one picture at second 8 overwritten."""
    path = tmp_path / "damaged.mp4"
    data = bytearray(media("clip_1080p_20s.mp4").read_bytes())
    with av.open(str(media("clip_1080p_20s.mp4"))) as container:
        packet = next(p for p in container.demux(video=0) if p.pts is not None and p.pts * p.time_base >= 8)
        assert packet.pos is not None
        data[packet.pos + 5 : packet.pos + packet.size] = b"\xff" * (packet.size - 5)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("part", "warned"),
    [("7,10", True), ("1,4", False), ("12,15", False)],
    ids=["in it", "before it", "after it"],
)
def test_damage_is_told_when_it_lies_in_the_part_that_is_used(
    damaged: Path, part: str, warned: bool, tmp_path: Path
) -> None:
    manifest = prepare([f"{damaged}#t={part}"], out=tmp_path / "out")
    found = [finding for finding in manifest.findings if finding.rule == "video-damaged"]
    assert [(finding.severity, finding.subject, finding.tag) for finding in found] == [
        ("warning", "damaged.mp4", "@Video1")
    ] * warned


@pytest.mark.parametrize(
    ("part", "warned"),
    [("", True), ("#t=7,10", True), ("#t=1,4", False), ("#t=12,15", False)],
    ids=["whole", "in it", "before it", "after it"],
)
def test_a_thorough_check_finds_the_damage(damaged: Path, part: str, warned: bool) -> None:
    found = [
        finding for finding in check(f"{damaged}{part}", thorough=True).findings if finding.rule.endswith("damaged")
    ]
    assert [(finding.rule, finding.severity, finding.tag) for finding in found] == [
        ("video-damaged", "warning", "@Video1")
    ] * warned
    assert not [finding for finding in check(f"{damaged}{part}").findings if finding.rule.endswith("damaged")]


@pytest.mark.parametrize("name", ["clip_1080p_20s.mp4", "song_20s.mp3", "photo.jpg", "portrait_rot90.mov"])
def test_a_thorough_check_of_sound_files_finds_no_damage(name: str, media: Media) -> None:
    assert not [item for item in check(media(name), thorough=True).findings if item.rule.endswith("damaged")]


def test_a_sound_clip_has_no_damage(media: Media, tmp_path: Path) -> None:
    manifest = prepare([f"{media('clip_1080p_20s.mp4')}#t=7,10"], out=tmp_path / "out")
    assert manifest.findings == ()


@pytest.mark.parametrize(
    ("part", "warned"),
    [("7,10", True), ("1,4", False), ("12,15", False)],
    ids=["in it", "before it", "after it"],
)
def test_damage_in_a_sound(part: str, warned: bool, media: Media, tmp_path: Path) -> None:
    sound, photo = tmp_path / "damaged.mp3", media("photo.jpg")
    data = bytearray(media("song_20s.mp3").read_bytes())
    with av.open(str(media("song_20s.mp3"))) as container:
        packet = next(p for p in container.demux(audio=0) if p.pts is not None and p.pts * p.time_base >= 8)
        assert packet.pos is not None
        # the header stays, what it announces is gone
        data[packet.pos + 4 : packet.pos + packet.size] = b"\xff" * (packet.size - 4)
    sound.write_bytes(data)
    manifest = prepare([photo, f"{sound}#t={part}"], out=tmp_path / "out")
    found = [finding for finding in manifest.findings if finding.rule == "audio-damaged"]
    assert [(finding.severity, finding.subject, finding.tag) for finding in found] == [
        ("warning", "damaged.mp3", "@Audio1")
    ] * warned


@pytest.mark.parametrize("name", ["song_20s.mp3", "no_xing.mp3", "garbage.mp3", "tagged.aac", "tone_5s.wma"])
def test_seeking_into_a_whole_sound_is_no_damage(name: str, media: Media, tmp_path: Path) -> None:
    """The first packets after a seek lean on others that were not read."""
    manifest = prepare([media("photo.jpg"), f"{media(name)}#t=1.37,4"], out=tmp_path / "out")
    assert not [finding for finding in manifest.findings if finding.rule == "audio-damaged"]


@pytest.mark.parametrize("name", ["page.ogg", "frame.flac"])
def test_what_is_lost_of_a_sound_is_silent_and_told(name: str, media: Media, tmp_path: Path) -> None:
    """Its checksum is wrong, so that it reaches no decoder."""
    path = tmp_path / name
    encode_sound(path, tones(440, 440), 5, "-c:a", "libvorbis" if name == "page.ogg" else "flac")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 8] = bytes(value ^ 0xFF for value in data[middle : middle + 8])
    path.write_bytes(data)
    assert not [finding for finding in check([media("photo.jpg"), path]).findings if finding.fix is None]
    manifest = prepare([media("photo.jpg"), path], out=tmp_path / "out")
    assert "audio-damaged" in [finding.rule for finding in manifest.findings]
    (made,) = (tmp_path / "out").glob("*.mp3")
    sound = reading.sound(made)
    assert sound.duration_s == pytest.approx(5, abs=0.06)
    assert sound.pitch_hz(0.2, 0.8) == pytest.approx(440, abs=2)
    assert sound.pitch_hz(4.2, 4.8) == pytest.approx(440, abs=2)
