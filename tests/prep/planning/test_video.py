"""The fewest and gentlest steps for one video."""

from typing import Any

import pytest

from prep.model.media import VideoInfo
from prep.model.plan import Deinterlace, EncodeVideo, Extend, Flatten, Options, Pad, SetRate, find
from prep.rules.catalogue import RULES
from tests.made import plan_of, silent, video


def _steps(info: VideoInfo, **asked: Any) -> list[str]:
    plan = plan_of(info, **asked)
    assert plan.unfixable == ()
    return [step.kind for step in plan.entries[0].steps]


@pytest.mark.parametrize(
    ("info", "kinds"),
    [
        (video(), []),
        (video(**silent()), []),
        (video(hdr="hlg"), []),
        (video(vfr=True), []),
        (video(interlaced=True), []),
        (video(private_metadata=("gps",)), []),
        (video(1281, 719), []),
        (video(bit_depth=10, pix_fmt="yuv420p10le", codec="hevc"), []),
        (video(audio_streams=2), []),
        (video(video_streams=2), ["remux"]),
        (video(container="webm", codec="vp9", audio_codec="opus"), ["encode-video"]),
        (video(container="matroska"), ["remux"]),
        (video(container="matroska", audio_codec="opus"), ["remux"]),
        (video(audio_codec="pcm_s16le"), ["remux"]),
        (video(rotation=90), ["orient", "encode-video"]),
        (video(mirrored=True), ["orient", "encode-video"]),
        (video(sar="16:11"), ["scale", "encode-video"]),
        (video(truncated=True), ["encode-video"]),
        (video(1920, 1080), ["scale", "encode-video"]),
        (video(640, 360), ["scale", "encode-video"]),
        (video(4000, 1000), ["scale", "pad", "encode-video"]),
        (video(fps=23.976), ["set-rate", "encode-video"]),
        (video(fps=120), ["set-rate", "encode-video"]),
        (video(fps=7.22, vfr=True), ["set-rate", "encode-video"]),
        (video(duration_s=60), ["trim", "encode-video"]),
        (video(duration_s=1), ["extend", "encode-video"]),
        (video(bytes=60_000_000), ["encode-video"]),
        (video(codec="prores", container="mov", has_alpha=True), ["flatten", "encode-video"]),
        # what has to be re-made anyway loses what a reader may stumble over
        (video(1920, 1080, hdr="pq"), ["scale", "tone-map", "encode-video"]),
        (video(1920, 1080, vfr=True), ["scale", "set-rate", "encode-video"]),
        (video(1281, 719, fps=23.976), ["scale", "set-rate", "encode-video"]),
    ],
)
def test_steps(info: VideoInfo, kinds: list[str]) -> None:
    assert _steps(info) == kinds


@pytest.mark.parametrize(
    ("info", "kinds"),
    [
        (video(), []),
        (video(4000, 1000), ["scale", "pad", "encode-video"]),
        (video(has_alpha=True), ["flatten", "encode-video"]),
        (video(codec="prores", container="mov", has_alpha=True), ["flatten", "encode-video"]),
    ],
    ids=["opaque", "padded", "transparent, otherwise compliant", "transparent"],
)
def test_a_background(info: VideoInfo, kinds: list[str]) -> None:
    """It is the colour of bars and of what is transparent, as in images, and touches nothing else."""
    (entry,) = plan_of(info, options=Options(background="white")).entries
    assert [step.kind for step in entry.steps] == kinds
    flatten, pad = find(entry.steps, Flatten), find(entry.steps, Pad)
    assert flatten is None or (flatten.color, flatten.because) == ("#ffffff", ("asked",))
    assert pad is None or pad.colors == ("#ffffff", "#ffffff")


def test_every_reason_is_a_rule() -> None:
    """docs/json.md: `because` holds rules, or `asked`."""
    for info in (video(1281, 719, fps=23.976), video(1281, 719, bytes=60_000_000), video(29, 31, vfr=True, fps=7)):
        for step in plan_of(info).entries[0].steps:
            assert step.because and set(step.because) <= {*RULES, "asked"}, step


@pytest.mark.parametrize(
    ("fps", "rate"),
    [(23.976, "24/1"), (29.97, "30000/1001"), (59.94, "60000/1001"), (12.5, "25/1"), (120.0, "60/1")],
)
def test_the_rate_that_is_written(fps: float, rate: str) -> None:
    encode = find(plan_of(video(1920, 1080, fps=fps)).entries[0].steps, EncodeVideo)
    assert encode is not None and encode.fps == rate


def test_a_rate_that_is_kept_is_no_step() -> None:
    for fps in (25.0, 29.97, 59.94):
        assert find(plan_of(video(1920, 1080, fps=fps)).entries[0].steps, SetRate) is None


@pytest.mark.parametrize(("fps", "every", "rate"), [(25.0, "field", "50/1"), (29.97, "field", "60000/1001")])
def test_fields_become_frames(fps: float, every: str, rate: str) -> None:
    plan = plan_of(video(1920, 1080, fps=fps, interlaced=True))
    steps = plan.entries[0].steps
    deinterlace, encode = find(steps, Deinterlace), find(steps, EncodeVideo)
    assert deinterlace is not None and encode is not None
    assert (deinterlace.every, encode.fps) == (every, rate)
    assert plan.unfixable == ()


def test_fields_of_a_fast_video_are_joined() -> None:
    deinterlace = find(plan_of(video(1920, 1080, fps=59.94, interlaced=True)).entries[0].steps, Deinterlace)
    assert deinterlace is not None and deinterlace.every == "frame"


@pytest.mark.parametrize(("short", "how"), [("hold", "hold"), ("loop", "loop")])
def test_a_short_clip(short: Any, how: str) -> None:
    extend = find(plan_of(video(duration_s=1), options=Options(short=short)).entries[0].steps, Extend)
    assert extend == Extend(duration_s=2, how=how, because=("video-too-short",))


def test_several_streams_are_told() -> None:
    (entry,) = plan_of(video(1920, 1080, video_streams=2, video_stream=1, audio_streams=3, audio_stream=2)).entries
    assert (
        entry.steps[-1].note == "picture from track 2 (1 of 2 video tracks), sound from track 3 (1 of 3 sound tracks)"
    )


@pytest.mark.parametrize(
    ("facts", "note"),
    [
        ({}, ""),
        ({"audio_channels": 1, "audio_rate_hz": 44_100}, ""),
        (
            {"audio_channels": 6, "audio_rate_hz": 32_000},
            "6 channels mixed to stereo, 32 kHz resampled to 48 kHz",
        ),
    ],
    ids=["kept", "mono", "both"],
)
@pytest.mark.parametrize("width", [1920, 1280], ids=["encoded", "copied"])
def test_changes_of_the_soundtrack_are_told(width: int, facts: dict[str, Any], note: str) -> None:
    info = video(width, width * 9 // 16, audio_codec="pcm_s16le", **facts)
    (entry,) = plan_of(info).entries
    assert [step.kind for step in entry.steps] == (["scale", "encode-video"] if width == 1920 else ["remux"])
    assert entry.steps[-1].note == note
    (muted,) = plan_of(info, options=Options(mute=True)).entries
    assert muted.steps[-1].note == ""


def test_a_picture_that_ends_before_its_sound_is_held() -> None:
    (entry,) = plan_of(video(1920, 1080, duration_s=5, picture_s=3)).entries
    assert [step.kind for step in entry.steps] == ["extend", "scale", "encode-video"]
    assert isinstance(entry.predicted, VideoInfo) and entry.predicted.duration_s == 5


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)], ids=["copied", "encoded"])
def test_without_its_sound_a_video_lasts_as_long_as_its_picture(size: tuple[int, int]) -> None:
    """`verify` compares what came out with what was planned, so the plan has to know."""
    (entry,) = plan_of(video(*size, duration_s=5, picture_s=3), options=Options(mute=True)).entries
    assert isinstance(entry.predicted, VideoInfo)
    assert entry.predicted.duration_s == pytest.approx(3, abs=0.05)


def test_reasons() -> None:
    (entry,) = plan_of(video(1920, 1080, fps=10, rotation=90, hdr="pq", duration_s=60)).entries
    because = {step.kind: step.because for step in entry.steps}
    assert because == {
        "orient": ("video-not-upright",),
        "trim": ("video-too-long",),
        "scale": ("video-area-too-large",),
        "set-rate": ("video-fps-too-low",),
        "tone-map": ("video-hdr",),
        "encode-video": ("video-area-too-large", "video-fps-too-low", "video-not-upright", "video-too-long"),
    }


def test_what_says_only_when_pictures_are_decoded_is_not_copied() -> None:
    assert _steps(video(container="avi")) == ["encode-video"]
    assert _steps(video(container="matroska")) == ["remux"]


@pytest.mark.parametrize(("picture_s", "held"), [(4.5, True), (5.0, False)])
def test_a_picture_that_starts_late_is_not_one_that_ends_early(picture_s: float, held: bool) -> None:
    """7 s of sound, a picture from 2 s on."""
    info = video(duration_s=7.0, picture_s=picture_s, lead_s=2.0, codec="vp9")
    assert ("extend" in _steps(info)) is held
