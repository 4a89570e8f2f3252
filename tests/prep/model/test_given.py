"""What a caller writes wrongly is told in the project's own words."""

from typing import Any

import pytest
from pydantic import ValidationError

from prep.errors import UsageError
from prep.model.generation import Generation
from prep.model.input import Given
from prep.model.job import Job
from prep.model.plan import Options, Scale, Trim
from prep.model.reference import Crop, Part, Reference


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        (Options, {"fit": "stretch"}, "Options: fit: should be 'pad' or 'crop', not 'stretch'"),
        (Options, {"fitt": "pad"}, "Options: fitt: no such key; did you mean fit?"),
        (Options, {"zzz": 1}, "Options: zzz: no such key; known are fit, "),
        (Options, {"mute": "perhaps"}, "Options: mute: should be a valid boolean, "),
        (Generation, {"seed": "x"}, "Generation: seed: should be a valid integer, "),
        (Reference, {"location": 5}, "Reference: location: should be a valid string, not 5"),
        (Reference, {"location": ""}, "Reference: location: "),
        (Reference, {}, "Reference: location: missing"),
        (Reference, {"location": "a", "name": "Video1"}, "one of the endpoint's own tags"),
        (Reference, {"location": "a", "name": "a b"}, "'a b' is not a name"),
        (Reference, {"location": "a", "part": 5}, "Reference: part: should be keys and values, not 5"),
        (Reference, {"location": "a", "crop": {"x": 0, "y": 0, "width": 5}}, "Reference: crop.height: missing"),
        (Part, {"start_s": 5, "end_s": 5}, "Part: the end (5 s) must come after the start (5 s)"),
        (Part, {"start_s": -1}, "Part: start_s: should be greater than or equal to 0, not -1"),
        (Part, {"end_s": float("nan")}, "Part: end_s: "),
        (Part, {"start_s": float("inf")}, "Part: start_s: should be a finite number, not inf"),
        (Crop, {"x": 0, "y": 0, "width": 0, "height": 5}, "Crop: the crop has no area"),
        (Crop, {"x": -1, "y": 0, "width": 5, "height": 5}, "Crop: x: should be greater than or equal to 0, not -1"),
        (Crop, {"unit": "percent", "x": 51, "y": 0, "width": 50, "height": 5}, "Crop: the crop reaches outside"),
    ],
)
def test_wrong_values(kind: type[Given], fields: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        kind(**fields)
    assert told in str(caught.value)
    assert "pydantic" not in str(caught.value) and "\n" not in str(caught.value)


def test_a_crop_that_just_fits() -> None:
    assert Crop(unit="percent", x=50, y=0, width=50, height=100).width == 50


def test_every_wrong_value_is_told() -> None:
    with pytest.raises(UsageError) as caught:
        Options(fit="x", short="y")  # type: ignore[arg-type]
    assert str(caught.value).splitlines() == [
        "Options: fit: should be 'pad' or 'crop', not 'x'",
        "Options: short: should be 'hold', 'loop' or 'refuse', not 'y'",
    ]


def test_values_without_their_names() -> None:
    with pytest.raises(UsageError, match=r"^Reference: give each value its name: location, name, part"):
        Reference("a.mp4")  # type: ignore[misc]


def test_inside_a_document_all_complaints_come_together() -> None:
    with pytest.raises(ValidationError) as caught:
        Job.model_validate({"options": {"fit": "x"}, "generation": {"seed": "y"}})
    assert {item["loc"] for item in caught.value.errors()} == {("options", "fit"), ("generation", "seed")}


def test_a_long_value_is_not_repeated_at_length() -> None:
    with pytest.raises(UsageError) as caught:
        Options(fit="x" * 10_000)  # type: ignore[arg-type]
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("width", [0, -2, 1.5])
def test_sizes_are_whole_and_positive(width: float) -> None:
    with pytest.raises(ValidationError):
        Scale(width=width, height=2, because=("asked",))  # type: ignore[arg-type]
    assert Scale(width=1, height=2, because=("asked",)).width == 1


@pytest.mark.parametrize(("start", "length"), [(-0.1, 2), (0, 0), (0, -1), (0, float("nan")), (float("inf"), 1)])
def test_a_trim_keeps_something(start: float, length: float) -> None:
    with pytest.raises(ValidationError):
        Trim(start_s=start, duration_s=length, because=("asked",))
