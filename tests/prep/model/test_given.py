"""Wrong values in a document are reported in the project's own words."""

from typing import Any

import pytest
from pydantic import ValidationError

from prep.errors import UsageError
from prep.inputs.jobs import Job
from prep.model.generation import Generation
from prep.model.plan import Options, Scale, Trim
from prep.model.reference import Crop, Part, Reference
from prep.model.value import Given


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        (Options, {"fit": "stretch"}, "fit: should be 'pad' or 'crop', not 'stretch'"),
        (Options, {"fitt": "pad"}, "fitt: unknown key (did you mean 'fit'?)"),
        (Options, {"background": "whte"}, "background: 'whte' is not a colour (did you mean 'white'?)"),
        (Options, {"background": "#12"}, "'#12' is not a colour (use a name such as white, or #rrggbb)"),
        (Options, {"loudness": 3}, "loudness: should be at most -5, not 3"),
        (Options, {"zzz": 1}, "zzz: unknown key (known: fit, "),
        (Options, {"mute": "perhaps"}, "mute: should be true or false, not 'perhaps'"),
        (Generation, {"seed": "x"}, "seed: should be a whole number, not 'x'"),
        (Reference, {"location": 5}, "location: should be text, not 5"),
        (Reference, {"location": ""}, "location: should be at least 1 character long, not ''"),
        (Reference, {}, "location: missing"),
        (Reference, {"location": "a", "name": "Video1"}, "one of the endpoint's own tags"),
        (Reference, {"location": "a", "name": "a b"}, "'a b' is not a name"),
        (Reference, {"location": "a", "part": 5}, "part: should be keys and values, not 5"),
        (Reference, {"location": "a", "crop": {"x": 0, "y": 0, "width": 5}}, "crop.height: missing"),
        (Part, {"start_s": 5, "end_s": 5}, "the end (5 s) must come after the start (5 s)"),
        (Part, {"start_s": -1}, "start_s: should be at least 0, not -1"),
        (Part, {"end_s": float("nan")}, "end_s: "),
        (Part, {"start_s": float("inf")}, "start_s: should be a finite number, not inf"),
        (Crop, {"x": 0, "y": 0, "width": 0, "height": 5}, "the crop has no area"),
        (Crop, {"x": -1, "y": 0, "width": 5, "height": 5}, "x: should be at least 0, not -1"),
        (Crop, {"unit": "percent", "x": 51, "y": 0, "width": 50, "height": 5}, "the crop reaches outside"),
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
        "fit: should be 'pad' or 'crop', not 'x'",
        "short: should be 'hold', 'loop' or 'refuse', not 'y'",
    ]


def test_values_without_their_names() -> None:
    with pytest.raises(UsageError, match=r"^Reference takes named values only: location, name, part"):
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
