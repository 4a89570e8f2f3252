"""The request: exactly the arguments that the endpoint takes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prep.errors import ExitCode, NonCompliantError, UsageError
from prep.model.generation import Generation
from prep.specs import load_spec
from submit.request.build import Request, build_request, compile_prompt, with_defaults
from tests.made import ENDPOINTS, FAST, MINI, SEEDANCE_2, SEEDANCE_2_5, audio, image, manifest, video

# fal.ai/models/bytedance/seedance-2.0/reference-to-video, its input schema
SCHEMA = {
    "prompt": str,
    "image_urls": list,
    "video_urls": list,
    "audio_urls": list,
    "resolution": str,
    "duration": str,
    "aspect_ratio": str,
    "generate_audio": bool,
    "seed": int,
    "end_user_id": str,
}
PREPARED = manifest(video(), image(), audio(), image(), names={"@Video1": "walk", "@Image2": "hero"})
URLS = {tag: f"https://v3.fal.media/files/{tag[1:].lower()}" for tag in ("@Image1", "@Image2", "@Video1", "@Audio1")}


def _filled(endpoint: str = SEEDANCE_2, **fields: Any) -> Generation:
    return with_defaults(Generation(**fields), load_spec(endpoint).request)


def test_a_whole_request() -> None:
    generation = _filled(resolution="480p", duration="5", aspect_ratio="9:16", seed=0, end_user_id="u1")
    assert build_request("@Image1 dances", PREPARED, URLS, generation).arguments() == {
        "prompt": "@Image1 dances",
        "image_urls": ["https://v3.fal.media/files/image1", "https://v3.fal.media/files/image2"],
        "video_urls": ["https://v3.fal.media/files/video1"],
        "audio_urls": ["https://v3.fal.media/files/audio1"],
        "resolution": "480p",
        "duration": "5",
        "aspect_ratio": "9:16",
        "generate_audio": True,
        "seed": 0,
        "end_user_id": "u1",
    }


def test_what_is_not_given_is_left_out() -> None:
    only = manifest(image())
    request = build_request("@Image1", only, URLS, _filled(generate_audio=False))
    assert request.arguments() == {
        "prompt": "@Image1",
        "image_urls": ["https://v3.fal.media/files/image1"],
        "resolution": "720p",
        "duration": "auto",
        "aspect_ratio": "auto",
        "generate_audio": False,
    }


@pytest.mark.parametrize("duration", ["auto", "4", "15"])
def test_every_argument_has_the_type_of_the_schema(duration: str) -> None:
    generation = _filled(duration=duration, seed=5, end_user_id="u")
    arguments = json.loads(json.dumps(build_request("x", PREPARED, URLS, generation).arguments()))
    assert {key: type(value) for key, value in arguments.items()} == SCHEMA


def test_urls_stand_in_the_order_of_the_tags() -> None:
    prepared = manifest(image(), video(), image(), image())
    urls = {"@Image3": "c", "@Image1": "a", "@Video1": "v", "@Image2": "b"}
    request = build_request("x", prepared, urls, _filled())
    assert (request.image_urls, request.video_urls, request.audio_urls) == (("a", "b", "c"), ("v",), ())


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_defaults(endpoint: str) -> None:
    assert _filled(endpoint) == Generation(
        resolution="720p", duration="auto", aspect_ratio="auto", generate_audio=True, seed=None, end_user_id=None
    )


@pytest.mark.parametrize(
    ("endpoint", "fields"),
    [
        (SEEDANCE_2, {"duration": "4"}),
        (SEEDANCE_2, {"duration": "15"}),
        (SEEDANCE_2, {"resolution": "1080p"}),
        (SEEDANCE_2, {"aspect_ratio": "21:9"}),
        (SEEDANCE_2_5, {"duration": "30"}),
        (SEEDANCE_2_5, {"resolution": "1080p"}),
        (FAST, {"resolution": "480p"}),
    ],
)
def test_a_value_that_is_allowed_stays(endpoint: str, fields: dict[str, str]) -> None:
    assert _filled(endpoint, **fields).model_dump().items() >= fields.items()


@pytest.mark.parametrize(
    ("endpoint", "fields", "message"),
    [
        (
            SEEDANCE_2,
            {"duration": "3"},
            "duration '3' is not allowed; allowed are auto, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15",
        ),
        (SEEDANCE_2, {"duration": "16"}, "duration '16' is not allowed"),
        (SEEDANCE_2_5, {"duration": "31"}, "duration '31' is not allowed"),
        (SEEDANCE_2, {"duration": "5.0"}, "duration '5.0' is not allowed"),
        (SEEDANCE_2, {"duration": "05"}, "duration '05' is not allowed"),
        (SEEDANCE_2, {"duration": "5s"}, "duration '5s' is not allowed"),
        (SEEDANCE_2, {"duration": "AUTO"}, "duration 'AUTO' is not allowed"),
        (SEEDANCE_2, {"resolution": "4k"}, "resolution '4k' is not allowed; allowed are 480p, 720p, 1080p"),
        (FAST, {"resolution": "1080p"}, "resolution '1080p' is not allowed; allowed are 480p, 720p"),
        (MINI, {"resolution": "1080p"}, "resolution '1080p' is not allowed; allowed are 480p, 720p"),
        (
            SEEDANCE_2,
            {"aspect_ratio": "2:1"},
            "aspect ratio '2:1' is not allowed; allowed are auto, 21:9, 16:9, 4:3, 1:1, 3:4, 9:16",
        ),
    ],
)
def test_a_value_that_is_not_allowed(endpoint: str, fields: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        _filled(endpoint, **fields)
    assert str(caught.value).startswith(message)
    assert caught.value.exit_code == ExitCode.USAGE


def test_all_that_is_not_allowed_is_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        _filled(duration="1", resolution="1p", aspect_ratio="1")
    assert [line.split(" is not")[0] for line in str(caught.value).splitlines()] == [
        "resolution '1p'",
        "duration '1'",
        "aspect ratio '1'",
    ]


def test_a_duration_is_words_not_a_number() -> None:
    with pytest.raises(ValueError, match="valid string"):
        Request.model_validate(
            {"prompt": "x", "resolution": "720p", "duration": 5, "aspect_ratio": "auto", "generate_audio": True}
        )


@pytest.mark.parametrize(
    ("prompt", "compiled"),
    [
        ("@walk", "@Video1"),
        ("@walk, then @hero.", "@Video1, then @Image2."),
        ("@WALK and @Hero", "@Video1 and @Image2"),
        ("@image1 @IMAGE2 @video1 @aUdIo1", "@Image1 @Image2 @Video1 @Audio1"),
        ("@hero's coat", "@Image2's coat"),
        ("(@hero)", "(@Image2)"),
        ("@hero-like", "@Image2-like"),
        ("@hero--", "@Image2--"),
        ("@hero_", "@Image2_"),
        ("a@hero.org and @@hero stay, @hero goes", "a@hero.org and @@hero stay, @Image2 goes"),
        ("雨中的 @hero 走路", "雨中的 @Image2 走路"),
        ("@hero在雨中", "@Image2在雨中"),
        ("让@hero走路", "让@Image2走路"),
        ("  @hero\n\n@walk\t", "  @Image2\n\n@Video1\t"),
        ("$1 \\1 {hero} %s @hero", "$1 \\1 {hero} %s @Image2"),
        ("hero walk", "hero walk"),
    ],
)
def test_names_become_tags_and_nothing_else_changes(prompt: str, compiled: str) -> None:
    assert compile_prompt(prompt, PREPARED)[0] == compiled


def test_the_longer_name_wins() -> None:
    prepared = manifest(video(), video(), names={"@Video1": "walk", "@Video2": "walk-in"})
    assert compile_prompt("@walk-in, @walk, @walk-out", prepared)[0] == "@Video2, @Video1, @Video1-out"


def test_what_is_not_named_is_one_warning() -> None:
    compiled, findings = compile_prompt("@hero", PREPARED)
    assert compiled == "@Image2"
    (finding,) = findings
    assert (finding.rule, finding.severity, finding.tag) == ("prompt-reference-unused", "warning", None)
    assert all(tag in finding.message for tag in ("@Video1", "@Image1", "@Audio1"))


@pytest.mark.parametrize(
    ("prompt", "rules"),
    [
        ("", ["prompt-empty"]),
        ("\n", ["prompt-empty"]),
        ("@nobody with @hero", ["prompt-tag-undefined"]),
        ("@Image3 with @hero", ["prompt-tag-out-of-range"]),
        ("@nobody and @Image3", ["prompt-tag-undefined", "prompt-tag-out-of-range"]),
    ],
)
def test_a_prompt_that_names_what_is_not_there_is_not_sent(prompt: str, rules: list[str]) -> None:
    with pytest.raises(NonCompliantError) as caught:
        compile_prompt(prompt, PREPARED)
    found: Any = caught.value.findings
    assert [finding.rule for finding in found if finding.severity == "error"] == rules
    assert caught.value.exit_code == ExitCode.FINDINGS


@given(words=st.lists(st.sampled_from(["@hero", "@Image2", "@walk", "a", "b@c", ",", "(", ")", "好"]), max_size=12))
@settings(deadline=None)
def test_compiling_twice_changes_nothing_more(words: list[str]) -> None:
    prompt = "x " + " ".join(words)
    once = compile_prompt(prompt, PREPARED)[0]
    assert compile_prompt(once, PREPARED)[0] == once
    assert "@hero" not in once and "@walk" not in once
    assert once.count("@Image2") == words.count("@hero") + words.count("@Image2")
