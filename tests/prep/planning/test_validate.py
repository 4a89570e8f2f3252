"""A plan that was edited by hand."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from prep.errors import UsageError
from prep.model.limits import EndpointSpec
from prep.model.media import MediaInfo
from prep.model.plan import Options, Plan, PlanEntry
from prep.model.source import Source
from prep.planning import plan_set
from prep.planning.validate import error_in
from tests.made import audio, image, plan_of, video
from tests.prep.strategies import OPTIONS, SPECS, any_sets


@given(sources=any_sets(), spec=SPECS, options=OPTIONS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_what_the_planner_makes_is_coherent(sources: tuple[Source, ...], spec: EndpointSpec, options: Options) -> None:
    try:
        plan = plan_set(sources, spec, options)
    except UsageError:
        return
    read_back = Plan.model_validate_json(plan.model_dump_json())
    assert [error_in(entry) for entry in read_back.entries] == [None] * len(sources)


def _edited(info: MediaInfo, kind: str, **changes: Any) -> PlanEntry:
    """The planner's entry for *info*, with the fields of the step of that *kind* changed."""
    (entry,) = plan_of(info, options=Options(fit="crop" if kind == "crop" else "pad")).entries
    fields = entry.model_dump(mode="json")
    assert kind in [step["kind"] for step in fields["steps"]]
    for step in fields["steps"]:
        if step["kind"] == kind:
            step.update(changes)
    return PlanEntry.model_validate(fields)


@pytest.mark.parametrize(
    ("info", "kind", "changes", "why"),
    [
        pytest.param(video(duration_s=60), "trim", {"start_s": 50}, "ends at 1:04.9, ", id="trim-after-the-end"),
        pytest.param(audio(60), "trim", {"duration_s": 70}, "lasts 60 s", id="trim-too-long"),
        pytest.param(image(4000, 500), "crop", {"x": 3900}, "4000×500", id="crop-outside"),
        pytest.param(image(4000, 500), "pad", {"width": 300}, "canvas", id="pad-too-small"),
        pytest.param(video(1920, 1080), "scale", {"width": 640}, "predicted: ", id="another-size"),
    ],
)
def test_what_can_not_be_is_told_by_its_key(info: MediaInfo, kind: str, changes: dict[str, Any], why: str) -> None:
    error = error_in(_edited(info, kind, **changes))
    assert error is not None and why in error
    assert error.startswith(("steps.", "predicted: "))


def test_a_step_of_another_kind_of_file() -> None:
    sound = plan_of(audio(60)).entries[0]
    picture = plan_of(image(4000, 500)).entries[0]
    error = error_in(sound.model_copy(update={"steps": (*sound.steps, picture.steps[-1])}))
    assert error == f"steps.{len(sound.steps)}: the step encode-image does not apply to audio"
