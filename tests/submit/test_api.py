"""The way from prepared files to the video, against a platform in memory."""

import hashlib
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from prep.errors import ExitCode, RemoteError, UsageError
from prep.model.generation import Generation
from prep.specs import DEFAULT_ENDPOINT
from submit import run
from submit.errors import NotSent, Refusal
from submit.platform import State
from tests.submit.cloud import Cloud, raising
from tests.submit.job_values import FILES, Job

Media = Callable[[str], Path]


def test_the_whole_way(job: Job) -> None:
    outcome = job.run()
    assert job.cloud.posts == [
        (
            DEFAULT_ENDPOINT,
            {
                "prompt": "@Image1 walks like @Video1 to @Audio1",
                "image_urls": [f"https://cdn/{FILES[0]}"],
                "video_urls": [f"https://cdn/{FILES[1]}"],
                "audio_urls": [f"https://cdn/{FILES[2]}"],
                "resolution": "720p",
                "duration": "auto",
                "aspect_ratio": "auto",
                "generate_audio": True,
            },
        )
    ]
    assert sorted(job.cloud.uploads) == sorted(zip(FILES, ("image/png", "video/mp4", "audio/mpeg"), strict=True))
    assert (outcome.request_id, outcome.result.seed) == ("abc-123", 7)
    assert outcome.result.url == job.cloud.downloads[0] == "https://fal.media/v.mp4"
    assert Path(outcome.result.path).read_bytes() == b"the video"
    assert Path(outcome.result.path).parent == job.out
    assert set(outcome.timings_s) == {"prepare", "upload", "generate"}
    assert job.receipt["state"] == "downloaded"
    assert sorted(path.name for path in job.out.iterdir()) == sorted(
        [*FILES, "manifest.json", "receipt.json", Path(outcome.result.path).name]
    )


def test_what_can_be_read_only_once(job: Job, media: Media) -> None:
    """A pipe is read to plan with it, and is empty then."""
    reader, writer = os.pipe()
    data = media("photo.jpg").read_bytes()

    def fill() -> None:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(data)

    filling = threading.Thread(target=fill)
    filling.start()
    with os.fdopen(reader, "rb") as pipe:
        job.references = [pipe]
        job.run("@Image1 waves")
    filling.join()
    assert [path.read_bytes() for path in job.out.glob("image1-*")] == [data]


def test_everything_that_can_be_asked_for_is_in_the_request(job: Job) -> None:
    asked = Generation(
        resolution="480p", duration="5", aspect_ratio="9:16", generate_audio=False, seed=0, end_user_id="me"
    )
    job.run(generation=asked)
    [(_, arguments)] = job.cloud.posts
    assert {key: arguments[key] for key in asked.model_dump()} == asked.model_dump()


def test_urls_stand_in_the_order_of_the_tags_whatever_arrives_first(job: Job, media: Media) -> None:
    """The first upload ends last."""
    job.references = [str(media(name)) for name in ("at_limit_300.png", "aspect_2_5.png", "alpha.png", "palette.png")]
    others = threading.Semaphore(0)

    def wait_for_the_others(path: Path) -> None:
        if path.name.startswith("image1-"):
            for _ in range(3):
                assert others.acquire(timeout=10)
        else:
            others.release()

    job.cloud.on_upload = wait_for_the_others
    job.run("@Image1 @Image2 @Image3 @Image4")
    assert job.cloud.uploads[-1][0] == "image1-at_limit_300.png"
    [(_, arguments)] = job.cloud.posts
    assert [url.rpartition("/")[2][:7] for url in arguments["image_urls"]] == [
        "image1-",
        "image2-",
        "image3-",
        "image4-",
    ]


def test_what_is_uploaded_is_what_was_verified(job: Job, media: Media) -> None:
    """Two runs share the default folder: the second must not swap the files that the first is about to upload."""
    job.references = [f"{media('photo.jpg')}#xywh=0,0,900,1200"]
    sent: list[str] = []

    def meanwhile(path: Path) -> None:
        other = Cloud()
        with suppress(UsageError):
            run([f"{media('photo.jpg')}#xywh=900,0,900,1200"], "@Image1", out=job.out, platform=other)
        sent.append(hashlib.sha256(path.read_bytes()).hexdigest())

    job.cloud.on_upload = meanwhile
    outcome = job.run("@Image1")
    assert sent == [entry.output.sha256 for entry in outcome.manifest.entries]


def test_the_receipt_is_there_before_the_post_and_grows(job: Job) -> None:
    seen: dict[str, dict[str, Any]] = {}
    job.cloud.on_submit = lambda: seen.update(submit=job.receipt)
    job.cloud.on_state = lambda: seen.update(state=job.receipt)
    job.cloud.on_download = lambda: seen.update(download=job.receipt)
    job.run()
    assert [seen[when]["state"] for when in ("submit", "state", "download")] == ["submitting", "submitted", "completed"]
    assert "ticket" not in seen["submit"]
    assert seen["submit"]["request"]["prompt"] == "@Image1 walks like @Video1 to @Audio1"
    assert seen["submit"]["request"]["video_urls"] == [f"https://cdn/{FILES[1]}"]
    assert seen["state"]["ticket"]["request_id"] == "abc-123"
    assert seen["download"]["result"] == job.cloud.answer


def test_a_refusal_names_the_file(job: Job) -> None:
    detail = [
        {
            "loc": ["body", "video_urls", 0],
            "type": "video_duration_too_long",
            "msg": "Video is too long.",
            "input": {"prompt": "the secret prompt"},
        },
        {"loc": ["body"], "type": "value_error", "msg": "`content[1]` has a wrong shape"},
        {"loc": ["body", "prompt"], "type": "content_policy_violation", "msg": "Not allowed."},
    ]
    job.cloud.answer = Refusal("request abc-123 failed", 422, detail)
    with pytest.raises(Refusal) as caught:
        job.run()
    found = [(finding.rule, finding.tag, finding.subject) for finding in caught.value.findings]
    assert found[0][:2] == ("refused-video-duration-too-long", "@Video1")
    assert str(found[0][2]).endswith("silent_720p.mp4")
    assert found[1][1] == "@Image1"
    assert found[2] == ("refused-content-policy-violation", None, None)
    assert "secret" not in str([finding.model_dump() for finding in caught.value.findings])
    assert caught.value.exit_code == ExitCode.REMOTE == 4
    assert job.receipt["state"] == "failed"


def test_what_was_certainly_not_taken_may_be_sent_again(job: Job) -> None:
    job.cloud.on_submit = raising(NotSent("the platform can't be reached"))
    with pytest.raises(NotSent, match="reached"):
        job.run()
    assert job.receipt["state"] == "uploaded"
    job.cloud.on_submit = lambda: None
    job.run()
    assert len(job.cloud.posts) == 2


def test_an_upload_that_fails_submits_nothing(job: Job) -> None:
    job.cloud.on_upload = lambda path: raising(RemoteError("uploading failed"))() if "video" in path.name else None
    with pytest.raises(RemoteError, match="uploading"):
        job.run()
    assert job.cloud.posts == []
    assert job.receipt["state"] == "prepared"


def test_a_seed_that_is_none_of_ours(job: Job) -> None:
    job.cloud.answer = {"video": {"url": "https://fal.media/v.mp4"}, "seed": "seven"}
    assert job.run().result.seed is None


def test_each_log_line_is_told_once(job: Job) -> None:
    job.cloud.states = [
        State(status="queued", position=2),
        State(status="queued", position=1),
        State(status="running", logs=("reading",)),
        State(status="running", logs=("reading", "drawing")),
        State(status="completed", logs=("reading", "drawing", "done")),
    ]
    job.run(poll_s=0.001)
    told = [event.message for event in job.events if event.message]
    assert [message for message in told if "ahead" in message] == ["in the queue, 2 ahead", "in the queue, 1 ahead"]
    assert [event.position for event in job.events if event.position is not None] == [2, 1]
    assert [event.message for event in job.events if event.stage == "generate" and event.message] == [
        "reading",
        "drawing",
        "done",
    ]
    assert any("abc-123" in message for message in told)
    [entered] = [event for event in job.events if event.stage == "job"]
    assert entered.label == job.receipt["id"]


def test_progress_of_uploads(job: Job) -> None:
    job.run()
    parts: dict[str, list[float]] = {}
    for event in job.events:
        if event.stage == "upload" and event.tag:
            parts.setdefault(event.tag, []).append(event.part)
    assert {tag: {min(seen), max(seen)} for tag, seen in parts.items()} == {
        tag: {0.0, 1.0} for tag in ("@Image1", "@Video1", "@Audio1")
    }
    sizes = {event.tag: (event.bytes, event.of_bytes) for event in job.events if event.stage == "upload"}
    for tag, name in zip(("@Image1", "@Video1", "@Audio1"), FILES, strict=True):
        assert sizes[tag] == ((job.out / name).stat().st_size,) * 2


def test_an_image_that_is_not_named_is_a_warning(job: Job) -> None:
    outcome = job.run("@Video1 dances to @Audio1")
    assert [(finding.rule, finding.tag) for finding in outcome.findings] == [("prompt-reference-unused", "@Image1")]
