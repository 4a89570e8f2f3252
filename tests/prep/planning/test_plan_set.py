"""The joint plan of sets that users bring."""

from typing import Any

import pytest

from prep.model.media import AudioInfo, ImageInfo, MediaInfo, VideoInfo
from prep.model.plan import Mute, Options, PlanEntry, Remux, Trim, find
from prep.model.reference import Part
from tests.made import SEEDANCE_2_5, audio, image, plan_of, video


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
        ([(video(duration_s=60), Part(start_s=0, end_s=20))], {"video-too-long"}),
        ([(video(duration_s=60), Part(start_s=0, end_s=9))] * 2, {"videos-too-long"}),
        ([video(duration_s=60)] * 8, {"too-many-videos", "videos-too-long"}),
    ],
    ids=["images", "videos", "sounds", "sound alone", "a part that is too long", "parts together", "no room"],
)
def test_what_prep_can_not_mend(items: list[Any], rules: set[str]) -> None:
    assert {finding.rule for finding in plan_of(*items).unfixable} == rules


def test_what_is_too_short_is_refused_when_asked() -> None:
    plan = plan_of(video(duration_s=1), options=Options(short="refuse"))
    assert [(finding.rule, finding.tag) for finding in plan.unfixable] == [("video-too-short", "@Video1")]


def test_what_is_encoded_for_its_bytes_meets_the_strict_seconds_as_well() -> None:
    plan = plan_of(video(duration_s=15.1, bytes=60_000_000))
    assert plan.unfixable == ()
    assert _kinds(plan.entries[0]) == ["trim", "encode-video"]
    (entry,) = plan.entries
    assert isinstance(entry.predicted, VideoInfo)
    assert 14.8 <= entry.predicted.duration_s <= 15


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
    ]
    assert all(entry.steps == () for entry in plan.entries)


def test_2_5_takes_more() -> None:
    items = [image(container="heif"), video(1920, 1080, duration_s=30.2, bytes=150_000_000)]
    assert all(entry.steps == () for entry in plan_of(*items, spec=SEEDANCE_2_5).entries)
    assert all(entry.steps for entry in plan_of(*items).entries)


@pytest.mark.parametrize(
    ("info", "rule"),
    [
        (video(427, 240), None),
        (video(426, 240), "video-upscaled-much"),
        (image(150, 300), None),
        (image(149, 300), "image-upscaled-much"),
        (video(duration_s=16.0, bytes=442_368), None),  # a hundredth of a bit for each pixel
        (video(duration_s=16.0, bytes=442_367), "video-bit-rate-very-low"),
        (audio(bitrate_bps=32_000, container="m4a"), None),
        (audio(bitrate_bps=31_999, container="m4a"), "audio-bit-rate-very-low"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_making_it_anew_does_not_mend_is_told(info: MediaInfo, rule: str | None) -> None:
    plan = plan_of(info, image())
    assert plan.entries[0].steps
    told = [finding.rule for finding in plan.warnings if finding.tag == plan.entries[0].tag]
    assert [name for name in told if name.endswith(("-upscaled-much", "-very-low"))] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("info", "options", "share"),
    [
        (image(5000, 1000), Options(), None),  # as much padding as picture
        (image(5000, 990), Options(), 0.505),
        (image(5000, 990), Options(fit="crop"), None),
        (image(32_768, 100), Options(), 0.992),
        (video(4500, 900), Options(), None),
        (video(4500, 880), Options(), 0.512),
    ],
    ids=["half", "more than half", "crop", "strip", "video, half", "video, more than half"],
)
def test_a_picture_that_is_mostly_padding_is_a_warning(
    info: ImageInfo | VideoInfo, options: Options, share: float | None
) -> None:
    warnings = [item for item in plan_of(info, options=options).warnings if item.rule.endswith("-mostly-padding")]
    assert [item.actual for item in warnings] == ([] if share is None else [share])
    assert all(item.severity == "warning" and "`fit=crop`" in item.message for item in warnings)


HELD, LOOPED, SILENT = (
    "its last frame is held for {}, since ",
    "it is repeated for {}, since ",
    "{} of silence is added, since ",
)
SHORT, AFTER = "it lasts {} (min 2 s)", "its sound goes on after the picture"


@pytest.mark.parametrize(
    ("item", "options", "messages"),
    [
        (video(duration_s=1.0), Options(), [HELD.format("1 s") + SHORT.format("1 s")]),
        (video(duration_s=1.0), Options(short="loop"), [LOOPED.format("1 s") + SHORT.format("1 s")]),
        (video(duration_s=1.5, container="matroska"), Options(), []),
        (video(duration_s=1.4), Options(), [HELD.format("0.6 s") + SHORT.format("1.4 s")]),
        (audio(1.0), Options(), [SILENT.format("1 s") + SHORT.format("1 s")]),
        (audio(1.0), Options(short="loop"), [LOOPED.format("1 s") + SHORT.format("1 s")]),
        (
            video(fps=10.0, duration_s=6.0, picture_s=4.5),
            Options(),
            [HELD.format("1.5 s") + AFTER + "; #t=0,4.5 ends with the picture"],
        ),
        (video(fps=10.0, duration_s=6.0, picture_s=1.0), Options(), [HELD.format("5 s") + AFTER]),
        (video(fps=10.0, duration_s=6.0, picture_s=5.6), Options(), []),
        (video(fps=10.0, duration_s=6.0, picture_s=4.5), Options(mute=True), []),
        (
            (video(duration_s=20.0, picture_s=10.0), Part(start_s=6.0, end_s=13.0)),
            Options(),
            [HELD.format("3 s") + AFTER + "; #t=6,10 ends with the picture"],
        ),
        (
            (video(duration_s=9.0), Part(start_s=2.0, end_s=3.0)),
            Options(),
            ["the part you asked for lasts 1 s, less than the endpoint takes, so its last frame is held for 1 s"],
        ),
    ],
    ids=[
        *("held", "looped", "a little", "more than a little", "silence", "a sound looped"),
        *("its sound goes on", "too short without", "goes on a little", "muted", "in a part", "a part is one warning"),
    ],
)
def test_what_is_added_is_a_warning(item: Any, options: Options, messages: list[str]) -> None:
    plan = plan_of(image(), item, options=options)
    rules = {"video-lengthened", "audio-lengthened", "part-length-changed"}
    assert [finding.message for finding in plan.warnings if finding.rule in rules] == messages
