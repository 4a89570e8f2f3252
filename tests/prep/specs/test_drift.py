"""Drift: an endpoint's published document compared with a spec."""

import json
from pathlib import Path
from typing import Any

import pytest

from prep.render.drift import drift_text
from prep.specs import load_spec
from prep.specs.drift import Drift, compare
from prep.specs.openapi import read_input
from tests.made import SEEDANCE_2, SEEDANCE_2_5
from tests.published import DOCUMENT, X_FAL_VIDEO, published

SPEC = load_spec(SEEDANCE_2)


def _drift(**changes: Any) -> Drift:
    return compare(read_input(published(**changes), "doc.json"), SPEC)


def _differences(drift: Drift) -> dict[str, tuple[Any, Any]]:
    return {one.key: (one.here, one.there) for one in drift.differences}


def test_no_difference() -> None:
    drift = _drift()
    assert (drift.differences, drift.beyond, drift.reshaped) == ((), (), ())
    assert set(drift.agreed) == {
        "image.max_count",
        "video.max_count",
        "video.min_area_px",
        "video.max_area_px",
        "video.min_fps",
        "video.max_fps",
        "video.min_total_duration_s",
        "video.max_total_duration_s",
        "video.max_total_bytes",
        "audio.max_count",
        "audio.max_bytes",
        "image.max_bytes",
        *(f"request.{name}" for name, _ in SPEC.request),
        *(f"request.{name}.default" for name, parameter in SPEC.request if parameter.default is not None),
    }
    assert drift.in_words == ("image.max_bytes",)
    assert {"video.codecs", "set.max_files", "video.max_duration_s"} <= set(drift.not_stated)
    assert [statement.key for statement in drift.prose] == ["image_urls"]


@pytest.mark.parametrize(
    ("key", "value", "limit"),
    [
        ("max_file_size", 1, "max_bytes"),
        ("min_width", 301, "min_side_px"),
        ("min_height", 299, "min_side_px"),
        ("max_width", 5999, "max_side_px"),
        ("max_height", 6001, "max_side_px"),
        ("min_area", 409_599, "min_area_px"),
        ("max_area", 2_086_876, "max_area_px"),
        ("min_aspect_ratio", 0.41, "min_aspect"),
        ("max_aspect_ratio", 2.4, "max_aspect"),
        ("min_duration", 1.7, "min_duration_s"),
        ("max_duration", 15.3, "max_duration_s"),
        ("min_fps", 23.9, "min_fps"),
        ("max_fps", 61, "max_fps"),
    ],
)
def test_a_limit_of_each_video(key: str, value: float, limit: str) -> None:
    (difference,) = _drift(video_urls={"x-fal": X_FAL_VIDEO | {key: value}}).differences
    assert (difference.limit, difference.key) == (f"video.{limit}", f"video_urls.x-fal.{key}")
    assert difference.there == value
    assert difference.here == getattr(getattr(SPEC.video, limit), "value", None)


@pytest.mark.parametrize("value", [1.8, 1.9, 2, 2.0])
def test_what_is_accepted_agrees(value: float) -> None:
    drift = _drift(video_urls={"x-fal": {"min_duration": value}})
    assert drift.differences == () and "video.min_duration_s" in drift.agreed


@pytest.mark.parametrize("value", [1.79, 2.01, "2", True, None, [2]])
def test_what_is_not_accepted_differs(value: Any) -> None:
    assert _differences(_drift(video_urls={"x-fal": {"min_duration": value}})) == {
        "video_urls.x-fal.min_duration": (2.0, value)
    }


def test_limits_over_the_list_are_apart_from_those_of_each() -> None:
    drift = _drift(video_urls={"x-fal": {"max_duration": 15, "combined": {"max_duration": 30, "max_file_size": 1}}})
    assert _differences(drift) == {
        "video_urls.x-fal.combined.max_duration": (15.0, 30),
        "video_urls.x-fal.combined.max_file_size": (49_999_999, 1),
    }


def test_choices_and_defaults() -> None:
    drift = _drift(
        resolution={"enum": ["480p", "720p"], "default": "480p"}, duration={"enum": ["auto", 5], "default": "auto"}
    )
    assert _differences(drift) == {
        "resolution.enum": (("480p", "720p", "1080p", "4k"), ("480p", "720p")),
        "resolution.default": ("720p", "480p"),
        "duration.enum": (SPEC.request.duration.choices, ("auto", "5")),
    }


def test_more_files() -> None:
    assert _differences(_drift(image_urls={"maxItems": 30})) == {"image_urls.maxItems": (9, 30)}


def test_arguments_that_came_and_went() -> None:
    document = published(audio_urls=None, mask_url={"type": "string", "description": "What to leave alone."})
    document["components"]["schemas"]["ReferenceInput"]["required"] = ["prompt", "mask_url"]
    drift = compare(read_input(document, "doc.json"), SPEC)
    assert _differences(drift) == {"audio_urls": ("sent", None), "required.mask_url": (None, "required")}
    assert [(one.key, one.value) for one in drift.beyond] == [("mask_url", "What to leave alone.")]


@pytest.mark.parametrize(
    ("name", "schema", "differences"),
    [
        ("bitrate_mode", {"enum": ["standard", "high", "max"]}, {"bitrate_mode.enum": "request.bitrate_mode"}),
        ("bitrate_mode", {"default": "high"}, {"bitrate_mode.default": "request.bitrate_mode.default"}),
        ("generate_audio", {"default": False}, {"generate_audio.default": "request.generate_audio.default"}),
        ("generate_audio", {"type": "string"}, {"generate_audio.type": "request.generate_audio"}),
        ("seed", {"type": "integer"}, {"seed": "request.seed"}),
        ("end_user_id", None, {"end_user_id": "request.end_user_id"}),
        ("bitrate_mode", None, {"bitrate_mode": "request.bitrate_mode"}),
    ],
)
def test_any_parameter_is_compared(name: str, schema: Any, differences: dict[str, str]) -> None:
    assert {one.key: one.limit for one in _drift(**{name: schema}).differences} == differences


def test_the_document_of_september() -> None:
    """The OpenAPI document of 2026-09-22: media limits in descriptions alone; all but upstream's are compared."""
    document = json.loads((Path(__file__).parent / "openapi-2026-09-22.json").read_text("utf-8"))
    drift = compare(read_input(document, "doc.json"), SPEC)
    assert (drift.differences, drift.beyond) == ((), ())
    assert {"image.max_count", "video.max_count", "audio.max_count"} <= set(drift.agreed) - set(drift.in_words)
    stated = [
        (group, name) for group in ("image", "video", "audio", "set") for name, limit in getattr(SPEC, group) if limit
    ]
    documented = {
        f"{group}.{name}" for group, name in stated if getattr(getattr(SPEC, group), name).basis == "documented"
    }
    counted = {"image.max_count", "video.max_count", "audio.max_count", "set.audio_needs_visual"}
    assert set(drift.in_words) == documented - counted
    assert "request.seed" in drift.agreed, "neither lists it"
    text = drift_text(drift, "doc.json")
    assert text.endswith("no difference; 27 limits agree, 12 of them in words")


@pytest.mark.parametrize(
    ("old", "new", "limit"),
    [("up to 9 images", "up to 12 images", "image.max_count"), ("12 files", "15 files", "set.max_files")],
)
def test_a_number_in_words_counts_once(old: str, new: str, limit: str) -> None:
    text = (Path(__file__).parent / "openapi-2026-09-22.json").read_text("utf-8")
    drift = compare(read_input(json.loads(text.replace(old, new)), "doc.json"), SPEC)
    assert [one.limit for one in drift.differences] == [limit]
    assert limit not in drift.agreed


def test_what_a_spec_has_no_place_for_is_told_and_is_no_difference() -> None:
    drift = _drift(
        prompt={"maxLength": 4000},
        video_urls={"minItems": 1, "x-fal": {"min_frames": 24, "combined": {"max_frames": 450}}},
        audio_urls={"x-fal": {"max_width": 5}},
    )
    assert drift.differences == ()
    assert {one.key: one.value for one in drift.beyond} == {
        "prompt.maxLength": 4000,
        "video_urls.minItems": 1,
        "video_urls.x-fal.min_frames": 24,
        "video_urls.x-fal.combined.max_frames": 450,
        "audio_urls.x-fal.max_width": 5,
    }


def test_what_is_reshaped_is_no_limit() -> None:
    drift = _drift(video_urls={"x-fal": {"normalization": {"max_duration": 10, "fps": 24}}})
    assert drift.differences == ()
    assert {one.key: one.value for one in drift.reshaped} == {
        "video_urls.x-fal.normalization.max_duration": 10,
        "video_urls.x-fal.normalization.fps": 24,
    }


@pytest.mark.parametrize("odd", [5, [], "x", {"combined": 5}, {"combined": [], "normalization": "x"}])
def test_an_odd_x_fal_is_nothing(odd: Any) -> None:
    assert _drift(video_urls={"x-fal": odd}).differences == ()


def test_against_another_spec() -> None:
    drift = compare(read_input(DOCUMENT, "doc.json"), load_spec(SEEDANCE_2_5))
    assert (drift.endpoint, drift.document) == (SEEDANCE_2_5, SEEDANCE_2)
    assert _differences(drift)["image_urls.maxItems"] == (30, 9)
