"""Decoding starts at the exact sample, whatever the format can seek to."""

from array import array
from pathlib import Path

import av
import pytest

from fixtures.sound import STAIRCASE, STEREO, encode_sound, tones
from prep.errors import Cancelled, ToolError
from prep.media.audio.decode import Decoded, Wanted, decode_sound
from prep.media.probe.dispatch import demuxer_of
from prep.media.task import Task
from prep.model.media import AudioInfo
from prep.model.plan import PlanEntry
from prep.model.reference import Reference
from tests.prep.media import reading
from tests.prep.probed import probe

RATE_HZ = 44_100
START_S, SECONDS = 2.51, 1.25
LOSSY = {
    ".mp3": (),
    ".m4a": (),
    ".ogg": ("-c:a", "libvorbis"),
    ".opus": ("-c:a", "libopus"),
    ".aac": (),
    ".wma": ("-c:a", "wmav2"),
    ".mka": ("-c:a", "ac3"),
}


def _decoded(path: Path, wanted: Wanted) -> Decoded:
    return decode_sound(_task(path), _info(path), wanted)


def _info(path: Path) -> AudioInfo:
    info = probe(path)
    assert isinstance(info, AudioInfo)
    return info


def _task(path: Path) -> Task:
    info = _info(path)
    entry = PlanEntry(tag="@Audio1", reference=Reference(location=str(path)), source=info, predicted=info)
    return Task(path, demuxer_of(path), entry, path.with_suffix(".made"))


def _left(decoded: Decoded, headroom: float) -> list[float]:
    samples = array("i" if decoded.sample_bytes == 4 else "h", decoded.samples)
    full = float(1 << (8 * decoded.sample_bytes - 1))
    return [sample / full / headroom for sample in samples[::2]]


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff", ".caf", ".rf64.wav", ".alac.m4a"])
def test_a_part_of_what_is_lossless_is_exact(tmp_path: Path, suffix: str) -> None:
    whole, path = tmp_path / "whole.wav", tmp_path / f"part{suffix}"
    codec = {".flac": ("-sample_fmt", "s16"), ".rf64.wav": ("-rf64", "always")}.get(suffix, ())
    codec = ("-c:a", "alac", "-sample_fmt", "s16p") if suffix == ".alac.m4a" else codec
    encode_sound(whole, STAIRCASE, 6)
    encode_sound(path, STAIRCASE, 6, *codec)
    part = _decoded(path, Wanted(START_S, SECONDS, RATE_HZ, 2, None))
    first, count = round(START_S * RATE_HZ), round(SECONDS * RATE_HZ)
    assert _left(part, 1) == list(reading.sound(whole).channels[0][first : first + count])
    assert part.damaged == 0


@pytest.mark.parametrize("suffix", LOSSY)
@pytest.mark.parametrize("start_s", [0.1, START_S, 4.4])
def test_a_part_of_what_is_lossy_is_what_decoding_all_of_it_gives(tmp_path: Path, suffix: str, start_s: float) -> None:
    """Decoders that lean on what came before have it, though only the part is read."""
    path, rate_hz = tmp_path / f"lossy{suffix}", 48_000 if suffix == ".opus" else RATE_HZ
    encode_sound(path, STAIRCASE, 6, *LOSSY[suffix], rate_hz=rate_hz)
    part = _left(_decoded(path, Wanted(start_s, SECONDS, rate_hz, 2, 0.25)), 0.25)
    whole, first = reading.sound(path).channels[0], round((start_s - _begins_s(path)) * rate_hz)
    assert len(part) == round(SECONDS * rate_hz)
    # a container that counts in milliseconds is that exact
    assert min(_furthest(part, whole, first + late) for late in range(-45, 46)) < 0.001


def _begins_s(path: Path) -> float:
    """When the first samples are heard, of the container's clock: WMA gives none for its first two packets."""
    with av.open(str(path)) as container:
        first = next(container.decode(audio=0))
        return max(0.0, float(first.time or 0) - float(container.start_time or 0) / av.time_base)


def _furthest(part: list[float], whole: "array[float]", first: int) -> float:
    told = (*range(2000), *range(2000, len(part), 50))  # a decoder that is not ready is wrong at the start
    return max(abs(part[at] - whole[first + at]) for at in told)


def test_where_the_source_ends_before_there_is_less(tmp_path: Path) -> None:
    path = tmp_path / "all.flac"
    encode_sound(path, STEREO, 3)
    assert len(_decoded(path, Wanted(0.0, 9.0, RATE_HZ, 2, None)).samples) == 3 * RATE_HZ * 4
    assert len(_decoded(path, Wanted(2.5, 9.0, RATE_HZ, 2, None)).samples) == RATE_HZ // 2 * 4


def test_what_changes_its_rate_and_channels_midway_goes_on(tmp_path: Path) -> None:
    first, second, both = (tmp_path / f"{name}.mp3" for name in ("first", "second", "both"))
    encode_sound(first, STEREO, 4)
    encode_sound(second, tones(440), 4, rate_hz=48_000)
    both.write_bytes(first.read_bytes() + second.read_bytes())
    part = _left(_decoded(both, Wanted(2.0, 5.0, RATE_HZ, 2, 0.25)), 0.25)
    heard = reading.Sound("pcm", RATE_HZ, [array("f", part)])
    assert heard.duration_s == 5
    assert heard.pitch_hz(0.2, 1.8) == pytest.approx(440, abs=2)
    assert heard.pitch_hz(2.4, 4.8) == pytest.approx(440, abs=2)


def test_channels_that_nobody_placed_are_where_they_usually_are(tmp_path: Path) -> None:
    path = tmp_path / "around.wav"
    encode_sound(path, (*tones(440), *("0",) * 7), 3, rate_hz=48_000)
    data = bytearray(path.read_bytes())
    mask = data.index(b"fmt ") + 28
    data[mask : mask + 4] = bytes(4)
    path.write_bytes(data)
    left = _left(_decoded(path, Wanted(1.0, 1.0, 48_000, 2, 0.25)), 0.25)
    assert max(left) == pytest.approx(0.3, abs=0.001)


def test_it_stops_when_it_is_told_to(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    encode_sound(path, STEREO, 3)
    task = _task(path)
    task.cancel.set()
    with pytest.raises(Cancelled):
        decode_sound(task, _info(path), Wanted(0.0, 3.0, RATE_HZ, 2, None))


def test_what_does_not_open_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "gone.flac"
    encode_sound(path, STEREO, 3)
    task, info = _task(path), _info(path)
    path.write_bytes(b"fLaC" + bytes(99))
    with pytest.raises(ToolError, match=r"gone\.flac: its sound can't be decoded"):
        decode_sound(task, info, Wanted(0.0, 3.0, RATE_HZ, 2, None))


def test_a_frame_of_flac_that_its_checksum_left_out_is_told(tmp_path: Path) -> None:
    """The parser gives it to nobody, so that nothing fails to decode; the next one tells that it comes later."""
    encode_sound(tmp_path / "whole.flac", tones(400, 600), 6)
    data = bytearray((tmp_path / "whole.flac").read_bytes())
    half = len(data) // 2
    data[half : half + 100] = bytes(range(100))
    (tmp_path / "gap.flac").write_bytes(data)
    found = {
        (name, start_s): _decoded(tmp_path / name, Wanted(start_s, 2.0, RATE_HZ, 2, None)).damaged
        for name in ("whole.flac", "gap.flac")
        for start_s in (0.0, 2.0, 4.0)
    }
    assert found.pop(("gap.flac", 2.0)) == 1
    assert set(found.values()) == {0}
