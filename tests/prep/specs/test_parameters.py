"""The parameters of a request: what is taken of what was asked for, and what is added to it."""

from decimal import Decimal
from typing import Any

import pytest

from prep.errors import ExitCode, UsageError
from prep.model.generation import Generation
from prep.specs import load_spec
from prep.specs.parameters import in_effect, refuse_unknown, with_defaults
from tests.made import ENDPOINTS, FAST, MINI, SEEDANCE_2, SEEDANCE_2_5

SENT_UNASKED = {"resolution": "720p", "duration": "auto", "aspect_ratio": "auto", "generate_audio": True}


def _filled(endpoint: str = SEEDANCE_2, **fields: Any) -> dict[str, Any]:
    return with_defaults(Generation(**fields), load_spec(endpoint)).asked()


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_defaults(endpoint: str) -> None:
    assert _filled(endpoint) == SENT_UNASKED


@pytest.mark.parametrize(
    ("endpoint", "fields", "value"),
    [
        (SEEDANCE_2, {"duration": "4"}, "4"),
        (SEEDANCE_2, {"duration": "15"}, "15"),
        (SEEDANCE_2, {"duration": 15}, "15"),
        (SEEDANCE_2, {"duration": 5.0}, "5"),
        (SEEDANCE_2, {"duration": Decimal("5")}, "5"),
        (SEEDANCE_2, {"resolution": "1080p"}, "1080p"),
        (SEEDANCE_2, {"resolution": "4k"}, "4k"),
        (SEEDANCE_2, {"aspect_ratio": "21:9"}, "21:9"),
        (SEEDANCE_2, {"bitrate_mode": "high"}, "high"),
        (SEEDANCE_2, {"seed": 0}, 0),
        (SEEDANCE_2, {"end_user_id": "u1"}, "u1"),
        (SEEDANCE_2, {"generate_audio": False}, False),
        (SEEDANCE_2_5, {"duration": "30"}, "30"),
        (SEEDANCE_2_5, {"resolution": "1080p"}, "1080p"),
        (SEEDANCE_2_5, {"codec": "H265"}, "H265"),
        (SEEDANCE_2_5, {"task": "editing"}, "editing"),
        (SEEDANCE_2_5, {"seed": -3}, -3),
        (FAST, {"resolution": "480p"}, "480p"),
        (FAST, {"seed": 5}, 5),
        (MINI, {"resolution": "480p"}, "480p"),
    ],
)
def test_a_value_that_is_allowed(endpoint: str, fields: dict[str, Any], value: Any) -> None:
    (name,) = fields
    filled = _filled(endpoint, **fields)
    assert filled == SENT_UNASKED | {name: value}
    assert type(filled[name]) is type(value)


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("No", False), ("off", False), ("TRUE", True), ("yes", True), ("on", True)]
)
def test_a_flag_in_words(text: str, value: bool) -> None:
    """The command line knows strings alone."""
    spec = load_spec(SEEDANCE_2)
    wordy = spec.request.model_copy(update={"watermark": spec.request["generate_audio"]})
    filled = with_defaults(Generation(watermark=text), spec.model_copy(update={"request": wordy}))
    assert filled.asked()["watermark"] is value


DURATIONS = "(allowed: auto, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)"


@pytest.mark.parametrize(
    ("endpoint", "fields", "message"),
    [
        (SEEDANCE_2, {"duration": "3"}, f"duration '3' is not allowed {DURATIONS}"),
        (SEEDANCE_2, {"duration": 16}, f"duration '16' is not allowed {DURATIONS}"),
        (SEEDANCE_2, {"duration": "5.0"}, "duration '5.0' is not allowed"),
        (SEEDANCE_2, {"duration": 5.5}, "duration '5.5' is not allowed"),
        (SEEDANCE_2, {"duration": float("inf")}, "duration 'inf' is not allowed"),
        (SEEDANCE_2, {"duration": "05"}, "duration '05' is not allowed"),
        (SEEDANCE_2, {"duration": "5s"}, "duration '5s' is not allowed"),
        (SEEDANCE_2, {"duration": "AUTO"}, "duration 'AUTO' is not allowed"),
        (SEEDANCE_2_5, {"duration": "31"}, "duration '31' is not allowed"),
        (
            SEEDANCE_2,
            {"resolution": "108p"},
            "resolution '108p' is not allowed (allowed: 480p, 720p, 1080p, 4k); did you mean 1080p?",
        ),
        (SEEDANCE_2_5, {"resolution": "4k"}, "resolution '4k' is not allowed (allowed: 480p, 720p, 1080p)"),
        (FAST, {"resolution": "1080p"}, "resolution '1080p' is not allowed ("),
        (MINI, {"resolution": "1080p"}, "resolution '1080p' is not allowed ("),
        (
            SEEDANCE_2,
            {"aspect_ratio": "2:1"},
            "aspect ratio '2:1' is not allowed (allowed: auto, 21:9, 16:9, 4:3, 1:1, 3:4, 9:16)",
        ),
        (
            SEEDANCE_2_5,
            {"codec": "h265"},
            "codec 'h265' is not allowed (allowed: auto, H264, H265); did you mean H265?",
        ),
        (SEEDANCE_2, {"bitrate_mode": True}, "bitrate mode True is not allowed (allowed: standard, high)"),
        (
            SEEDANCE_2,
            {"bitrate_mode": ["high"]},
            "bitrate mode ['high'] is not allowed (allowed: standard, high); did you mean high?",
        ),
    ],
)
def test_a_value_that_is_not_allowed(endpoint: str, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        _filled(endpoint, **fields)
    assert str(caught.value).startswith(message)
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [("seed", "x7", "a whole number"), ("seed", 2.5, "a whole number"), ("generate_audio", "perhaps", "true or false")],
)
def test_a_value_of_another_type(kind: str, value: Any, wanted: str) -> None:
    spec = load_spec(SEEDANCE_2)
    request = spec.request.model_copy(update={"other": spec.request[kind]})
    with pytest.raises(UsageError, match=f"other {value!r} is not allowed; it should be {wanted}"):
        with_defaults(Generation(other=value), spec.model_copy(update={"request": request}))


@pytest.mark.parametrize(
    ("endpoint", "name", "hint"),
    [
        (MINI, "seed", "it has resolution, duration, aspect_ratio, generate_audio, end_user_id"),
        (MINI, "bitrate_mode", "it has resolution, "),
        (SEEDANCE_2, "task", "it has resolution, "),
        (SEEDANCE_2, "bit_rate_mode", "did you mean bitrate_mode?"),
        (SEEDANCE_2, "resolutoin", "did you mean resolution?"),
        (FAST, "codec", "it has resolution, "),
    ],
)
def test_a_parameter_that_the_endpoint_does_not_have(endpoint: str, name: str, hint: str) -> None:
    generation = Generation(**{name: 7})
    for refuse in (with_defaults, refuse_unknown):
        with pytest.raises(UsageError) as caught:
            refuse(generation, load_spec(endpoint))
        assert str(caught.value).startswith(f"{endpoint} has no parameter {name!r}; {hint}")


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        _filled(duration="1", resolution="1p", aspect_ratio="1", task="editing")
    assert [
        line.split(" is not")[0].partition(" has no")[2] or line.split(" is not")[0]
        for line in str(caught.value).splitlines()
    ] == [
        " parameter 'task'; it has resolution, duration, aspect_ratio, generate_audio, bitrate_mode, seed, end_user_id",
        "resolution '1p'",
        "duration '1'",
        "aspect ratio '1'",
    ]


def test_values_are_not_judged_with_the_names() -> None:
    refuse_unknown(Generation(duration="99", seed=1), load_spec(SEEDANCE_2))


@pytest.mark.parametrize(
    ("fields", "duration", "aspect_ratio"),
    [
        ({}, "8", "9:16"),
        ({"task": "reference"}, "8", "9:16"),
        ({"task": "editing"}, "auto", "auto"),
        ({"task": "extension"}, "8", "auto"),
    ],
)
def test_a_task_resets_length_and_shape(fields: dict[str, str], duration: str, aspect_ratio: str) -> None:
    asked = Generation(duration=8, aspect_ratio="9:16", **fields)
    done = in_effect(asked, load_spec(SEEDANCE_2_5))
    assert (done.duration, done.aspect_ratio) == (duration, aspect_ratio)


def test_a_generation_keeps_what_was_asked() -> None:
    generation = Generation(duration=5, bitrate_mode="high", seed=None)
    assert generation.asked() == {"duration": "5", "bitrate_mode": "high"}
    assert Generation.model_validate_json(generation.model_dump_json()) == generation
