"""Requests that the sandbox accepts and refuses."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from prep.specs import load_spec
from submit.sandbox.judge.request import Verdict, judge

SPEC = load_spec("bytedance/seedance-2.0/reference-to-video")


def _judge(media: Path, **body: Any) -> Verdict:
    def locate(url: str) -> Path | None:
        path = media / url
        return path if path.is_file() else None

    return judge({"prompt": "x", **body}, SPEC, locate)


def _found(verdict: Verdict) -> set[tuple[Any, ...]]:
    return {(*problem.loc[1:], problem.type) for problem in verdict.problems}


def test_a_good_set(media: Path) -> None:
    verdict = _judge(
        media, image_urls=["photo.jpg"], video_urls=["good.mp4", "mute.mov"], audio_urls=["sound.mp3", "sound.wav"]
    )
    assert verdict.problems == ()
    good, mute = verdict.references.videos
    assert (good.container, good.codec, good.audio_codec, good.fps) == ("mp4", "h264", "aac", 24)
    assert (mute.container, mute.audio_codec, mute.width, mute.height) == ("mov", None, 540, 960)
    assert verdict.references.video_s == pytest.approx(5, abs=0.1)
    assert [audio.container for audio in verdict.references.audios] == ["mp3", "wav"]
    assert all(audio.duration_s == pytest.approx(3, abs=0.1) for audio in verdict.references.audios)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({}, set()),
        ({"duration": "auto", "seed": None, "image_urls": None, "unknown": 1}, set()),
        ({"prompt": 1}, {("prompt", "string_type")}),
        ({"duration": 5}, {("duration", "one_of")}),
        ({"duration": "3"}, {("duration", "one_of")}),
        ({"resolution": "8k", "aspect_ratio": "2:1"}, {("resolution", "one_of"), ("aspect_ratio", "one_of")}),
        ({"resolution": []}, {("resolution", "one_of")}),
        ({"seed": 1.5}, {("seed", "int_type")}),
        ({"generate_audio": "yes"}, {("generate_audio", "bool_type")}),
        ({"image_urls": "photo.jpg"}, {("image_urls", "list_type")}),
        ({"image_urls": [1]}, {("image_urls", 0, "string_type")}),
        ({"image_urls": ["gone.jpg"]}, {("image_urls", 0, "file_download_error")}),
        ({"image_urls": ["text.txt"]}, {("image_urls", 0, "image_load_error")}),
        ({"image_urls": ["tiny.png"]}, {("image_urls", 0, "image_too_small"), ("image_urls", 0, "value_error")}),
        ({"image_urls": ["thin.png"]}, {("image_urls", 0, "value_error")}),
        ({"image_urls": ["photo.jpg"] * 10}, {("image_urls", "sequence_too_long")}),
        ({"video_urls": ["text.txt"]}, {("video_urls", 0, "unsupported_video_format")}),
        ({"video_urls": ["photo.jpg"]}, {("video_urls", 0, "unsupported_video_format")}),
        ({"video_urls": ["sound.mp3"]}, {("video_urls", 0, "unsupported_video_format")}),
        (
            {"image_urls": ["photo.jpg"], "audio_urls": ["song.m4a"]},
            {("audio_urls", 0, "unsupported_audio_format")},
        ),
        ({"audio_urls": ["sound.mp3"]}, {("audio_urls", "value_error")}),
        (
            {"image_urls": ["photo.jpg"], "audio_urls": ["sound.mp3"] * 6},
            {("audio_urls", "sequence_too_long"), ("audio_urls", "value_error")},
        ),
        (
            {"image_urls": ["photo.jpg"] * 9, "video_urls": ["mute.mov"], "audio_urls": ["sound.wav"] * 3},
            {("value_error",)},
        ),
    ],
)
def test_each_problem(media: Path, arguments: dict[str, Any], found: set[tuple[Any, ...]]) -> None:
    assert _found(_judge(media, **arguments)) == found


def test_a_missing_prompt() -> None:
    [problem] = judge({}, SPEC, lambda url: None).problems
    assert (problem.loc, problem.type) == (("body", "prompt"), "missing")


def test_everything_wrong_with_a_video_is_told_at_once(media: Path) -> None:
    verdict = _judge(media, image_urls=["photo.jpg"], video_urls=["mute.mov", "slow.mp4"])
    mine = [problem for problem in verdict.problems if problem.loc == ("body", "video_urls", 1)]
    assert mine[0].type == "video_duration_too_short"
    assert mine[0].ctx == {"min_duration": 1.8, "provided_duration": 1.0}
    told = " ".join(problem.msg for problem in mine[1:])
    assert {problem.type for problem in mine[1:]} == {"value_error"}
    for word in ("height", "pixels in all", "frame rate", "codec mpeg4"):
        assert word in told
    assert told.count("`content[3]`") == 4  # the prompt, the image, the first video, this one


@pytest.mark.parametrize(("size", "problems"), [((6000, 2400), 0), ((6001, 2401), 1)], ids=["at", "over"])
def test_image_sides_at_the_limit(tmp_path: Path, size: tuple[int, int], problems: int) -> None:
    Image.new("L", size).save(tmp_path / "wide.png")
    assert len(_judge(tmp_path, image_urls=["wide.png"]).problems) == problems


def test_file_sizes(media: Path, tmp_path: Path) -> None:
    spec = SPEC.model_copy(
        update={
            "image": SPEC.image.model_copy(
                update={
                    "max_bytes": SPEC.image.max_bytes.model_copy(  # type: ignore[union-attr]
                        update={"value": 10, "accepted": 20}
                    )
                }
            )
        }
    )
    [problem] = judge({"prompt": "x", "image_urls": ["p"]}, spec, lambda url: media / "photo.jpg").problems
    assert (problem.type, problem.ctx) == ("file_too_large", {"max_size": 20})


def test_a_truncated_picture_does_not_load(media: Path, tmp_path: Path) -> None:
    whole = (media / "photo.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    assert _found(_judge(tmp_path, image_urls=["cut.jpg"])) == {("image_urls", 0, "image_load_error")}


def test_a_playlist_opens_nothing(media: Path, tmp_path: Path) -> None:
    segment = media / "good.mp4"
    (tmp_path / "list.mp4").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{segment}\n#EXT-X-ENDLIST\n")
    assert _found(_judge(tmp_path, video_urls=["list.mp4"])) == {("video_urls", 0, "unsupported_video_format")}


def test_orientation_counts_for_the_shape(media: Path) -> None:
    [image] = _judge(media, image_urls=["sideways.jpg"]).references.images
    assert (image.width, image.height) == (450, 800)
