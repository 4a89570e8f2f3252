"""Limits that a document states in words alone, as fal's do for most endpoints."""

from typing import Any

import pytest

from prep.specs import load_spec
from prep.specs.drift import Drift, compare
from prep.specs.openapi import read_input
from prep.specs.prose import containers, quantities
from tests.made import SEEDANCE_2, SEEDANCE_2_5
from tests.published import published

IMAGES = "Pictures to go by, called @Image1, @Image2. JPEG, PNG, WebP. At most 9 images, each at most 30 MB. 12 in all."
VIDEOS = (
    "Clips to go by, such as @Video1. MP4, MOV. At most 3 videos of together between 2 and 15 seconds, below 50 MB. "
    "Each from ~480p (640x640) to ~720p (834x1112)."
)
SOUNDS = "Sounds to go by, such as @Audio1. MP3, WAV. At most 3 files, together 15 seconds, 15 MB each.Not alone."
WORDS = {"image_urls": IMAGES, "video_urls": VIDEOS, "audio_urls": SOUNDS}


def worded(**texts: str) -> dict[str, Any]:
    """A document whose lists of references are any strings, with *texts* about them; titles and nulls as they come."""
    lists = {
        name: {
            "title": name.replace("_", " ").title(),
            "description": texts.get(name, words),
            "anyOf": [{"items": {"type": "string"}, "type": "array"}, {"type": "null"}],
            "examples": [["https://example.com/1920x1080/a.webm"]],
            "ui": {"field": "video"},
        }
        for name, words in WORDS.items()
    }
    document = published(image_urls=None, video_urls=None, audio_urls=None)
    document["components"]["schemas"]["ReferenceInput"]["properties"] |= lists
    document["components"]["schemas"]["ReferenceInput"]["x-fal-order-properties"] = ["prompt", *lists]
    return document


def _drift(endpoint: str = SEEDANCE_2, **texts: str) -> Drift:
    return compare(read_input(worded(**texts), "doc.json"), load_spec(endpoint))


def test_the_same_in_words_is_no_difference() -> None:
    drift = _drift()
    assert drift.differences == ()
    assert {"image.max_count", "video.max_total_bytes", "audio.containers"} <= set(drift.in_words) & set(drift.agreed)
    assert {"video.max_duration_s", "video.codecs"} <= set(drift.not_stated), "stated by the provider, not here"
    assert [one.key for one in drift.prose] == [*WORDS]


@pytest.mark.parametrize(
    ("name", "old", "new", "limit", "here"),
    [
        ("image_urls", "9 images", "12 images", "image.max_count", 9),
        ("image_urls", "30 MB", "10MB", "image.max_bytes", 30_000_000),
        ("image_urls", "30 MB", "1.5 GB", "image.max_bytes", 30_000_000),
        ("video_urls", "15 seconds", "30 seconds", "video.max_duration_s", 15.0),
        ("video_urls", "2 and", "1 and", "video.min_duration_s", 2.0),
        ("video_urls", "between 2 and 15 seconds", "2-15.5s", "video.max_duration_s", 15.0),
        ("video_urls", "50 MB", "200 MB", "video.max_total_bytes", 49_999_999),
        ("video_urls", "834x1112", "1920×1088", "video.max_area_px", 927_408),
        ("video_urls", "below", "at 24 to 120 fps, below", "video.max_fps", 60.0),
        ("audio_urls", "3 files", "5 files", "audio.max_count", 3),
        ("audio_urls", "15 MB", "15 KB", "audio.max_bytes", 15_000_000),
    ],
)
def test_another_number_is_a_difference(name: str, old: str, new: str, limit: str, here: float) -> None:
    assert old in WORDS[name]
    (difference,) = _drift(**{name: WORDS[name].replace(old, new)}).differences
    assert (difference.limit, difference.key, difference.here) == (limit, f"{name}.description", here)


@pytest.mark.parametrize("words", ["50 MiB", "50MB", "52 MB", "15.2 s", "1.8 to 15 secs", "720p", "@Video4", "4 takes"])
def test_what_is_accepted_and_what_is_no_limit(words: str) -> None:
    assert _drift(video_urls=f"{VIDEOS} {words}.").differences == ()


def test_formats() -> None:
    (difference,) = _drift(image_urls=IMAGES.replace("WebP", "WebP, HEIC")).differences
    assert (difference.limit, difference.there) == ("image.containers", ("jpeg", "png", "webp", "heif"))
    assert _drift(image_urls=IMAGES.replace("JPEG, PNG, WebP", "webp png JPG")).differences == ()


def test_against_a_spec_without_such_a_limit() -> None:
    found = {one.limit for one in _drift(SEEDANCE_2_5).differences if one.key == "video_urls.description"}
    assert found == {"video.max_count", "video.max_duration_s", "video.max_bytes", "video.min_duration_s"}


def test_numbers_and_their_units() -> None:
    assert [quantity.values for quantity in quantities("2–15 s")] == [(2.0,), (15.0,)]
    assert [quantity.values for quantity in quantities("1,024 KB")] == [(1_024_000.0, 1_048_576.0)]
    assert list(quantities("no 4K, 16:9, 24p, v2.0, 3rd, and 1080p")) == []
    assert containers("An mp3player is no MP3") == ("mp3",)


def test_choices_in_branches() -> None:
    """A literal is a constant to pydantic, and several branches of choices are all of them."""
    branches = [{"const": "auto", "type": "string"}, {"enum": ["4", "5"], "type": "string"}, {"type": "null"}]
    found = read_input(published(resolution=None, aspect_ratio={"anyOf": branches, "allOf": []}), "doc.json")
    assert found.properties["aspect_ratio"]["enum"] == ["auto", "4", "5"]
    open_ended = [{"enum": ["4"], "type": "string"}, {"type": "string"}]
    assert "enum" not in read_input(published(seed={"anyOf": open_ended}), "doc.json").properties["seed"]


@pytest.mark.parametrize(
    ("words", "values"),
    [("2,500 files", (2500,)), ("1.5 s", (1.5,)), ("PNG.9 files", (9,)), ("1.2.3 s", ()), ("1,5 s", ())],
)
def test_what_is_a_number(words: str, values: tuple[float, ...]) -> None:
    assert tuple(quantity.values[0] for quantity in quantities(words)) == values


def test_digits_without_end_are_gone_through_once() -> None:
    assert list(quantities("1" * 1_000_000)) == []
