"""Judging what was made: by the strict values, where a file that goes through may stand at the accepted ones."""

import pytest

from prep.errors import DamagedError, ExitCode, ToolError
from prep.execution.verify import verify, verify_set
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.model.plan import PlanEntry
from prep.specs import load_spec
from tests.made import audio, image, plan_of, video

SPEC = load_spec()


def _made(info: VideoInfo | None = None) -> PlanEntry:
    entry = plan_of(info or video(1920, 1080)).entries[0]
    assert entry.steps
    return entry


def _untouched() -> PlanEntry:
    entry = plan_of(video(duration_s=15.1)).entries[0]
    assert not entry.steps
    return entry


def test_what_complies_passes() -> None:
    verify(_made(), video(), SPEC)
    verify(_untouched(), video(duration_s=15.1), SPEC)
    verify(_made(), video(hdr="hlg", private_metadata=("gps",)), SPEC)


@pytest.mark.parametrize("duration_s", [15.1, 1.9])
def test_a_file_that_goes_through_may_stand_at_the_accepted_value(duration_s: float) -> None:
    verify(_untouched(), video(duration_s=duration_s), SPEC)


def test_one_that_was_made_may_not() -> None:
    planned = video(duration_s=15.0, fps=23.976)
    with pytest.raises(ToolError, match=r"^video-1\.mp4: the prepared file breaks a limit: video-too-long"):
        verify(_made(planned), video(duration_s=15.1), SPEC)


def test_one_that_lost_time_is_damaged() -> None:
    with pytest.raises(DamagedError, match=r"^video-1\.mp4: 1\.9 s were made where 2 s were planned"):
        verify(_made(video(duration_s=1.0)), video(duration_s=1.9), SPEC)


OUTSIDE = [
    (video(1280, 726), "video-area-too-large"),
    (video(fps=23.976), "video-fps-too-low"),
    (video(duration_s=15.21), "video-too-long"),
    (video(container="matroska"), "video-container-unsupported"),
]


@pytest.mark.parametrize("entry", [_made(), _untouched()], ids=["made", "untouched"])
@pytest.mark.parametrize(("info", "rule"), OUTSIDE)
def test_what_is_outside_never_leaves(entry: PlanEntry, info: VideoInfo, rule: str) -> None:
    with pytest.raises(ToolError, match=rule) as caught:
        verify(entry, info, SPEC)
    assert caught.value.exit_code == ExitCode.BUG


@pytest.mark.parametrize(
    ("info", "told"),
    [
        (video(1278, 720), "1278 px were made where 1280 px were planned"),
        (video(1280, 718), "718 px were made where 720 px were planned"),
    ],
    ids=["width", "height"],
)
def test_what_was_made_is_what_was_planned(info: VideoInfo, told: str) -> None:
    with pytest.raises(ToolError, match=told):
        verify(_made(), info, SPEC)


@pytest.mark.parametrize("seconds", [4.5, 5.5])
def test_damaged_footage_decodes_to_less_than_its_header_says(seconds: float) -> None:
    with pytest.raises(DamagedError, match=rf"{seconds} s were made where 5 s were planned; the file is damaged"):
        verify(_made(), video(duration_s=seconds), SPEC)


def test_a_frame_more_or_less_is_as_planned() -> None:
    for duration_s in (4.95, 5.05):
        verify(_made(), video(duration_s=duration_s), SPEC)


@pytest.mark.parametrize("other", [image(), audio()], ids=["image", "audio"])
def test_another_kind_of_file(other: ImageInfo | AudioInfo) -> None:
    with pytest.raises(DamagedError, match=f"video was planned, {other.kind} came out"):
        verify(_made(), other, SPEC)


def test_all_together() -> None:
    plan = plan_of(video(), video())
    verify_set((video(), video()), plan, SPEC)
    with pytest.raises(ToolError, match=r"^the prepared files together break a limit: videos-too-long: "):
        verify_set((video(duration_s=10), video(duration_s=10)), plan, SPEC)
    with pytest.raises(ToolError, match="videos-too-large"):
        verify_set((video(bytes=52_428_801),), plan, SPEC)


def test_untouched_files_together_may_stand_at_the_accepted_value() -> None:
    infos = (video(duration_s=7.6), video(duration_s=7.5, bytes=50_000_000))
    verify_set(infos, plan_of(*infos), SPEC)


@pytest.mark.parametrize(
    "items",
    [
        (image(container="heif"), video(duration_s=15.1)),
        (audio(container="m4a", codec="aac"), video(duration_s=15.1, bytes=52_000_000)),
        (video(1920, 1080), audio(15.1)),
    ],
    ids=["image", "sound", "video"],
)
def test_what_is_made_of_another_kind_changes_nothing(items: tuple[ImageInfo | VideoInfo | AudioInfo, ...]) -> None:
    plan = plan_of(image(), *items)
    verify_set(tuple(entry.predicted for entry in plan.entries), plan, SPEC)
