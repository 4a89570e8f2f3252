"""What the platform says when it refuses, told about the user's files."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from submit.ports import Refusal
from submit.refusal import findings_of
from tests.made import audio, image, manifest, video

SECRET = "the whole request, with signed URLs"
# in the user's order: the tags count each kind by itself, and so do the arguments
PREPARED = manifest(video(), image(), audio(), image(), video(), folder="/home/me/clips")


def _refused(detail: Any, error_type: str | None = None, message: str = "submitting: refused") -> Refusal:
    return Refusal(message, 422, detail, error_type)


def _problem(kind: str, message: str = "no", loc: Any = ("body", "prompt"), ctx: Any = None) -> dict[str, Any]:
    problem = {"loc": list(loc), "msg": message, "type": kind, "url": f"https://docs.fal.ai/errors#{kind}"}
    return problem | ({"ctx": ctx} if ctx else {}) | {"input": {"prompt": SECRET, "image_urls": [SECRET]}}


IMAGE, VIDEO, AUDIO = ("body", "image_urls", 1), ("body", "video_urls", 0), ("body", "audio_urls", 0)
PARTNER = {"extra_info": {"reason": "partner_validation_failed"}}
# fal.ai/docs/model-apis/errors: every type that is documented, where it may point to, and its context
DOCUMENTED = [
    ("content_policy_violation", ("body", "prompt"), PARTNER, None),
    ("content_policy_violation", IMAGE, PARTNER, "@Image2"),
    ("image_too_small", IMAGE, {"min_height": 300, "min_width": 300}, "@Image2"),
    ("image_too_large", IMAGE, {"max_height": 6000, "max_width": 6000}, "@Image2"),
    ("image_load_error", IMAGE, None, "@Image2"),
    ("file_download_error", VIDEO, None, "@Video1"),
    ("file_too_large", VIDEO, {"max_size": 52_428_800}, "@Video1"),
    ("face_detection_error", IMAGE, None, "@Image2"),
    ("no_media_generated", ("body",), None, None),
    ("feature_not_supported", ("body", "resolution"), None, None),
    ("one_of", ("body", "duration"), {"expected": ["auto", "4"]}, None),
    ("greater_than", ("body", "seed"), {"gt": 0}, None),
    ("greater_than_equal", ("body", "seed"), {"ge": 0}, None),
    ("less_than", ("body", "seed"), {"lt": 5}, None),
    ("less_than_equal", ("body", "seed"), {"le": 5}, None),
    ("multiple_of", ("body", "seed"), {"multiple_of": 2}, None),
    ("sequence_too_short", ("body", "image_urls"), {"min_length": 1}, None),
    ("sequence_too_long", ("body", "image_urls"), {"max_length": 9}, None),
    ("audio_duration_too_long", AUDIO, {"max_duration": 15, "provided_duration": 20.5}, "@Audio1"),
    ("video_duration_too_long", ("body", "video_urls", 1), {"max_duration": 15, "provided_duration": 20}, "@Video2"),
    ("audio_duration_too_short", AUDIO, {"min_duration": 2, "provided_duration": 1}, "@Audio1"),
    ("video_duration_too_short", VIDEO, {"min_duration": 2, "provided_duration": 1}, "@Video1"),
    ("unsupported_audio_format", AUDIO, {"supported_formats": [".mp3", ".wav"]}, "@Audio1"),
    ("unsupported_image_format", IMAGE, {"supported_formats": [".jpg"]}, "@Image2"),
    ("unsupported_video_format", VIDEO, {"supported_formats": [".mp4"]}, "@Video1"),
    ("internal_server_error", ("body",), None, None),
    ("generation_timeout", ("body",), None, None),
    ("downstream_service_error", ("body",), None, None),
    ("downstream_service_unavailable", ("body",), None, None),
]
FILES = {
    "@Image1": "image1.jpeg",
    "@Image2": "image2.jpeg",
    "@Video1": "video1.mp4",
    "@Video2": "video2.mp4",
    "@Audio1": "audio1.mp3",
    None: None,
}


@pytest.mark.parametrize(
    ("kind", "loc", "ctx", "tag"), DOCUMENTED, ids=[f"{kind}-{loc[-1]}" for kind, loc, _, _ in DOCUMENTED]
)
def test_a_documented_error(kind: str, loc: Any, ctx: Any, tag: str | None) -> None:
    (finding,) = findings_of(_refused([_problem(kind, "It will not do.", loc, ctx)]), PREPARED)
    assert finding.rule == "refused-" + kind.replace("_", "-")
    assert finding.message == "It will not do."
    assert (finding.severity, finding.basis, finding.fix) == ("error", "upstream", None)
    assert finding.tag == tag
    assert (finding.subject or "").endswith(FILES[tag] or "")
    assert SECRET not in finding.model_dump_json()


def test_the_subject_is_the_name_of_the_file_as_in_every_finding() -> None:
    """docs/json.md: `subject` is the file's name."""
    (finding,) = findings_of(_refused([_problem("image_load_error", loc=IMAGE)]), PREPARED)
    assert finding.subject == "image2.jpeg"


@pytest.mark.parametrize(
    ("index", "tag"),
    [
        # content[0] is the prompt; then images, videos, sounds
        (0, None),
        (1, "@Image1"),
        (2, "@Image2"),
        (3, "@Video1"),
        (4, "@Video2"),
        (5, "@Audio1"),
        (6, None),
        (999, None),
    ],
)
def test_content_i_is_the_users_file(index: int, tag: str | None) -> None:
    message = f"the parameter `content[{index}]` specified in the request is not valid: too many pixels"
    (finding,) = findings_of(_refused([_problem("value_error", message, ("body",))]), PREPARED)
    assert finding.tag == tag
    assert finding.message == message


def test_a_location_says_more_than_a_message() -> None:
    (finding,) = findings_of(_refused([_problem("image_load_error", "see content[3]", IMAGE)]), PREPARED)
    assert finding.tag == "@Image2"


@pytest.mark.parametrize(
    "loc",
    [
        (),
        ("body",),
        ("body", "image_urls"),
        ("body", "image_urls", 9),
        ("body", "image_urls", -1),
        ("body", "image_urls", "1"),
        ("body", "mask_urls", 0),
        ("body", "image_urls", "x", 1),
        (0, "image_urls"),
    ],
    ids=str,
)
def test_a_location_that_is_no_file(loc: Any) -> None:
    (finding,) = findings_of(_refused([_problem("value_error", "no", loc)]), PREPARED)
    assert (finding.tag, finding.subject) == (None, None)


def test_every_problem_is_told() -> None:
    problems = [
        _problem("image_too_small", "a", IMAGE),
        _problem("one_of", "b"),
        _problem("file_too_large", "c", VIDEO),
    ]
    found = findings_of(_refused(problems), PREPARED)
    assert [(finding.rule, finding.message, finding.tag) for finding in found] == [
        ("refused-image-too-small", "a", "@Image2"),
        ("refused-one-of", "b", None),
        ("refused-file-too-large", "c", "@Video1"),
    ]


@pytest.mark.parametrize(
    "error_type",
    [
        "request_timeout",
        "startup_timeout",
        "runner_scheduling_failure",
        "runner_connection_timeout",
        "client_disconnected",
        "client_cancelled",
        "bad_request",
        "internal_error",
    ],
)
def test_a_request_error_is_one_finding(error_type: str) -> None:
    refusal = _refused("Startup timed out", error_type, "fetching the result: Startup timed out")
    (finding,) = findings_of(refusal, PREPARED)
    assert (finding.rule, finding.actual) == ("refused-otherwise", error_type)
    assert finding.message == "fetching the result: Startup timed out"
    assert (finding.severity, finding.subject, finding.tag) == ("error", None, None)


@pytest.mark.parametrize("detail", ["", None, [], {}, ["no"], [None, 5], {"msg": "no"}, 5], ids=repr)
def test_a_refusal_is_never_silent(detail: Any) -> None:
    """Whatever the answer looks like, there is something to show."""
    found = findings_of(_refused(detail), PREPARED)
    assert found
    assert all(finding.severity == "error" and finding.message for finding in found)


@pytest.mark.parametrize(
    "problem",
    [
        {},
        {"msg": None, "type": None, "loc": None},
        {"msg": "no", "type": "x", "loc": "body"},
        {"msg": "no", "type": "x", "loc": 5},
        {"msg": "no", "type": "x", "loc": [["image_urls"], 0]},
        {"msg": "no", "type": "x", "loc": [{}, 0]},
        {"msg": ["no"], "type": ["x"], "loc": [1.5, None]},
        {"msg": "content[" + "9" * 5000 + "]", "type": "x", "loc": []},
    ],
    ids=["empty", "nulls", "text", "number", "nested-list", "nested-object", "lists", "absurd-index"],
)
def test_an_answer_that_is_not_as_documented(problem: dict[str, Any]) -> None:
    (finding,) = findings_of(_refused([problem]), PREPARED)
    assert (finding.severity, finding.tag) == ("error", None)


SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 12) | st.text(max_size=5) | st.sampled_from(["image_urls", "body"])
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
LOC = JSON | st.lists(SCALARS | JSON, max_size=3)
PROBLEM = st.fixed_dictionaries({}, optional={"loc": LOC, "msg": JSON, "type": JSON, "ctx": JSON, "input": JSON})


@given(detail=st.lists(PROBLEM, min_size=1, max_size=3) | JSON, error_type=st.none() | st.text(max_size=5))
@example(detail=[{"loc": ["image_urls", 1]}], error_type=None)
@settings(deadline=None)
def test_no_answer_breaks_the_translation(detail: Any, error_type: str | None) -> None:
    for finding in findings_of(_refused(detail, error_type), PREPARED):
        assert finding.severity == "error"
        assert finding.tag is None or finding.tag in FILES
