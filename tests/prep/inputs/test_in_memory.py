"""References that are bytes or file objects."""

import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep import Reference, check, plan, prepare
from prep.errors import UnreadableError, UsageError
from prep.model.plan import Plan
from prep.model.reference import Part
from tests.prep.media import reading
from tests.types import Media


class Pipe(io.RawIOBase):
    """Bytes that come once, in small pieces."""

    def __init__(self, data: bytes) -> None:
        self._rest = data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece, self._rest = self._rest[: min(1000, len(buffer))], self._rest[min(1000, len(buffer)) :]
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.mark.parametrize(
    "name",
    ["photo.jpg", "photo.heic", "photo.webp", "clip_720p.mp4", "portrait_rot90.mov", "h264_aac.mkv", "voice.mp3"],
)
def test_bytes_are_seen_as_the_file_is(media: Media, name: str) -> None:
    here, given = check([media(name)]), check([Reference(location=name, content=media(name).read_bytes())])
    assert given.references[0].info == here.references[0].info
    assert given.findings == here.findings


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, io.BytesIO, Pipe])
def test_every_kind_of_content(media: Media, kind: Callable[[bytes], Any]) -> None:
    report = check([kind(media("clip_720p.mp4").read_bytes())])
    assert report.ok
    assert report.references[0].reference.label == "reference-1"


def test_bytes_alone(media: Media) -> None:
    assert check(media("photo.jpg").read_bytes()).ok
    assert check(io.BytesIO(media("photo.jpg").read_bytes())).ok


def test_a_file_object_is_called_by_its_name_and_put_back(media: Media, tmp_path: Path) -> None:
    with media("h264_aac.mkv").open("rb") as file:
        assert {finding.subject for finding in check([file]).findings} == {"h264_aac.mkv"}
        assert file.tell() == 0
        assert prepare([file], out=tmp_path / "out").entries[0].output.path == "video1-h264_aac.mp4"


def test_a_file_object_is_read_from_where_it_stands(media: Media) -> None:
    data = media("photo.jpg").read_bytes()
    file = io.BytesIO(b"a header of somebody" + data)
    file.seek(len(b"a header of somebody"))
    assert check([file]).references[0].info.bytes == len(data)
    assert file.tell() == len(b"a header of somebody")


def test_a_temporary_file_without_a_name(media: Media) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(media("photo.jpg").read_bytes())
        file.seek(0)
        assert check([file]).references[0].reference.label == "reference-1"


def test_content_is_prepared(media: Media, tmp_path: Path) -> None:
    kept = media("clip_720p.mp4").read_bytes()
    manifest = prepare(
        [
            Reference(location="dance.mov", content=media("portrait_rot90.mov").read_bytes(), part=Part(end_s=2.5)),
            Reference(location="walk.mp4", content=io.BytesIO(kept), name="walk"),
            media("photo.heic").read_bytes(),
        ],
        out=tmp_path / "out",
    )
    made, same, image = manifest.entries
    assert [entry.source.path for entry in manifest.entries] == ["dance.mov", "walk.mp4", "reference-3"]
    picture = reading.picture(tmp_path / "out" / (made.output.path or ""))
    assert picture.duration_s == pytest.approx(2.5, abs=0.05)
    assert (tmp_path / "out" / (same.output.path or "")).read_bytes() == kept
    assert (same.name, same.steps) == ("walk", ())
    assert made.source.sha256 == reading.sha256(media("portrait_rot90.mov"))
    assert image.output.info.container == "jpeg"
    assert len(os.listdir(tmp_path / "out")) == 4


def test_a_plan_holds_its_content(media: Media, tmp_path: Path) -> None:
    planned = plan([Reference(location="dance.mov", content=media("portrait_rot90.mov").read_bytes())])
    assert prepare(planned, out=tmp_path / "out").entries[0].steps == planned.entries[0].steps


def test_json_does_not_hold_content(media: Media, tmp_path: Path) -> None:
    planned = plan([Reference(location=str(tmp_path / "photo.jpg"), content=media("photo.jpg").read_bytes())])
    told = planned.model_dump_json()
    assert len(told) < 5000
    with pytest.raises(UnreadableError, match="no such file"):
        prepare(Plan.model_validate_json(told), out=tmp_path / "out")
    (tmp_path / "photo.jpg").write_bytes(media("alpha.png").read_bytes())
    with pytest.raises(UsageError, match="changed since it was planned"):
        prepare(Plan.model_validate_json(told), out=tmp_path / "out")


def test_content_that_looks_like_a_url_is_not_asked_for(media: Media) -> None:
    report = check(
        [Reference(location="https://example.com/a.jpg?signature=1", content=media("photo.jpg").read_bytes())]
    )
    assert report.ok


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"hello", "not an image, video or sound"),
        (io.StringIO("text"), "opened as text"),
        (17, "a path, a string"),
        (None, "a path, a string"),
    ],
    ids=["empty", "no media", "text", "a number", "nothing"],
)
def test_refused(content: Any, why: str) -> None:
    with pytest.raises((UsageError, UnreadableError), match=why):
        check([content])


def test_a_closed_file(media: Media) -> None:
    file = media("photo.jpg").open("rb")
    file.close()
    with pytest.raises(UnreadableError, match=r"photo\.jpg: can't be read: .*closed"):
        check([file])


def test_damaged_content_is_called_by_its_name(media: Media, tmp_path: Path) -> None:
    data = media("alpha.png").read_bytes()
    broken = data[:50_000] + bytes(1000) + data[51_000:]
    with pytest.raises(UnreadableError, match=r"^hero\.png: its header is fine"):
        prepare([Reference(location="hero.png", content=broken)], out=tmp_path / "out")


def test_what_was_read_and_can_not_go_back_is_said_to_be(media: Media) -> None:
    pipe = Pipe(media("photo.jpg").read_bytes())
    assert plan([pipe]).entries[0].steps == ()
    with pytest.raises(UnreadableError, match=r"^reference-1: nothing left to read from it, and it can"):
        check([pipe])
