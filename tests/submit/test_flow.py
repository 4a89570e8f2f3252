"""From prepared files to the video, against a platform in memory."""

import hashlib
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prep import prepare
from prep.errors import Cancelled, ExitCode, NonCompliantError, RefusedError, RemoteError, UsageError
from prep.model.generation import Generation
from prep.model.progress import Progress
from prep.specs import DEFAULT_ENDPOINT
from submit import resume, run, submit
from submit.journal import Journal
from submit.ports import NotSent, Refusal, State, SubmitUncertain
from tests.submit.cloud import Cloud

Media = Callable[[str], Path]
PROMPT = "@hero walks like @Video1 to @Audio1"


class Job:
    """One set of small compliant references, one folder, one platform."""

    def __init__(self, media: Media, out: Path) -> None:
        self.references = [f"hero={media('at_limit_300.png')}", str(media("silent_720p.mp4")), str(media("voice.mp3"))]
        self.out = out
        self.cloud = Cloud()
        self.events: list[Progress] = []

    def run(self, prompt: str = PROMPT, **options: Any) -> Any:
        options = {"out": self.out, "platform": self.cloud, "progress": self.events.append, **options}
        return run(self.references, prompt, **options)

    @property
    def receipt(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.out / "receipt.json").read_text("utf-8"))
        return told

    def fetched_again(self) -> None:
        """The same run, and the same submission, fetch the video of the job that is there: without another post."""
        self.cloud.answer = {"video": {"url": "https://fal.media/v.mp4"}}
        self.cloud.states = [State(status="completed")]
        self.cloud.uploads.clear()
        found = [self.run().result, submit(self.out, PROMPT, platform=self.cloud).result()]
        assert [Path(result.path).read_bytes() for result in found] == [b"the video"] * 2
        assert (self.cloud.uploads, len(self.cloud.posts)) == ([], 1)

    def doubted_again(self) -> None:
        """The same run, and the same submission, send nothing, since nobody knows."""
        for again in (self.run, lambda: submit(self.out, PROMPT, platform=self.cloud)):
            with pytest.raises(SubmitUncertain, match="resubmit") as caught:
                again()
            assert caught.value.exit_code == ExitCode.REMOTE == 4
        assert len(self.cloud.posts) == 1


@pytest.fixture
def job(media: Media, tmp_path: Path) -> Job:
    return Job(media, tmp_path / "out")


FILES = ["image1-at_limit_300.png", "video1-silent_720p.mp4", "audio1-voice.mp3"]


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


def test_after_a_refusal_one_may_try_again(job: Job) -> None:
    job.cloud.answer = Refusal("failed", 422, [])
    with pytest.raises(Refusal):
        job.run()
    job.cloud.answer = {"video": {"url": "https://fal.media/v.mp4"}}
    assert job.run().result.seed is None
    assert len(job.cloud.posts) == 2


def _raise(error: BaseException) -> Callable[..., None]:
    def raising(*_: object) -> None:
        raise error

    return raising


def test_it_is_not_known_whether_it_arrived(job: Job) -> None:
    job.cloud.on_submit = _raise(SubmitUncertain("the connection broke"))
    with pytest.raises(SubmitUncertain, match="not sent again") as caught:
        job.run()
    assert caught.value.exit_code == ExitCode.REMOTE
    assert job.receipt["state"] == "uncertain"
    assert len(job.cloud.posts) == 1
    job.cloud.on_submit = lambda: None
    job.doubted_again()


@pytest.mark.parametrize("death", [SystemExit(1), RuntimeError("a bug"), MemoryError(), RemoteError("what is that?")])
def test_whatever_dies_at_the_post_leaves_a_trace(job: Job, death: BaseException) -> None:
    job.cloud.on_submit = _raise(death)
    with pytest.raises(type(death)):
        job.run()
    assert job.receipt["state"] == "uncertain"
    job.cloud.on_submit = lambda: None
    job.doubted_again()


@pytest.mark.parametrize("hook", ["on_state", "on_download"])
@pytest.mark.parametrize("death", [KeyboardInterrupt(), SystemExit(1), RuntimeError("a bug")])
def test_whatever_dies_later_keeps_the_request_id(job: Job, hook: str, death: BaseException) -> None:
    setattr(job.cloud, hook, _raise(death))
    with pytest.raises((type(death), Cancelled)) as caught:
        job.run()
    if isinstance(death, KeyboardInterrupt):
        assert "prep-and-submit result" in str(caught.value)
    assert job.receipt["ticket"]["request_id"] == "abc-123"
    setattr(job.cloud, hook, lambda: None)
    job.fetched_again()


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


def test_what_was_certainly_not_taken_may_be_sent_again(job: Job) -> None:
    job.cloud.on_submit = _raise(NotSent("the platform can't be reached"))
    with pytest.raises(NotSent, match="reached"):
        job.run()
    assert job.receipt["state"] == "uploaded"
    job.cloud.on_submit = lambda: None
    job.run()
    assert len(job.cloud.posts) == 2


def test_a_price_over_the_cap_spends_nothing(job: Job) -> None:
    """5 s in + 5 s out at 720p is $1.8144 (LIMITS.md)."""
    five = Generation(duration="5", aspect_ratio="16:9")
    with pytest.raises(RefusedError, match=r"\$1\.81.*\$1\.81") as caught:
        job.run(generation=five, max_cost=Decimal("1.8143"))
    assert caught.value.exit_code == ExitCode.REFUSED == 5
    assert (job.cloud.uploads, job.cloud.posts) == ([], [])
    assert not job.out.exists()
    outcome = job.run(generation=five, max_cost=Decimal("1.8144"))
    assert outcome.cost.min_usd == outcome.cost.max_usd == Decimal("1.8144")
    assert job.receipt["cost"] == {"min_usd": 1.8144, "max_usd": 1.8144}


def test_an_unknown_price_is_over_any_cap(job: Job) -> None:
    with pytest.raises(RefusedError, match="no price is published"):
        job.run(generation=Generation(resolution="1080p"), max_cost=Decimal(1000))
    assert (job.cloud.uploads, job.cloud.posts) == ([], [])
    assert job.run(generation=Generation(resolution="1080p")).cost is None


# What is wrong with the job itself is said before any work, and nothing is left of it.
WRONG: dict[str, tuple[str, Generation | None, type[Exception]]] = {
    "empty prompt": ("", None, NonCompliantError),
    "blank prompt": (" \n ", None, NonCompliantError),
    "unknown name": ("@nobody walks", None, NonCompliantError),
    "number out of range": ("@Image2 walks", None, NonCompliantError),
    "duration": (PROMPT, Generation(duration="3"), UsageError),
    "resolution": (PROMPT, Generation(resolution="4k"), UsageError),
    "aspect ratio": (PROMPT, Generation(aspect_ratio="2:1"), UsageError),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_before_anything_is_made_or_sent(job: Job, case: str) -> None:
    prompt, generation, error = WRONG[case]
    with pytest.raises(error):
        job.run(prompt, generation=generation)
    assert (job.cloud.uploads, job.cloud.posts) == ([], [])
    assert not [event for event in job.events if event.stage == "prepare"]
    assert not job.out.exists()


def test_without_a_key_nothing_is_made(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)
    with pytest.raises(RefusedError, match="FAL_KEY") as caught:
        job.run(platform=None)
    assert caught.value.exit_code == ExitCode.REFUSED
    assert not job.out.exists()


def test_an_upload_that_fails_submits_nothing(job: Job) -> None:
    job.cloud.on_upload = lambda path: _raise(RemoteError("uploading failed"))() if "video" in path.name else None
    with pytest.raises(RemoteError, match="uploading"):
        job.run()
    assert job.cloud.posts == []
    assert job.receipt["state"] == "prepared"


def test_cancelled_while_uploading(job: Job) -> None:
    cancel = threading.Event()
    job.cloud.on_upload = lambda path: cancel.set()
    with pytest.raises(Cancelled):
        job.run(cancel=cancel)
    assert job.cloud.posts == []
    assert {known.state for known in Journal().jobs()} <= {"prepared"}


def test_cancelled_while_waiting(job: Job) -> None:
    cancel = threading.Event()
    job.cloud.states = [State(status="queued", position=1)]
    job.cloud.on_state = cancel.set
    with pytest.raises(Cancelled, match=r"goes on as request abc-123.*prep-and-submit result") as caught:
        job.run(cancel=cancel)
    assert caught.value.exit_code == ExitCode.INTERRUPTED == 130
    assert job.cloud.polls == 1
    assert (job.receipt["state"], job.receipt["ticket"]["request_id"]) == ("submitted", "abc-123")
    job.fetched_again()


def test_a_download_that_fails_keeps_what_was_paid_for(job: Job) -> None:
    job.cloud.on_download = _raise(RemoteError("the download ended early"))
    with pytest.raises(RemoteError, match="early"):
        job.run()
    assert (job.receipt["state"], job.receipt["result"]) == ("completed", job.cloud.answer)
    job.cloud.on_download = lambda: None
    job.fetched_again()


def test_a_result_that_can_not_be_fetched_keeps_the_receipt(job: Job) -> None:
    job.cloud.answer = RemoteError("the network is down")
    with pytest.raises(RemoteError, match="network"):
        job.run()
    assert job.receipt["state"] == "submitted"
    job.fetched_again()


@pytest.mark.parametrize("answer", [{}, {"video": None}, {"video": {}}, {"video": {"url": 3}}, {"video": "https://x"}])
def test_an_answer_without_a_video_is_kept(job: Job, answer: dict[str, Any]) -> None:
    job.cloud.answer = answer
    with pytest.raises(RemoteError, match="no video"):
        job.run()
    assert (job.receipt["state"], job.receipt["result"]) == ("completed", answer)


@pytest.mark.parametrize("request_id", ["../../escaped", "a/b", "..", "", "x" * 300])
def test_an_id_from_outside_names_no_other_path(job: Job, tmp_path: Path, request_id: str) -> None:
    job.cloud.request_id = request_id
    outcome = job.run()
    assert Path(outcome.result.path).parent == job.out
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


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
    assert [event.message for event in job.events if event.stage == "generate"] == ["reading", "drawing", "done"]
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


def test_submitting_what_was_prepared_before(job: Job) -> None:
    prepare(job.references, out=job.out)
    before = {path.name: path.read_bytes() for path in job.out.iterdir()}
    submission = submit(job.out, PROMPT, platform=job.cloud)
    assert (submission.request_id, job.receipt["state"]) == ("abc-123", "submitted")
    assert submission.result().seed == 7
    assert len(job.cloud.posts) == 1
    assert {name: (job.out / name).read_bytes() for name in before} == before


def test_a_file_that_changed_since_it_was_prepared(job: Job) -> None:
    prepare(job.references, out=job.out)
    with (job.out / FILES[0]).open("ab") as file:
        file.write(b"!")
    (job.out / FILES[2]).unlink()
    with pytest.raises(UsageError) as caught:
        submit(job.out, PROMPT, platform=job.cloud)
    assert FILES[0] in str(caught.value) and FILES[2] in str(caught.value)
    assert FILES[1] not in str(caught.value)
    assert (job.cloud.uploads, job.cloud.posts) == ([], [])


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "sub/file.png", "..", "."])
def test_a_manifest_names_no_file_elsewhere(job: Job, tmp_path: Path, name: str) -> None:
    prepare(job.references, out=job.out)
    (tmp_path / "secret.png").write_text("secret")
    told = json.loads((job.out / "manifest.json").read_text("utf-8"))
    told["entries"][0]["output"]["path"] = name
    (job.out / "manifest.json").write_text(json.dumps(told))
    with pytest.raises(UsageError):
        submit(job.out, PROMPT, platform=job.cloud)
    assert job.cloud.uploads == []


def test_a_link_in_the_folder_leads_to_no_file_elsewhere(job: Job, tmp_path: Path) -> None:
    prepare(job.references, out=job.out)
    (tmp_path / "secret.png").write_bytes((job.out / FILES[0]).read_bytes() + b"secret")
    (job.out / FILES[0]).unlink()
    (job.out / FILES[0]).symlink_to(tmp_path / "secret.png")
    with pytest.raises(UsageError, match="changed"):
        submit(job.out, PROMPT, platform=job.cloud)
    assert job.cloud.uploads == []


def test_a_manifest_whose_files_do_not_comply_is_not_submitted(job: Job, media: Media) -> None:
    """Hashes alone prove nothing about limits: whoever edits the manifest edits the hash as well."""
    prepare(job.references, out=job.out)
    (job.out / FILES[0]).write_bytes(media("small_200.png").read_bytes())
    told = json.loads((job.out / "manifest.json").read_text("utf-8"))
    told["entries"][0]["output"]["sha256"] = hashlib.sha256((job.out / FILES[0]).read_bytes()).hexdigest()
    (job.out / "manifest.json").write_text(json.dumps(told))
    with pytest.raises((UsageError, NonCompliantError)):
        submit(job.out, PROMPT, platform=job.cloud)
    assert (job.cloud.uploads, job.cloud.posts) == ([], [])


@pytest.mark.parametrize("content", [None, "", "{}", "not json", '{"state": "submitted"}', "[]"])
def test_a_folder_without_a_readable_manifest(job: Job, content: str | None) -> None:
    job.out.mkdir()
    if content is not None:
        (job.out / "manifest.json").write_text(content)
    with pytest.raises(UsageError, match=r"manifest\.json"):
        submit(job.out, PROMPT, platform=job.cloud)


@pytest.mark.parametrize("content", ["", "{}", "not json", '{"state": "submitted"}'])
def test_a_receipt_that_can_not_be_read_is_not_replaced(job: Job, content: str) -> None:
    """It may be the only trace of something that was paid for."""
    job.out.mkdir()
    (job.out / "receipt.json").write_text(content)
    with pytest.raises(UsageError, match=r"receipt\.json"):
        job.run()
    assert (job.out / "receipt.json").read_text() == content
    assert (job.cloud.uploads, job.cloud.posts) == ([], [])


def test_an_output_folder_that_is_a_file(job: Job) -> None:
    job.out.write_text("mine")
    with pytest.raises(UsageError, match="out"):
        job.run()
    with pytest.raises(UsageError, match="out"):
        submit(job.out, PROMPT, platform=job.cloud)
    assert job.out.read_text() == "mine"
    assert job.cloud.uploads == []


def test_an_image_that_is_not_named_is_a_warning(job: Job) -> None:
    outcome = job.run("@Video1 dances to @Audio1")
    assert [(finding.rule, finding.tag) for finding in outcome.findings] == [("prompt-reference-unused", "@Image1")]


@pytest.mark.parametrize("hook", ["on_state", "on_download"])
def test_what_was_interrupted_is_resumed_without_a_second_post(job: Job, hook: str) -> None:
    setattr(job.cloud, hook, _raise(KeyboardInterrupt()))
    with pytest.raises(Cancelled):
        job.run()
    setattr(job.cloud, hook, lambda: None)
    result = resume(job.out, platform=job.cloud)
    assert Path(result.path).is_file()
    assert job.receipt["state"] == "downloaded"
    assert len(job.cloud.posts) == 1
    assert resume(job.out, platform=job.cloud) == result


def test_there_is_nothing_to_resume(job: Job) -> None:
    with pytest.raises(UsageError, match=r"receipt\.json"):
        resume(job.out, platform=job.cloud)
