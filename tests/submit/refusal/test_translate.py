"""Refusals of the platform, translated into findings about the user's files."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prep.rules.catalogue.refusal import MODEL_ERRORS, REQUEST_ERRORS
from submit.errors import Refusal
from submit.refusal.translate import findings_of, gone_finding
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
# Every type that is documented for a model: where it may point to, its context, whose file it is, what is told of it.
# The references are 1200x900 pictures of 400 kB and videos of 2 MB and 5 s.
DOCUMENTED = [
    ("content_policy_violation", ("body", "prompt"), PARTNER, None, "breaks the content policy"),
    ("content_policy_violation", IMAGE, PARTNER, "@Image2", "change the prompt or the reference"),
    (
        "image_too_small",
        IMAGE,
        {"min_height": 1400, "min_width": 1300},
        "@Image2",
        "1200×900, allowed: at least 1300×1400",
    ),
    (
        "image_too_large",
        IMAGE,
        {"max_height": 600, "max_width": 800},
        "@Image2",
        "1200×900, allowed: at most 800×600",
    ),
    ("image_load_error", IMAGE, None, "@Image2", "can't be decoded"),
    ("file_download_error", VIDEO, None, "@Video1", "couldn't download"),
    ("file_too_large", VIDEO, {"max_size": 1_048_576}, "@Video1", "it is 2 MB, allowed: at most 1.05 MB"),
    ("face_detection_error", IMAGE, None, "@Image2", "larger and from the front"),
    ("no_media_generated", ("body",), None, None, "or the seed"),
    ("feature_not_supported", ("body", "resolution"), None, None, "prep-and-submit limits"),
    ("missing", ("body", "prompt"), None, None, "argument is missing"),
    ("one_of", ("body", "duration"), {"expected": ["auto", "4"]}, None, "allowed: auto, 4"),
    ("greater_than", ("body", "seed"), {"gt": 0}, None, "allowed: more than 0"),
    ("greater_than_equal", ("body", "seed"), {"ge": 0}, None, "allowed: at least 0"),
    ("less_than", ("body", "seed"), {"lt": 5}, None, "allowed: less than 5"),
    ("less_than_equal", ("body", "seed"), {"le": 5}, None, "allowed: at most 5"),
    ("multiple_of", ("body", "seed"), {"multiple_of": 2}, None, "allowed: a multiple of 2"),
    ("sequence_too_short", ("body", "image_urls"), {"min_length": 1}, None, "allowed: at least 1"),
    (
        "sequence_too_long",
        ("body", "image_urls"),
        {"max_length": 9, "actual_length": 10},
        None,
        "it is 10, allowed: at most 9",
    ),
    (
        "audio_duration_too_long",
        AUDIO,
        {"max_duration": 15, "provided_duration": 20.5},
        "@Audio1",
        "it is 20.5 s, allowed: at most 15 s",
    ),
    (
        "video_duration_too_long",
        ("body", "video_urls", 1),
        {"max_duration": 4},
        "@Video2",
        "it is 5 s, allowed: at most 4 s",
    ),
    (
        "audio_duration_too_short",
        AUDIO,
        {"min_duration": 2, "provided_duration": 1.999},
        "@Audio1",
        "it is 1.999 s, allowed: at least 2 s",
    ),
    (
        "video_duration_too_short",
        VIDEO,
        {"min_duration": 2, "provided_duration": 1},
        "@Video1",
        "it is 1 s, allowed: at least 2 s",
    ),
    (
        "unsupported_audio_format",
        AUDIO,
        {"supported_formats": [".mp3", ".wav"]},
        "@Audio1",
        "it is mp3, allowed: .mp3, .wav",
    ),
    ("unsupported_image_format", IMAGE, {"supported_formats": [".jpg"]}, "@Image2", "it is jpeg, allowed: .jpg"),
    ("unsupported_video_format", VIDEO, {"supported_formats": [".mp4"]}, "@Video1", "it is mp4, allowed: .mp4"),
    ("internal_server_error", ("body",), None, None, "submit it again later"),
    ("generation_timeout", ("body",), None, None, "submit it again later"),
    ("downstream_service_error", ("body",), None, None, "refused the request or failed"),
    ("downstream_service_unavailable", ("body",), None, None, "is unavailable"),
]
FILES = {
    "@Image1": "image1.jpeg",
    "@Image2": "image2.jpeg",
    "@Video1": "video1.mp4",
    "@Video2": "video2.mp4",
    "@Audio1": "audio1.mp3",
    None: None,
}


def test_every_documented_type_has_its_row() -> None:
    assert {row[0] for row in DOCUMENTED} == {refused.error_type for refused in MODEL_ERRORS}


@pytest.mark.parametrize(
    ("kind", "loc", "ctx", "tag", "told"), DOCUMENTED, ids=[f"{row[0]}-{row[1][-1]}" for row in DOCUMENTED]
)
def test_a_documented_error(kind: str, loc: Any, ctx: Any, tag: str | None, told: str) -> None:
    (finding,) = findings_of(_refused([_problem(kind, "It will not do.", loc, ctx)]), PREPARED)
    assert finding.rule == "refused-" + kind.replace("_", "-")
    assert told in finding.message
    assert '; the platform says: "It will not do."; Fix: ' in finding.message
    assert (finding.severity, finding.basis, finding.fix) == ("error", "upstream", None)
    assert finding.tag == tag
    assert (finding.subject or "").endswith(FILES[tag] or "")
    assert SECRET not in finding.model_dump_json()


def test_numbers_are_numbers_for_programs() -> None:
    (finding,) = findings_of(_refused([_problem("file_too_large", "no", VIDEO, {"max_size": 1_048_576})]), PREPARED)
    assert (finding.actual, finding.allowed, finding.unit) == (2_000_000, 1_048_576, "bytes")


@pytest.mark.parametrize(
    "ctx",
    [
        None,
        [],
        {},
        {"max_size": "big"},
        {"max_size": True},
        {"max_size": float("nan")},
        {"max_size": 1e300},
        {"max_size": []},
    ],
    ids=str,
)
def test_a_context_that_is_not_as_documented(ctx: Any) -> None:
    (finding,) = findings_of(_refused([_problem("file_too_large", "no", VIDEO, ctx)]), PREPARED)
    assert (finding.actual, finding.allowed, finding.unit) == ("file_too_large", "accepted", "")
    assert "allowed" not in finding.message


def test_a_list_has_an_end() -> None:
    ctx = {"expected": ["x" * 1_000] * 10_000}
    (finding,) = findings_of(_refused([_problem("one_of", "y" * 100_000, ctx=ctx)]), PREPARED)
    assert len(finding.model_dump_json()) < 5000


def test_what_the_server_says_can_not_steer_a_terminal() -> None:
    evil = "\x1b[2J\x1b[1;1H\nall is well\r"
    ctx = {"expected": [evil]}
    refusal = _refused([_problem("one_of", evil, ctx=ctx), _problem(evil, evil)], message=f"request {evil} failed")
    assert str(refusal).isprintable()
    for finding in findings_of(refusal, PREPARED):
        assert f"{finding.message}{finding.actual}{finding.allowed}".isprintable()


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
    said = {None: "`content[" if index else "the prompt"}.get(tag, f"{tag} ({FILES[tag]})")
    assert f"the parameter {said}" in finding.message


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
    assert [(finding.rule, finding.tag) for finding in found] == [
        ("refused-image-too-small", "@Image2"),
        ("refused-one-of", None),
        ("refused-file-too-large", "@Video1"),
    ]


@pytest.mark.parametrize("error_type", [refused.error_type for refused in REQUEST_ERRORS])
def test_a_request_error_is_one_finding(error_type: str) -> None:
    refusal = _refused("Startup timed out", error_type, "fetching the result: Startup timed out")
    (finding,) = findings_of(refusal, PREPARED)
    assert (finding.rule, finding.actual) == ("refused-" + error_type.replace("_", "-"), error_type)
    assert 'the platform says: "Startup timed out' in finding.message
    assert (finding.severity, finding.subject, finding.tag) == ("error", None, None)


def test_a_result_that_is_gone() -> None:
    finding = gone_finding("Request not found")
    assert finding.rule == "refused-result-gone"
    assert "dashboard" in finding.message
    (finding,) = findings_of(Refusal("not accepted", 404, "Application not found", taken=False), PREPARED)
    assert finding.rule == "refused-otherwise"


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
