"""Sample tables that are hidden: libavformat finds them wherever they are, so they count there as well."""

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from fixtures.hostile.files import Tables, clip
from prep import check
from prep.errors import UnreadableError
from prep.media.container.sample_tables import MOST_SAMPLES
from tests.types import Media

SAMPLES = MOST_SAMPLES + 1
Change = Callable[[bytes], bytes]
FREE = struct.pack(">I4s", 8, b"free")


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    start = 0
    while start < len(content):
        (size,) = struct.unpack_from(">I", content, start)
        yield content[start + 4 : start + 8], content[start + 8 : start + size]
        start += size


def _changed(content: bytes, path: tuple[bytes, ...], change: Change) -> bytes:
    """*content* with *change* made to the boxes within that at *path*."""
    if not path:
        return change(content)
    return b"".join(
        _box(name, _changed(inner, path[1:], change) if name == path[0] else inner) for name, inner in _boxes(content)
    )


def _each(change: Callable[[bytes, bytes], bytes]) -> Change:
    return lambda content: b"".join(change(name, inner) for name, inner in _boxes(content))


def _compressed(content: bytes) -> bytes:
    index = _box(b"moov", content)
    packed = _box(b"cmvd", struct.pack(">I", len(index)) + zlib.compress(index))
    return _box(b"cmov", _box(b"dcom", b"zlib") + packed)


def _twice(name: bytes, inner: bytes) -> bytes:
    if name != b"minf":
        return _box(name, inner)
    harmless = _each(lambda name, inner: b"" if name == b"stbl" else _box(name, inner))
    return _box(name, harmless(inner)) + _box(name, inner)


def _in_description(content: bytes) -> bytes:
    tables = dict(_boxes(content))
    entry = tables[b"stsd"][8:] + _box(b"stsz", tables[b"stsz"])
    tables[b"stsd"] = tables[b"stsd"][:8] + struct.pack(">I", len(entry)) + entry[4:]
    return b"".join(_box(name, inner) for name, inner in tables.items() if name != b"stsz")


TABLES = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
HIDDEN: dict[str, Change] = {
    "behind a hundred thousand boxes": lambda data: _changed(data, (), lambda boxes: FREE * 100_000 + boxes),
    "behind boxes in the index": lambda data: _changed(data, TABLES[:1], lambda index: FREE * 300 + index),
    "behind boxes among the tables": lambda data: _changed(data, TABLES, lambda tables: FREE * 300 + tables),
    "in user data": lambda data: _changed(
        data, (), _each(lambda name, inner: _box(b"udta", _box(name, inner)) if name == b"moov" else _box(name, inner))
    ),
    "compressed": lambda data: _changed(data, TABLES[:1], _compressed),
    "in the second of two": lambda data: _changed(data, TABLES[:3], _each(_twice)),
    "in a description": lambda data: _changed(data, TABLES, _in_description),
}


@pytest.mark.parametrize("change", HIDDEN.values(), ids=list(HIDDEN))
def test_hidden_tables_count(tmp_path: Path, change: Change) -> None:
    path = tmp_path / "hidden.mp4"
    clip(Tables(((SAMPLES, 1),)))(path)
    kinds = dict(_boxes(path.read_bytes()))
    head = _box(b"ftyp", kinds[b"ftyp"]) + _box(b"mdat", kinds[b"mdat"])
    path.write_bytes(head + change(_box(b"moov", kinds[b"moov"])))
    with av.open(str(path), format="mov") as container:
        assert container.streams.video[0].frames == SAMPLES, "libavformat expands them"
    with pytest.raises(UnreadableError, match=f"claims {SAMPLES:,} samples"):
        check([path])


def test_a_run_behind_a_megabyte_of_its_fragment_counts(media: Media, tmp_path: Path) -> None:
    run = _box(b"traf", _box(b"tfhd", struct.pack(">2I", 0x20000, 1)) + _box(b"trun", struct.pack(">2I", 0, SAMPLES)))
    fragment = _box(b"moof", _box(b"mfhd", bytes(8)) + _box(b"free", bytes(1_000_000)) + run)
    path = tmp_path / "run.mp4"
    path.write_bytes(media("clip_720p.mp4").read_bytes() + fragment)
    with pytest.raises(UnreadableError, match=f"claims {SAMPLES:,} samples"):
        check([path])


def test_the_tables_of_all_tracks_count_together(tmp_path: Path) -> None:
    path = tmp_path / "tracks.mp4"
    clip(Tables(((MOST_SAMPLES, 1),)))(path)
    more = _each(lambda name, inner: _box(name, inner) * (5 if name == b"trak" else 1))
    path.write_bytes(_changed(path.read_bytes(), TABLES[:1], more))
    with pytest.raises(UnreadableError, match=r"claims 25,000,000 samples in .* at most 20,000,000"):
        check([path])


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        (_box(b"sidx", struct.pack(">6I2H", 0, 1, 1000, 0, 0, 0, 0, 0)[:22] + b"\xff\xff") * 8, "500,000 segments"),
        (_box(b"cmov", bytes(20) + struct.pack(">I", 2**31)), "64,000,000 compressed bytes"),
        (_box(b"cmov", bytes(24)) * 2, "64,000,000 compressed bytes"),
        (FREE * 500_000, "500,000 boxes"),
    ],
    ids=["segments", "a large compressed index", "two compressed indexes", "boxes"],
)
def test_what_is_listed_has_a_bound(media: Media, tmp_path: Path, boxes: bytes, message: str) -> None:
    path = tmp_path / "listed.mp4"
    path.write_bytes(media("clip_720p.mp4").read_bytes() + boxes)
    with pytest.raises(UnreadableError, match=f"more than {message} in its index"):
        check([path])


def test_a_compressed_index_is_read(tmp_path: Path) -> None:
    """As QuickTime wrote it twenty years ago."""
    path = tmp_path / "old.mov"
    clip(Tables(((5, 1000),)))(path)
    path.write_bytes(_changed(path.read_bytes(), TABLES[:1], _compressed))
    assert check([path]).references[0].info.kind == "video"
