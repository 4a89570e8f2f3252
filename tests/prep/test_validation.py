"""Complaints in the project's own words, whatever the validation library says."""

from typing import Any, get_args

import pytest
from PIL import ImageColor
from pydantic import ValidationError
from pydantic_core import InitErrorDetails
from pydantic_core.core_schema import ErrorType

from prep.inputs.jobs import Job
from prep.model.color import color
from prep.model.plan import Options, Plan
from prep.spelling import did_you_mean
from prep.validation import lines, short, unknown

# The values that the library fills into its messages.
WORDS = """attribute class class_name discriminator encoding encoding_error error error_type expected expected_schemes
    expected_tags field_name field_type function_name key method_name pattern serialized tag"""
NUMBERS = """actual_length decimal_places expected_version ge gt le lt max_digits max_length min_length multiple_of
    tz_actual tz_expected whole_digits"""
CONTEXT: dict[str, Any] = dict.fromkeys(WORDS.split(), "abc") | dict.fromkeys(NUMBERS.split(), 7)


@pytest.mark.parametrize("error_type", get_args(ErrorType))
def test_no_message_of_the_library_is_passed_on(error_type: ErrorType) -> None:
    details = InitErrorDetails(type=error_type, loc=("fit",), input="xyz", ctx=CONTEXT)
    error = ValidationError.from_exception_data("Options", [details])
    (line,) = lines(error, Options)
    assert line.startswith("fit: ")
    theirs = error.errors()[0]["msg"]
    assert theirs not in line and "Input should" not in line and "valid dict" not in line


@pytest.mark.parametrize(
    ("model", "fields", "complaints"),
    [
        (Job, {"max_cost": "much"}, ["max_cost: 'much' is not an amount in US dollars"]),
        (Job, {"references": "a.png"}, ["references: should be a list, not 'a.png'"]),
        (Job, {"options": "none"}, ["options: should be keys and values, not 'none'"]),
        (
            Job,
            {"options": {"background": "blak"}},
            ["options.background: 'blak' is not a colour (did you mean 'black'?)"],
        ),
        (Plan, {"endpoint": 5}, ["endpoint: should be text, not 5", "entries: missing"]),
        (Plan, {"endpoint": "e", "entries": [5]}, ["entries.0: should be keys and values, not 5"]),
    ],
)
def test_documents(model: Any, fields: dict[str, Any], complaints: list[str]) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(fields)
    assert lines(caught.value, model) == complaints


def test_unknown_keys() -> None:
    assert unknown("promt", ["prompt", "options"]) == "unknown key (did you mean 'prompt'?)"
    assert unknown("zzz", ["prompt", "options"]) == "unknown key (known: prompt, options)"
    assert did_you_mean("zzz", ["prompt"]) == ""


@pytest.mark.parametrize("name", sorted(ImageColor.colormap))
def test_every_colour_that_pillow_knows(name: str) -> None:
    assert color(name.upper()) == "#{:02x}{:02x}{:02x}".format(*ImageColor.getrgb(name)[:3])


class _Unwritable:
    def __repr__(self) -> str:
        raise OSError


def test_a_value_that_can_not_be_written_is_named_by_its_type() -> None:
    values = (10**5_000, [10**5_000], _Unwritable(), 7)
    assert [short(value) for value in values] == ["<int>", "<list>", "<_Unwritable>", "7"]
