"""The joint plan: for any set, what comes out complies, or the plan says what does not."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from prep.errors import UsageError
from prep.model.finding import Finding
from prep.model.limits import EndpointSpec
from prep.model.manifest import totals
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.model.plan import CropTo, Mute, Options, Pad, Plan, PlanEntry, Remux, Scale, Trim, find
from prep.model.reference import Crop, Part, Reference
from prep.model.scan import Scan
from prep.planning import Source, plan_set
from prep.planning.predict import predict
from prep.rules import check_one, check_set
from prep.rules.catalogue import RULES
from prep.specs import load_spec
from tests.made import SEEDANCE_2, SEEDANCE_2_5, audio, image, plan_of, video, wav
from tests.prep.planning.strategies import (
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


def _short_of_strict(entry: PlanEntry, spec: EndpointSpec) -> list[Finding]:
    """What is made has to meet the strict values, which `verify` insists on."""
    return [finding for finding in check_one(entry.predicted, spec) if finding.basis != "advice"]


@given(sources=any_sets(), spec=SPECS, options=OPTIONS)
@HARD
def test_what_stands_is_told(sources: tuple[Source, ...], spec: EndpointSpec, options: Options) -> None:
    try:
        plan = plan_set(sources, spec, options)
    except UsageError:
        assert any(source.reference.part or source.reference.crop for source in sources)
        return
    told = {finding.rule for finding in plan.unfixable}
    assert _errors(plan, spec) <= told
    for entry in plan.entries:
        if entry.steps:
            assert {finding.rule for finding in _short_of_strict(entry, spec)} <= told, entry


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
        assert entry.steps[-1].kind in ("encode-image", "encode-video", "encode-audio", "remux")


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


# cases that users bring


def _kinds(entry: PlanEntry) -> list[str]:
    return [step.kind for step in entry.steps]


def test_nothing_to_do() -> None:
    plan = plan_of(image(), video(), audio())
    assert [entry.tag for entry in plan.entries] == ["@Image1", "@Video1", "@Audio1"]
    assert all(entry.steps == () for entry in plan.entries)
    assert (plan.warnings, plan.unfixable) == ((), ())


def test_no_references() -> None:
    plan = plan_of()
    assert (plan.entries, plan.unfixable, plan.warnings) == ((), (), ())


def test_a_phone_video() -> None:
    """4K, sideways, HLG, a variable rate, 22 s."""
    (entry,) = plan_of(
        video(2160, 3840, duration_s=22.4, fps=29.97, avg_fps=29.5, vfr=True, codec="hevc", rotation=90, hdr="hlg")
    ).entries
    assert _kinds(entry) == ["orient", "trim", "scale", "set-rate", "tone-map", "encode-video"]
    assert entry.predicted.kind == "video"
    assert (entry.predicted.width, entry.predicted.height) == (720, 1280)
    assert entry.predicted.duration_s == pytest.approx(14.9, abs=0.05)


def test_a_screen_recording() -> None:
    (entry,) = plan_of(video(1920, 1080, container="matroska", fps=60)).entries
    assert _kinds(entry) == ["scale", "encode-video"]
    assert entry.steps[-1].because == ("video-area-too-large", "video-container-unsupported")


def test_only_the_container_is_wrong() -> None:
    (entry,) = plan_of(video(container="matroska")).entries
    assert entry.steps == (Remux(because=("video-container-unsupported",)),)


def test_only_the_soundtrack_is_wrong() -> None:
    (entry,) = plan_of(video(audio_codec="opus")).entries
    assert entry.steps == (Remux(audio="encode", because=("video-audio-codec-unsupported",)),)


def test_a_soundtrack_is_left_out_when_asked() -> None:
    loud, mute = plan_of(video(), video(has_audio=False, audio_codec=None), options=Options(mute=True)).entries
    assert loud.steps == (Mute(because=("asked",)), Remux(because=("asked",)))
    assert mute.steps == ()


def test_a_remuxed_file_fits_as_well() -> None:
    """52.4 MB is accepted as it is, but not when it is re-made; and remuxing does not make it smaller."""
    plan = plan_of(video(container="matroska", bytes=52_400_000))
    assert plan.unfixable == ()
    assert plan.entries[0].predicted.bytes < 50_000_000


@pytest.mark.parametrize("others", [0, 1, 2])
def test_remuxed_files_together_stay_under_50_mb(others: int) -> None:
    rest = [video(bytes=16_600_000)] * others
    plan = plan_of(video(container="matroska", bytes=49_950_000 - 16_600_000 * others), *rest)
    assert plan.unfixable == ()
    assert sum(entry.predicted.bytes for entry in plan.entries) < 50_000_000


def test_large_untouched_videos_stay_beside_one_that_is_made() -> None:
    big, made = plan_of(video(bytes=45_000_000), video(1920, 1080, bytes=80_000_000)).entries
    assert big.steps == ()
    assert made.predicted.bytes < 5_000_000


def test_three_clips_share_the_seconds() -> None:
    plan = plan_of(video(duration_s=3), video(duration_s=60), video(duration_s=60))
    short, *long = plan.entries
    assert short.steps == ()
    assert [entry.predicted.duration_s for entry in long if isinstance(entry.predicted, VideoInfo)] == pytest.approx(
        [5.95, 5.95], abs=0.05
    )
    for entry in long:
        trim = find(entry.steps, Trim)
        assert trim is not None and "videos-too-long" in trim.because


def test_seconds_of_sound_and_of_video_are_apart() -> None:
    plan = plan_of(video(duration_s=15), audio(15))
    assert all(entry.steps == () for entry in plan.entries)


@pytest.mark.parametrize(
    ("info", "steps"),
    [
        (video(duration_s=15.1), []),
        (video(duration_s=1.9), []),
        (video(duration_s=15.1, fps=23.976), ["trim", "set-rate", "encode-video"]),
        (video(duration_s=1.9, fps=23.976), ["extend", "set-rate", "encode-video"]),
        (video(duration_s=15.0, fps=23.976), ["set-rate", "encode-video"]),
        (audio(15.02), []),
        (audio(15.02, container="m4a", codec="aac"), ["trim", "encode-audio"]),
    ],
    ids=["15.1", "1.9", "15.1 re-made", "1.9 re-made", "15 re-made", "sound", "sound re-made"],
)
def test_between_strict_and_accepted(info: VideoInfo | AudioInfo, steps: list[str]) -> None:
    plan = plan_of(image(), info)
    assert _kinds(plan.entries[1]) == steps
    assert plan.unfixable == ()


@pytest.mark.parametrize(
    ("items", "kept"),
    [
        ([image(container="heif"), video(duration_s=15.1)], 1),
        ([audio(5, container="m4a", codec="aac"), video(duration_s=15.1)], 1),
        ([video(container="matroska"), image(), audio(15.1)], 2),
        ([image(container="heif"), video(bytes=52_000_000)], 1),
    ],
    ids=["image and video", "sound and video", "video and sound", "image and bytes"],
)
def test_what_is_made_of_one_kind_does_not_tighten_the_limits_of_another(items: list[Any], kept: int) -> None:
    """The seconds of the videos are shared by the videos: a photo that is converted changes nothing about them."""
    plan = plan_of(*items)
    assert plan.unfixable == ()
    assert plan.entries[kept].steps == ()


@pytest.mark.parametrize(
    ("items", "rules"),
    [
        ([image()] * 10, {"too-many-images"}),
        ([video(duration_s=3)] * 4, {"too-many-videos"}),
        ([image(), *[audio(3)] * 4], {"too-many-audios"}),
        ([audio()], {"audio-without-visual"}),
        ([(video(duration_s=60), Part(start_s=0, end_s=20))], {"video-too-long", "videos-too-long"}),
        ([(video(duration_s=60), Part(start_s=0, end_s=9))] * 2, {"videos-too-long"}),
        ([video(duration_s=60)] * 8, {"too-many-videos", "videos-too-long"}),
    ],
    ids=["images", "videos", "sounds", "sound alone", "a part that is too long", "parts together", "no room"],
)
def test_what_prep_can_not_mend(items: list[Any], rules: set[str]) -> None:
    assert {finding.rule for finding in plan_of(*items).unfixable} == rules


def test_what_is_too_short_is_refused_when_asked() -> None:
    plan = plan_of(video(duration_s=1), options=Options(short="refuse"))
    assert {(finding.rule, finding.tag) for finding in plan.unfixable} == {
        ("video-too-short", "@Video1"),
        ("videos-too-short", None),
    }


# the user's parts


@pytest.mark.parametrize("fps", [24.0, 25.0, 29.97, 30.0, 59.94, 60.0])
@pytest.mark.parametrize(("start", "end"), [(0, 2), (0.3, 2.3), (1.1, 3.1), (3, 18), (0, 5)])
def test_a_part_of_legal_length_is_made_as_asked(fps: float, start: float, end: float) -> None:
    """Nothing is in its way: it is neither refused nor lengthened, and is within a frame of what was asked for."""
    plan = plan_of((video(duration_s=60, fps=fps), Part(start_s=start, end_s=end)))
    (entry,) = plan.entries
    assert plan.unfixable == ()
    assert _short_of_strict(entry, TWO) == []
    assert isinstance(entry.predicted, VideoInfo)
    assert entry.predicted.duration_s == pytest.approx(end - start, abs=1.01 / fps)
    trim = find(entry.steps, Trim)
    assert trim is not None and trim.because == ("asked",)
    assert trim.start_s == pytest.approx(start, abs=1.01 / fps)


@pytest.mark.parametrize(("start", "end"), [(0, 2), (0.3, 2.3), (1.1, 3.1), (0, 5), (3, 17.9)])
@pytest.mark.parametrize("make", [audio, wav], ids=["mp3", "wav"])
def test_a_part_of_a_sound_is_made_as_asked(make: Any, start: float, end: float) -> None:
    plan = plan_of(image(), (make(60), Part(start_s=start, end_s=end)))
    entry = plan.entries[1]
    assert plan.unfixable == ()
    assert _short_of_strict(entry, TWO) == []
    assert isinstance(entry.predicted, AudioInfo)
    assert entry.predicted.duration_s == pytest.approx(end - start, abs=0.07)
    assert _kinds(entry) == ["trim", "encode-audio"]


@pytest.mark.parametrize("end", [15.05, 15.1, 15.2])
def test_a_part_that_is_made_has_to_be_strict(end: float) -> None:
    """Above 15 s only what the user brings is left alone: a part is made, so this is either told or cut."""
    plan = plan_of((video(duration_s=60), Part(start_s=0, end_s=end)))
    assert plan.unfixable or not _short_of_strict(plan.entries[0], TWO)


@pytest.mark.parametrize(
    ("seconds", "fps", "start"),
    [(1.5, 7.5, 1.47), (2.46875, 10.0, 2.45), (60.0, 24.0, 59.97), (60.0, 24.0, 59.999), (5.01, 25.0, 5.0)],
)
def test_the_very_end_of_a_clip_is_still_in_the_clip(seconds: float, fps: float, start: float) -> None:
    """Less than a frame is left: what is kept begins inside the clip, and is not nothing."""
    plan = plan_of((video(duration_s=seconds, fps=fps), Part(start_s=start)))
    trim = find(plan.entries[0].steps, Trim)
    assert trim is not None
    assert trim.duration_s > 0
    assert trim.start_s < seconds


@pytest.mark.parametrize("make", [audio, wav], ids=["mp3", "wav"])
@pytest.mark.parametrize(("seconds", "start"), [(1.00001, 1.0), (60.0, 59.97), (60.0, 59.999), (60.0, 59.9995)])
def test_the_very_end_of_a_sound_is_not_nothing(make: Any, seconds: float, start: float) -> None:
    trim = find(plan_of(image(), (make(seconds), Part(start_s=start))).entries[1].steps, Trim)
    assert trim is not None
    assert trim.duration_s > 0
    assert 0 <= trim.start_s < seconds


def test_a_part_after_the_end_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match=r"^video-1\.mp4: t=9 starts after the end; it lasts 5\.00 s$"):
        plan_of((video(duration_s=5), Part(start_s=9)))


def test_a_rectangle_outside_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match=r"^image-1\.jpeg: xywh=.* reaches outside the picture"):
        plan_of((image(1200, 900), Crop(x=1000, y=0, width=300, height=900)))


def test_a_crop_is_made_even_if_everything_complies() -> None:
    plan = plan_of((video(1280, 720), Crop(x=0, y=0, width=1000, height=700)))
    (entry,) = plan.entries
    assert _kinds(entry) == ["crop", "encode-video"]
    assert all(step.because == ("asked",) for step in entry.steps)


def test_a_crop_that_is_too_small_is_scaled_up() -> None:
    plan = plan_of((video(1280, 720), Crop(unit="percent", x=25, y=25, width=50, height=50)))
    (entry,) = plan.entries
    assert plan.unfixable == ()
    assert _kinds(entry) == ["crop", "scale", "encode-video"]


# rates


def test_an_average_below_the_limit_is_mended_whatever_the_nominal_rate() -> None:
    """The rule judges frames over seconds, so the rate that is set has to be judged by that as well."""
    plan = plan_of(video(fps=24.0, avg_fps=23.9))
    assert plan.unfixable == ()


def test_a_clip_whose_rate_is_not_known() -> None:
    """A video of a single frame has no rate."""
    plan = plan_of(video(fps=0.0, avg_fps=0.0, duration_s=0.04))
    assert plan.unfixable == ()
    assert isinstance(plan.entries[0].predicted, VideoInfo)
    assert plan.entries[0].predicted.avg_fps >= 24


# what is not there to be mended


def test_warnings_name_their_file() -> None:
    plan = plan_of(image(private_metadata=("gps",)), video(duration_s=15.1, hdr="hlg"))
    assert [(finding.rule, finding.subject, finding.tag) for finding in plan.warnings] == [
        ("image-private-metadata", "image-1.jpeg", "@Image1"),
        ("video-too-long", "video-2.mp4", "@Video1"),
        ("video-hdr", "video-2.mp4", "@Video1"),
        ("videos-too-long", None, None),
    ]
    assert all(entry.steps == () for entry in plan.entries)


def test_2_5_takes_more() -> None:
    items = [image(container="heif"), video(1920, 1080, duration_s=30.2, bytes=150_000_000)]
    assert all(entry.steps == () for entry in plan_of(*items, spec=SEEDANCE_2_5).entries)
    assert all(entry.steps for entry in plan_of(*items).entries)
