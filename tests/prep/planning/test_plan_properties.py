"""The joint plan, whatever comes: what comes out complies, or the plan says what does not."""

from hypothesis import HealthCheck, given, settings

from prep.errors import UsageError
from prep.model.analysis import Scan
from prep.model.limits import EndpointSpec
from prep.model.manifest import totals
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.model.plan import CropTo, Options, Pad, Plan, PlanEntry, Scale, Trim, find
from prep.model.reference import Reference
from prep.model.source import Source
from prep.planning import plan_set
from prep.planning.predict import predict
from prep.rules import check_one, check_set
from prep.rules.catalogue import RULES
from prep.rules.reference_set import SAME
from prep.specs import load_spec
from tests.made import SEEDANCE_2, SEEDANCE_2_5, short_of_strict
from tests.prep.strategies import (
    OPTIONS,
    SPECS,
    any_sets,
    compliant_sets,
    mendable_sets,
    shapes_that_fit,
    sourced,
)

TWO = load_spec(SEEDANCE_2)
HARD = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def _again(plan: Plan) -> tuple[Source, ...]:
    """The predicted files, given as references of their own."""
    infos = [entry.predicted for entry in plan.entries]
    references = [Reference(location=f"{number}.{info.container}") for number, info in enumerate(infos)]
    return sourced(infos, references, [Scan()] * len(infos))


def _errors(plan: Plan, spec: EndpointSpec) -> set[str]:
    """What the rules say about the predicted files."""
    alone = [finding for entry in plan.entries for finding in check_one(entry.predicted, spec)]
    together = check_set(totals(entry.predicted for entry in plan.entries), spec)
    return {finding.rule for finding in (*alone, *together) if finding.severity == "error"}


@given(sources=any_sets(), spec=SPECS, options=OPTIONS)
@HARD
def test_what_stands_is_told(sources: tuple[Source, ...], spec: EndpointSpec, options: Options) -> None:
    try:
        plan = plan_set(sources, spec, options)
    except UsageError:
        assert any(source.reference.part or source.reference.crop for source in sources)
        return
    told = {finding.rule for finding in plan.unfixable}
    told |= {together for together, single in SAME.items() if single in told}  # said once of the only clip or sound
    assert _errors(plan, spec) <= told
    for entry in plan.entries:
        if entry.steps:
            assert {finding.rule for finding in short_of_strict(entry, spec)} <= told, entry


@given(sources=mendable_sets(), spec=SPECS, options=OPTIONS)
@HARD
def test_what_can_be_mended_is_mended(sources: tuple[Source, ...], spec: EndpointSpec, options: Options) -> None:
    """Arithmetic of its own: neither the rules nor the planner's word for it."""
    if options.short == "refuse":
        options = options.model_copy(update={"short": "hold"})
    plan = plan_set(sources, spec, options)
    assert plan.unfixable == ()
    two = spec.endpoint != SEEDANCE_2_5
    for entry in plan.entries:
        _check_mended(entry, spec, (2.0, 15.0) if two and entry.steps else (1.8, 15.2) if two else (1.8, 30.2))
    for kind in ("video", "audio"):
        files = [entry for entry in plan.entries if entry.source.kind == kind]
        made = any(entry.steps for entry in files)
        seconds = round(sum(getattr(entry.predicted, "duration_s", 0.0) for entry in files), 6)
        assert seconds <= (15.0 if two and made else 15.2 if two else 30.2)
        if kind == "video" and two:
            assert sum(entry.predicted.bytes for entry in files) <= (49_999_999 if made else 52_428_800)


def _check_mended(entry: PlanEntry, spec: EndpointSpec, seconds: tuple[float, float]) -> None:
    """*seconds* are the least and the most that one clip may last."""
    info, made = entry.predicted, bool(entry.steps)
    if not isinstance(info, ImageInfo):
        assert seconds[0] <= info.duration_s <= seconds[1]
    if isinstance(info, ImageInfo):
        assert shapes_that_fit(spec, info.width, info.height, kind="image")
        assert info.container in spec.image.containers.value
        assert info.bytes <= (30_000_000 if made else 31_457_280)
        assert info.orientation == 1
    elif isinstance(info, VideoInfo):
        assert shapes_that_fit(spec, info.width, info.height, kind="video")
        assert info.container in ("mp4", "mov") and info.codec in ("h264", "hevc")
        assert info.audio_codec in (None, "aac", "mp3")
        assert 24 <= info.avg_fps <= 60
        assert (info.rotation, info.mirrored, info.sar, info.truncated) == (0, False, "1:1", False)
    else:
        assert info.container in ("mp3", "wav")
        assert info.bytes <= (15_000_000 if made else 15_728_640)


@given(sources=compliant_sets())
@HARD
def test_a_compliant_set_goes_through_untouched(sources: tuple[Source, ...]) -> None:
    plan = plan_set(sources, TWO, Options())
    assert all(entry.steps == () and entry.predicted == entry.source for entry in plan.entries)
    assert plan.unfixable == ()


@given(sources=any_sets(), spec=SPECS, options=OPTIONS)
@HARD
def test_planning_what_came_out_gives_no_steps(
    sources: tuple[Source, ...], spec: EndpointSpec, options: Options
) -> None:
    try:
        plan = plan_set(sources, spec, options)
    except UsageError:
        return
    if plan.unfixable:
        return
    again = plan_set(_again(plan), spec, options)
    assert [entry.steps for entry in again.entries] == [()] * len(plan.entries)


@given(sources=any_sets(), spec=SPECS, options=OPTIONS)
@HARD
def test_a_plan_is_a_value_that_explains_itself(
    sources: tuple[Source, ...], spec: EndpointSpec, options: Options
) -> None:
    try:
        plan = plan_set(sources, spec, options)
    except UsageError:
        return
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    assert plan_set(sources, spec, options) == plan
    assert (plan.endpoint, plan.options) == (spec.endpoint, options)
    for source, entry in zip(sources, plan.entries, strict=True):
        assert (entry.tag, entry.reference, entry.source) == (source.tag, source.reference, source.info)
        assert predict(entry.source, entry.steps) == entry.predicted
        assert len({step.kind for step in entry.steps}) == len(entry.steps), "at most one step of each kind"
        for step in entry.steps:
            assert step.because
            assert set(step.because) <= {*RULES, "asked"}, "a reason that `explain` can tell more about"
        _sound(entry)


def _sound(entry: PlanEntry) -> None:
    """Steps that can be carried out: inside the source, in this order, none of them empty."""
    info = entry.source
    trim, crop = find(entry.steps, Trim), find(entry.steps, CropTo)
    if trim and not isinstance(info, ImageInfo):
        assert trim.start_s >= 0 and trim.duration_s > 0
        half_a_frame_s = 0.5 / info.fps if isinstance(info, VideoInfo) and info.fps else 0.0
        assert trim.start_s + trim.duration_s <= info.duration_s + max(0.05, half_a_frame_s + 0.001)
    if crop and not isinstance(info, AudioInfo):
        assert crop.x >= 0 and crop.y >= 0
        assert crop.x + crop.width <= info.width and crop.y + crop.height <= info.height
    sized = [step.kind for step in entry.steps if isinstance(step, CropTo | Scale | Pad)]
    assert sized == [kind for kind in ("crop", "scale", "pad") if kind in sized]
    if entry.steps:
        assert entry.steps[-1].kind in ("encode-image", "encode-video", "encode-audio", "remux", "strip-metadata")


@given(sources=any_sets(), spec=SPECS)
@HARD
def test_nothing_is_changed_that_needs_no_change(sources: tuple[Source, ...], spec: EndpointSpec) -> None:
    """A file that complies, in a set that complies, stays: whatever its neighbours need that is not shared."""
    plain = [source.model_copy(update={"reference": Reference(location="a")}) for source in sources]
    plan = plan_set(plain, spec, Options())
    shared = check_set(totals(source.info for source in plain), spec)
    for entry in plan.entries:
        found = check_one(entry.source, spec)
        fine = all(finding.severity != "error" and not RULES[finding.rule].mended for finding in found)
        if fine and not shared and not any(finding.basis != "advice" for finding in found):
            remade = {other.source.kind for other in plan.entries if other.steps}
            # a neighbour that has to grow may need this one's seconds or bytes
            assert entry.steps == () or entry.source.kind in remade
