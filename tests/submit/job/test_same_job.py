"""The same job again: it is found, whatever became of it, and paid for only when somebody says so."""

import json
import shutil
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from PIL import Image

from prep import prepare
from prep.errors import Cancelled, RefusedError, RemoteError, UsageError
from prep.execution.cache import Cache
from prep.model.generation import Generation
from submit import resume, run, submit
from submit.errors import NotSent, Refusal, StillRunning
from submit.journal import Journal
from submit.platform import State
from tests.submit.cloud import Cloud, raising

pytestmark = pytest.mark.usefixtures("both_journals")

Generate = Callable[..., Any]


def test_a_finished_job_is_not_paid_for_again(cloud: Cloud, generate: Generate) -> None:
    first, second = generate(), generate()
    assert (first.found, second.found) == (False, True)
    assert (first.job, first.result) == (second.job, second.result)
    assert (len(cloud.posts), len(cloud.downloads), len(cloud.uploads)) == (1, 1, 1)


def test_into_another_folder_its_video_is_copied(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    first, second = generate(), generate(out=tmp_path / "take2")
    assert Path(second.result.path).read_bytes() == Path(first.result.path).read_bytes() == b"the video"
    assert Path(second.result.path).parent == tmp_path / "take2"
    assert json.loads((tmp_path / "take2" / "receipt.json").read_text())["id"] == first.job
    assert len(cloud.posts) == 1


# What makes it another job: whatever the endpoint is told differently.
OTHERS: dict[str, dict[str, Any]] = {
    "prompt": {"prompt": "@Image1 waves twice"},
    "seed": {"generation": Generation(seed=1)},
    "duration": {"generation": Generation(duration="5")},
    "endpoint": {"endpoint": "bytedance/seedance-2.0/fast/reference-to-video"},
    "again": {"again": True},
}


@pytest.mark.parametrize("other", OTHERS)
def test_another_job_is_paid_for(cloud: Cloud, generate: Generate, tmp_path: Path, other: str) -> None:
    first, second = generate(), generate(**OTHERS[other])
    assert first.job != second.job and not second.found
    assert len(cloud.posts) == 2
    assert len(cloud.uploads) == 1, "the file is the same, and has a URL"
    assert Path(first.result.path).exists() and Path(second.result.path).exists()
    assert {json.loads(path.read_text())["id"] for path in (tmp_path / "out").glob("receipt*.json")} == {
        first.job,
        second.job,
    }
    assert json.loads((tmp_path / "out" / "receipt.json").read_text())["id"] == second.job


def test_what_another_computer_encodes_is_the_same_job(
    media: Callable[[str], Path], cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes of a made file depend on the number of processors, and on the version of ffmpeg."""
    wrapper = tmp_path / "other-ffmpeg"
    wrapper.write_text(f'#!/bin/bash\nexec {imageio_ffmpeg.get_ffmpeg_exe()} "${{@/superfast/ultrafast}}"\n')
    wrapper.chmod(0o755)
    outcomes = []
    for name in ("here", "there"):
        outcomes.append(
            run(
                [media("portrait_rot90.mov")],
                "@Video1 on",
                out=tmp_path / name,
                platform=cloud,
                cache=tmp_path / f"{name}-cache",
            )
        )
        monkeypatch.setenv("FFMPEG_BINARY", str(wrapper))
    here, there = (outcome.manifest.entries[0].output.sha256 for outcome in outcomes)
    assert here != there
    assert (outcomes[1].job, outcomes[1].found, len(cloud.posts)) == (outcomes[0].job, True, 1)
    assert Path(outcomes[1].result.path).is_file()


def test_a_source_that_was_edited_is_another_job(cloud: Cloud, tmp_path: Path) -> None:
    """Between the samples that a plan takes of it, at the same size, and after the first one was refused."""
    picture = tmp_path / "picture.bmp"
    Image.effect_noise((1000, 1000), 60).convert("RGB").save(picture)
    good, cloud.answer = cloud.answer, Refusal("no", 422, [])
    with pytest.raises(Refusal):
        run([picture], "@Image1 waves", out=tmp_path / "out", platform=cloud)
    content = bytearray(picture.read_bytes())
    content[100_000:100_600] = bytes(600)
    picture.write_bytes(content)
    cloud.answer = good
    outcome = run([picture], "@Image1 waves", out=tmp_path / "out", platform=cloud)
    assert (outcome.found, len(cloud.posts)) == (False, 2)


def test_another_that_was_not_sent_hides_no_finished_job(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    first = generate()
    cloud.on_submit = raising(NotSent("unreachable"))
    with pytest.raises(NotSent):
        generate(again=True, out=tmp_path / "take2")
    cloud.on_submit, posts = lambda: None, len(cloud.posts)
    second = generate(confirm=lambda offer: True)
    assert second.found and second.result == first.result
    assert len(cloud.posts) == posts


def test_another_account_is_another_job(cloud: Cloud, generate: Generate) -> None:
    """What was generated in the stand-in must not count for the real platform."""
    generate()
    cloud.account = "another"
    assert not generate().found
    assert (len(cloud.posts), len(cloud.uploads)) == (2, 2)


def test_a_job_that_runs_is_joined(cloud: Cloud, generate: Generate) -> None:
    first = generate(wait=False)
    assert first.result is None
    second = generate()
    assert second.found and second.job == first.job and second.result is not None
    assert len(cloud.posts) == 1


def test_a_video_that_is_gone_is_fetched_once_more(cloud: Cloud, generate: Generate) -> None:
    path = Path(generate().result.path)
    path.unlink()
    assert Path(generate().result.path).read_bytes() == b"the video"
    assert (len(cloud.posts), len(cloud.downloads)) == (1, 2)


def test_a_url_that_no_longer_works_is_not_used(cloud: Cloud, generate: Generate) -> None:
    generate()
    cloud.urls_work = False
    generate(again=True)
    assert len(cloud.uploads) == 2


@pytest.mark.parametrize("error", [NotSent("unreachable"), Refusal("Exhausted balance", 403, "")])
def test_what_was_not_taken_is_the_same_job_still(cloud: Cloud, generate: Generate, error: RemoteError) -> None:
    cloud.on_submit = raising(error)
    with pytest.raises(type(error)):
        generate()
    cloud.on_submit = lambda: None
    outcome = generate()
    [job] = Journal().jobs()
    assert job.id == outcome.job and not outcome.found
    assert [moment.state for moment in job.history].count("submitting") == 2


def test_a_price_is_confirmed_before_it_is_paid(cloud: Cloud, generate: Generate) -> None:
    asked: list[Any] = []

    def no(offer: Any) -> bool:
        asked.append(offer)
        return False

    with pytest.raises(RefusedError, match="not agreed to"):
        generate(confirm=no, generation=Generation(duration="5", aspect_ratio="16:9"))
    assert (cloud.posts, cloud.uploads, Journal().jobs()) == ([], [], ())
    assert asked[0].cost.max_usd >= Decimal("1.5246")  # 5 s at 720p, no video among the references
    generate(confirm=lambda cost: True)
    generate(confirm=no)
    assert len(asked) == 1, "what is paid for already is no question"


def test_the_time_to_wait_is_over(cloud: Cloud, generate: Generate) -> None:
    cloud.states = [State(status="running")]
    with pytest.raises(StillRunning, match="prep-and-submit result"):
        generate(timeout_s=0.01, poll_s=0.005)
    cloud.states = [State(status="completed")]
    assert generate().found


@pytest.mark.parametrize("hook", ["hook?", "hook?a=1&", "hook?flag&b=%20%ff;c+d&"])
def test_the_platform_is_told_where_to_post(cloud: Cloud, generate: Generate, hook: str) -> None:
    job = generate(webhook=f"https://me.example/{hook}".rstrip("?&")).job
    assert cloud.webhooks == [f"https://me.example/{hook}prep_and_submit_job={job}"]


def test_what_passes_is_asked_again(cloud: Cloud, generate: Generate) -> None:
    """Two failures of each kind, and the job comes through."""
    left = {"upload": 2, "state": 2, "download": 2}

    def failing(what: str) -> Callable[..., None]:
        def fail(*_: object) -> None:
            if left[what]:
                left[what] -= 1
                raise RemoteError(f"{what} failed")

        return fail

    cloud.on_upload, cloud.on_state, cloud.on_download = failing("upload"), failing("state"), failing("download")
    assert generate().result is not None
    assert left == {"upload": 0, "state": 0, "download": 0} and len(cloud.posts) == 1


@pytest.mark.parametrize("video", [b"the whole of video", b"the video"], ids=["half at first", "half, or wrongly said"])
def test_a_video_of_another_size_than_was_said(cloud: Cloud, generate: Generate, video: bytes) -> None:
    """It is fetched once more, and then kept: a wrong size in the answer loses no video that was paid for."""
    cloud.answer = {"video": {"url": "https://fal.media/v.mp4", "file_size": 18}}
    half = cloud.video
    cloud.on_download = lambda: setattr(cloud, "video", video if cloud.downloads else half)
    result = generate().result
    assert result is not None and Path(result.path).read_bytes() == video
    assert len(cloud.downloads) == 2


def test_resume_by_the_folder_and_by_nothing(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    outcome = generate()
    for target in (tmp_path / "out", str(tmp_path / "out"), outcome.job, outcome.job[:4], None):
        assert Path(resume(target, platform=cloud).path).is_file()


def test_a_receipt_brings_its_job_to_another_journal(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    """A lost state folder loses no paid result."""
    generate(wait=False, state=tmp_path / "state")
    shutil.rmtree(tmp_path / "state")
    assert Path(resume(tmp_path / "out", platform=cloud, state=tmp_path / "new").path).is_file()
    assert len(cloud.posts) == 1


def test_a_receipt_of_what_was_never_sent_sends_nothing(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    cloud.on_submit = raising(NotSent("unreachable"))
    with pytest.raises(NotSent):
        generate(state=tmp_path / "state")
    with pytest.raises(UsageError, match="run the job again"):
        resume(tmp_path / "out", platform=cloud, state=tmp_path / "new")


def test_what_was_interrupted_before_it_was_sent_goes_on(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    cloud.on_upload = raising(KeyboardInterrupt())
    with pytest.raises((Cancelled, KeyboardInterrupt)):
        generate()
    cloud.on_upload = lambda path: None
    assert Path(resume(tmp_path / "out", platform=cloud).path).is_file()
    assert len(cloud.posts) == 1


def test_prepared_files_that_changed_are_not_sent(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    cloud.on_submit = raising(NotSent("unreachable"))
    with pytest.raises(NotSent):
        generate()
    cloud.on_submit = lambda: None
    next((tmp_path / "out").glob("image1-*")).write_bytes(b"another")
    with pytest.raises(UsageError, match="run the whole job again"):
        resume(None, platform=cloud)
    assert len(cloud.posts) == 1
    assert generate().result is not None, "which prepares it again"


def test_three_lines(media: Callable[[str], Path], cloud: Cloud, tmp_path: Path) -> None:
    """The library, for somebody who does not know of a journal: what is interrupted is found by saying it again."""
    prepare([media("at_limit_300.png")], out=tmp_path / "ready")
    cloud.on_state = raising(KeyboardInterrupt())
    handle = submit(tmp_path / "ready", "@Image1 waves", platform=cloud)
    with pytest.raises(Cancelled, match=handle.job):
        handle.result()
    cloud.on_state = lambda: None
    handle = submit(tmp_path / "ready", "@Image1 waves", platform=cloud)
    assert Path(handle.result().path).read_bytes() == b"the video"
    assert len(cloud.posts) == 1


def test_a_file_leaves_while_others_are_still_made(media: Callable[[str], Path], cloud: Cloud, tmp_path: Path) -> None:
    """The clip is not begun before the photo has arrived."""
    arrived = threading.Event()
    cloud.on_upload = lambda path: arrived.set()

    def told(event: Any) -> None:
        if event.stage == "prepare" and event.tag == "@Video1" and event.part == 0.0:
            assert arrived.wait(60)

    references = [media("at_limit_300.png"), media("silent_720p.mp4")]
    run(references, "@Image1 @Video1", out=tmp_path / "out", platform=cloud, progress=told)
    assert sorted(name[:6] for name, _ in cloud.uploads) == ["image1", "video1"]


def test_prompt_iterations_cost_no_transcode_and_no_upload(
    media: Callable[[str], Path], cloud: Cloud, tmp_path: Path
) -> None:
    photo = media("photo_orient6.jpg")
    for take in range(3):
        run([photo], f"@Image1 waves, take {take}", out=tmp_path / f"take{take}", platform=cloud)
    assert (len(cloud.posts), len(cloud.uploads)) == (3, 1)
    assert Cache().contents().files == 1
