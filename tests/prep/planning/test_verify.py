"""Judging what was made: by the strict values, where a file that goes through may stand at the accepted ones."""

import pytest

from prep.errors import ExitCode, ToolError
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.model.plan import PlanEntry
from prep.specs import load_spec
from prep.verify import verify, verify_set
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


def test_a_file_that_goes_through_may_stand_at_the_accepted_value_and_one_that_was_made_may_not() -> None:
    for duration_s in (15.1, 1.9):
        verify(_untouched(), video(duration_s=duration_s), SPEC)
        with pytest.raises(ToolError, match=r"^video-1\.mp4: what was made of it misses a limit: video-too-"):
            verify(_made(), video(duration_s=duration_s), SPEC)


@pytest.mark.parametrize(
    ("info", "rule"),
    [
        (video(1280, 726), "video-area-too-large"),
        (video(fps=23.976), "video-fps-too-low"),
        (video(duration_s=15.21), "video-too-long"),
        (video(container="matroska"), "video-container-unsupported"),
    ],
)
@pytest.mark.parametrize("entry", [_made(), _untouched()], ids=["made", "untouched"])
def test_what_is_outside_never_leaves(entry: PlanEntry, info: VideoInfo, rule: str) -> None:
    with pytest.raises(ToolError, match=rule) as caught:
        verify(entry, info, SPEC)
    assert caught.value.exit_code == ExitCode.BUG


@pytest.mark.parametrize("other", [image(), audio()], ids=["image", "audio"])
def test_another_kind_of_file(other: ImageInfo | AudioInfo) -> None:
    with pytest.raises(ToolError, match=f"video was planned, {other.kind} came out"):
        verify(_made(), other, SPEC)


def test_all_together() -> None:
    plan = plan_of(video(), video())
    verify_set((video(), video()), plan, SPEC)
    with pytest.raises(ToolError, match=r"^the files together miss a limit: videos-too-long: "):
        verify_set((video(duration_s=10), video(duration_s=10)), plan, SPEC)
    with pytest.raises(ToolError, match="videos-too-large"):
        verify_set((video(bytes=52_428_801),), plan, SPEC)


def test_what_the_plan_said_would_stand_is_no_surprise() -> None:
    plan = plan_of(*[video(duration_s=60)] * 8)
    verify_set(tuple(video(duration_s=2) for _ in range(8)), plan, SPEC)
