"""The request: exactly the arguments that the endpoint takes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prep.errors import ExitCode, NonCompliantError
from prep.model.generation import Generation
from prep.specs import load_spec
from prep.specs.parameters import with_defaults
from submit.job.identity import job_key
from submit.request.build import Request, build_request, compile_prompt
from tests.made import SEEDANCE_2, SEEDANCE_2_5, audio, image, manifest, video

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
HASHES = {tag: f"sha256:{number:064d}" for number, tag in enumerate(("@Video1", "@Image1", "@Audio1"))}
URLS = {tag: f"https://v3.fal.media/files/{tag[1:].lower()}" for tag in ("@Image1", "@Image2", "@Video1", "@Audio1")}


def _filled(endpoint: str = SEEDANCE_2, **fields: Any) -> Generation:
    return with_defaults(Generation(**fields), load_spec(endpoint))


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


def test_any_parameter_is_an_argument() -> None:
    generation = _filled(SEEDANCE_2_5, task="extension", codec="H265", bitrate_mode="high")
    arguments = build_request("x", PREPARED, URLS, generation).arguments()
    assert {arguments[name] for name in ("task", "codec", "bitrate_mode")} == {"extension", "H265", "high"}


def test_a_default_that_nobody_asked_for_is_no_argument() -> None:
    """A job that was paid for before the parameter was known must be found again: its arguments may not change."""
    arguments = build_request("x", manifest(video(), image(), audio()), HASHES, _filled()).arguments()
    assert sorted(arguments) == [
        *("aspect_ratio", "audio_urls", "duration", "generate_audio", "image_urls", "prompt", "resolution"),
        "video_urls",
    ]
    assert job_key(SEEDANCE_2, Request(**arguments)) == (
        "c436d9f7d61fa455998619575b6e0b927d94ecde7940129dd69233e60e0eb25d"
    )


def test_a_request_comes_back_from_the_journal() -> None:
    request = build_request("x", PREPARED, URLS, _filled(SEEDANCE_2_5, task="editing", seed=7))
    assert Request.model_validate_json(request.model_dump_json()) == request
    before = Request.model_validate_json('{"prompt": "x", "resolution": "720p", "generate_audio": true, "seed": null}')
    assert before.arguments() == {"prompt": "x", "resolution": "720p", "generate_audio": True}


@pytest.mark.parametrize("value", [[5], {"a": 1}])
def test_an_argument_is_one_value(value: Any) -> None:
    with pytest.raises(ValueError, match="valid string"):
        Request.model_validate({"prompt": "x", "duration": value})


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
