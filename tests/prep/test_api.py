"""Whole sets through check, plan and prepare, on real media."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from prep import Options, Progress, Reference, check, plan, prepare
from prep.errors import PrepError, UnreadableError, UsageError
from prep.model.plan import Plan
from tests.prep.media import reading
from tests.types import Media

# Every kind, with and without work to do.
SET = (
    "photo.jpg",
    "photo_orient6.jpg",
    "photo.heic",
    "panorama.png",
    "portrait_rot90.mov",
    "clip_720p.mp4",
    "h264_aac.mkv",
    "tone_5s.m4a",
    "short_1s.wav",
)
COMPLIANT = (
    "photo.jpg",
    "photo.webp",
    "alpha.png",
    "cmyk.jpg",
    "at_limit_6000.jpg",
    "clip_720p.mp4",
    "silent_720p.mp4",
    "gps.mov",
    "voice.mp3",
    "tone_5s.wav",
)


def _state(paths: list[Path]) -> list[tuple[str, int, int]]:
    return [(reading.sha256(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths]


def test_a_set_of_everything(media: Media, tmp_path: Path) -> None:
    sources = [media(name) for name in SET]
    before = _state(sources)
    manifest = prepare(sources, out=tmp_path / "out")
    assert _state(sources) == before
    assert [entry.tag for entry in manifest.entries] == [
        "@Image1",
        "@Image2",
        "@Image3",
        "@Image4",
        "@Video1",
        "@Video2",
        "@Video3",
        "@Audio1",
        "@Audio2",
    ]
    names = [entry.output.path for entry in manifest.entries]
    assert reading.left(tmp_path / "out") == sorted([*names, "manifest.json"])
    assert names[:2] == ["image1-photo.jpg", "image2-photo_orient6.jpg"]

    videos = [tmp_path / "out" / name for name in names[4:7]]
    audios = [tmp_path / "out" / name for name in names[7:]]
    assert 2 <= sum(reading.container_s(path) for path in videos) <= 15
    assert sum(reading.container_s(path) for path in audios) <= 15
    assert sum(path.stat().st_size for path in videos) < 50_000_000
    assert check([tmp_path / "out" / name for name in names]).ok


def test_files_of_an_earlier_run_are_replaced_or_named(media: Media, tmp_path: Path) -> None:
    out = tmp_path / "out"
    prepare([media("photo.jpg"), media("at_limit_300.png")], out=out)
    again = prepare([media("photo.jpg")], out=out)
    finding = next(item for item in again.findings if item.rule == "output-earlier-files")
    assert "image2-at_limit_300.png is from an earlier run" in finding.message
    assert reading.left(out) == ["image1-photo.jpg", "image2-at_limit_300.png", "manifest.json"]
    assert prepare([media("photo.jpg")], out=tmp_path / "new").findings == ()


def test_the_manifest_agrees_with_the_files(media: Media, tmp_path: Path) -> None:
    sources = [media(name) for name in SET]
    manifest = prepare(sources, out=tmp_path / "out")
    document: dict[str, Any] = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert {"endpoint", "entries", "totals", "spec", "tool"} <= set(document)
    assert set(document["spec"]) == {"endpoint", "checked"}
    assert set(document["tool"]) == {"version", "ffmpeg"}
    totals = ("files", "images", "videos", "audios", "video_duration_s", "video_bytes", "audio_duration_s")
    assert set(document["totals"]) == set(totals)
    for entry, source in zip(document["entries"], sources, strict=True):
        assert {"tag", "name", "kind", "source", "output", "steps"} <= set(entry)
        output = tmp_path / "out" / entry["output"]["path"]
        assert entry["output"]["path"] == output.name
        assert entry["output"]["sha256"] == reading.sha256(output)
        assert entry["output"]["bytes"] == output.stat().st_size
        assert entry["source"]["path"] == str(source)
        assert entry["source"]["sha256"] == reading.sha256(source)
        assert entry["source"]["bytes"] == source.stat().st_size
        assert (entry["steps"] == []) == (entry["output"]["sha256"] == entry["source"]["sha256"])
        assert all(step["because"] for step in entry["steps"])
        wanted = {"image": "mode", "video": "avg_fps", "audio": "channels"}[entry["kind"]]
        assert wanted in entry["output"] and wanted in entry["source"]
    assert document["totals"]["files"] == len(SET)
    assert document["totals"]["video_bytes"] == sum(
        entry["output"]["bytes"] for entry in document["entries"] if entry["kind"] == "video"
    )
    assert type(manifest).model_validate(document) == manifest.model_copy(update={"folder": None})


@pytest.mark.parametrize("name", COMPLIANT)
def test_what_complies_leaves_byte_identical(media: Media, tmp_path: Path, name: str) -> None:
    beside = [media("at_limit_300.png")] if name.endswith((".mp3", ".wav")) else []
    entry = prepare([*beside, media(name)], out=tmp_path / "out").entries[-1]
    assert entry.steps == ()
    assert reading.sha256(tmp_path / "out" / entry.output.path) == reading.sha256(media(name))


def test_a_second_preparation_changes_nothing(media: Media, tmp_path: Path) -> None:
    first = prepare([media(name) for name in SET], out=tmp_path / "first")
    paths = [tmp_path / "first" / entry.output.path for entry in first.entries]
    second = prepare(paths, out=tmp_path / "second")
    assert [entry.steps for entry in second.entries] == [()] * len(SET)
    assert [entry.output.path for entry in second.entries] == [entry.output.path for entry in first.entries]
    assert [entry.output.sha256 for entry in second.entries] == [entry.output.sha256 for entry in first.entries]


def test_the_same_twice_into_one_folder(media: Media, tmp_path: Path) -> None:
    names = ("photo_orient6.jpg", "short_1s.wav")
    first = prepare([media(name) for name in names], out=tmp_path / "out")
    second = prepare([media(name) for name in names], out=tmp_path / "out")
    assert second == first
    assert len(reading.left(tmp_path / "out")) == 3


def test_three_long_videos_share_fifteen_seconds(media: Media, tmp_path: Path) -> None:
    sources = [f"{media('clip_720p_10s.mp4')}#t=0,4", media("clip_720p_10s.mp4"), media("silent_720p.mp4")]
    manifest = prepare(sources, out=tmp_path / "out")
    lengths = [reading.container_s(tmp_path / "out" / entry.output.path) for entry in manifest.entries]
    assert sum(lengths) <= 15
    assert lengths[0] == pytest.approx(4, abs=0.03)  # the user's own part is taken as given
    assert lengths[2] == 5  # short ones stay whole
    assert lengths[1] == pytest.approx(5.9, abs=0.1)


def test_an_output_never_replaces_a_source(media: Media, tmp_path: Path) -> None:
    source = tmp_path / "image1-photo_orient6.jpg"
    source.write_bytes(media("photo_orient6.jpg").read_bytes())
    before = _state([source])
    with pytest.raises(UsageError, match=r"image1-photo_orient6\.jpg.*another folder"):
        prepare([source], out=tmp_path)
    assert _state([source]) == before
    assert reading.left(tmp_path) == [source.name]


def test_into_the_folder_of_the_sources(media: Media, tmp_path: Path) -> None:
    source = tmp_path / "photo.jpg"
    source.write_bytes(media("photo_orient6.jpg").read_bytes())
    before = _state([source])
    prepare([source], out=tmp_path)
    assert _state([source]) == before
    assert reading.left(tmp_path) == ["image1-photo.jpg", "manifest.json", "photo.jpg"]


def test_progress_of_an_encode_grows_to_one(media: Media, tmp_path: Path) -> None:
    events: list[Progress] = []
    prepare([media("portrait_rot90.mov")], out=tmp_path / "out", progress=events.append)
    parts = [event.part for event in events if event.stage == "prepare"]
    assert parts[0] == 0
    assert parts[-1] == 1
    assert parts == sorted(parts)


def test_a_plan_survives_json_and_is_carried_out_as_it_is(media: Media, tmp_path: Path) -> None:
    references = [
        Reference(location=str(media("photo_orient6.jpg")), name="hero"),
        Reference(location=str(media("tone_5s.m4a"))),
    ]
    planned = plan(references)
    again = Plan.model_validate_json(planned.model_dump_json())
    assert again == planned
    manifest = prepare(again, out=tmp_path / "out")
    assert [entry.steps for entry in manifest.entries] == [entry.steps for entry in planned.entries]
    assert manifest.entries[0].name == "hero"


def test_a_source_that_changed_since_it_was_planned(media: Media, tmp_path: Path) -> None:
    source = tmp_path / "photo.jpg"
    source.write_bytes(media("photo_orient6.jpg").read_bytes())
    planned = plan([source])
    source.write_bytes(media("photo_orient3.jpg").read_bytes())
    with pytest.raises(UsageError, match=r"photo\.jpg.*changed"):
        prepare(planned, out=tmp_path / "out")
    source.unlink()
    with pytest.raises(UnreadableError, match=r"photo\.jpg"):
        prepare(planned, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_another_picture_with_the_same_facts_is_a_change_too(media: Media, tmp_path: Path) -> None:
    """Same size in pixels and in bytes: only the content tells."""
    source = tmp_path / "photo.bmp"
    source.write_bytes(media("photo.bmp").read_bytes())
    planned = plan([source])
    with Image.open(source) as image:
        image.transpose(Image.Transpose.ROTATE_180).save(source)
    assert source.stat().st_size == media("photo.bmp").stat().st_size
    with pytest.raises(UsageError, match=r"photo\.bmp.*changed"):
        prepare(planned, out=tmp_path / "out")


def test_a_plan_from_elsewhere_writes_nowhere_else(media: Media, tmp_path: Path) -> None:
    planned = plan([media("photo_orient6.jpg")])
    evil = planned.entries[0].model_copy(update={"tag": "@../../escaped"})
    with pytest.raises(PrepError):
        prepare(planned.model_copy(update={"entries": (evil,)}), out=tmp_path / "a" / "b" / "out")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_plan_that_promises_too_much_is_found_out(media: Media, tmp_path: Path) -> None:
    """A plan whose steps were taken out is judged by what it predicts, whatever else it says."""
    planned = plan([media("panorama.png")])
    empty = planned.entries[0].model_copy(update={"steps": ()})
    with pytest.raises(UsageError, match=r"entries\.0\.predicted: doesn't match the steps"):
        prepare(planned.model_copy(update={"entries": (empty,)}), out=tmp_path / "out")
    resigned = empty.model_copy(update={"predicted": empty.source})
    with pytest.raises(UsageError, match="image-aspect-too-wide"):
        prepare(planned.model_copy(update={"entries": (resigned,)}), out=tmp_path / "out")
    assert reading.left(tmp_path) == []


def test_planning_and_checking_write_nothing(media: Media, tmp_path: Path) -> None:
    sources = [media(name) for name in SET]
    before = _state(sources)
    assert not check(sources).ok
    plan(sources)
    assert _state(sources) == before
    assert reading.left(tmp_path) == []


def test_the_working_directory_and_the_environment_stay(media: Media, tmp_path: Path) -> None:
    directory, environment = os.getcwd(), dict(os.environ)
    prepare([media("photo_orient6.jpg")], out=tmp_path / "out")
    assert (os.getcwd(), dict(os.environ)) == (directory, environment)


def test_one_path_is_a_list_of_one(media: Media) -> None:
    assert check(str(media("photo.jpg"))).ok
    assert len(check(media("photo.jpg")).references) == 1


def test_private_metadata_in_what_is_not_made_is_a_warning(media: Media, tmp_path: Path) -> None:
    manifest = prepare([media("photo_gps.jpg")], out=tmp_path / "out")
    assert {(finding.rule, finding.severity) for finding in manifest.findings} == {
        ("image-private-metadata", "warning")
    }
    assert manifest.entries[0].steps == ()


def test_the_limits_of_another_endpoint(media: Media, tmp_path: Path) -> None:
    """2.5 takes GIF, HEIC, TIFF and BMP, and 1080p videos of 20 s as they are."""
    names = ("photo.heic", "photo.tiff", "photo.bmp", "clip_1080p_20s.mp4")
    manifest = prepare([media(name) for name in names], "bytedance/seedance-2.5/reference-to-video", out=tmp_path / "o")
    assert [entry.steps for entry in manifest.entries] == [()] * 4
    assert [Path(entry.output.path).suffix for entry in manifest.entries] == [".heic", ".tiff", ".bmp", ".mp4"]


def test_options_have_their_say(media: Media, tmp_path: Path) -> None:
    planned = plan([media("clip_720p.mp4"), media("panorama.png")], options=Options(mute=True, fit="crop"))
    kinds = [[step.kind for step in entry.steps] for entry in planned.entries]
    assert kinds == [["mute", "remux"], ["crop", "encode-image"]]
