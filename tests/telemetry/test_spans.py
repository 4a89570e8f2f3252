"""Spans: how they nest, what they say, and what they never say; jobs go through the sandbox or a platform in memory."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import Span, SpanProcessor

from prep import acheck, check, prepare
from prep.check_many import check_each
from prep.errors import NonCompliantError, RemoteError, UnreadableError
from prep.model.manifest import ManifestEntry
from prep.model.reference import Reference
from submit import resume, run, submit
from submit.errors import Refusal
from submit.sandbox import Sandbox
from submit.webhook import receive
from tests.submit.cloud import Cloud, raising
from tests.submit.webhook.signing import KEY, NOW, jwk, notice, signed
from tests.telemetry.recorded import Recorded, attributes
from tests.types import Media

# fal_client closes none of the clients that it makes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
Generate = Callable[..., Any]
FILE = ("prepare file", [("encode", []), ("verify", [])])
COPIED = ("prepare file", [("copy", []), ("verify", [])])
PROBED = ("probe file", [("worker", [])])


@pytest.fixture(autouse=True)
def no_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether faces are looked for depends on what is installed."""
    monkeypatch.setattr("prep.people.can_look", lambda: False)


def test_a_run_is_one_tree(box: Sandbox, media: Media, recorded: Recorded, tmp_path: Path) -> None:
    references = [media("photo_orient6.jpg"), media("at_limit_300.png")]
    outcome = run(references, "@Image1 waves", out=tmp_path / "out", poll_s=0.02)
    assert recorded.below() == [
        (
            "submit.run",
            [
                ("look", []),
                ("plan", []),
                ("prepare", [COPIED, FILE]),
                ("probe", [PROBED, PROBED]),
                ("submit", []),
                ("submit.result", [("download", []), ("wait", [])]),
                ("upload", []),
                ("upload file", []),
                ("upload file", []),
            ],
        )
    ]
    assert outcome.cost and outcome.bill and outcome.bill.usd is not None
    (root,) = recorded.named("submit.run")
    assert root == {
        "gen_ai.request.model": outcome.manifest.endpoint,
        "gen_ai.response.id": outcome.request_id,
        "job.id": outcome.job,
        "job.state": "downloaded",
        "job.found": False,
        "sandbox": True,
        "quoted_usd": float(outcome.cost.max_usd),
        "billed_usd": float(outcome.bill.usd),
    }
    for name in ("upload", "submit", "wait", "download"):
        assert [span["job.id"] for span in recorded.named(name)] == [outcome.job], name


def test_a_file_says_what_was_decided(media: Media, recorded: Recorded, tmp_path: Path) -> None:
    manifest = prepare([media("photo_orient6.jpg"), media("clip_720p.mp4")], out=tmp_path / "out")
    files = {span["tag"]: span for span in recorded.named("prepare file")}
    for entry in manifest.entries:
        span = files[entry.tag]
        assert span["file.size"] == (tmp_path / "out" / entry.output.path).stat().st_size
        assert span["steps"] == tuple(step.kind for step in entry.steps)
        assert span["media.kind"] == entry.kind
    assert files["@Image1"]["because"] == ("image-not-upright",)
    assert files["@Video1"]["media.duration"] == 5.0
    probed = {span["file.name"]: span for span in recorded.named("probe file")}
    assert probed["clip_720p.mp4"]["file.size"] == media("clip_720p.mp4").stat().st_size
    functions = {span["code.function.name"] for span in recorded.named("worker")}
    assert {"probe_media", "find_cuts"} <= functions


def test_what_is_no_local_file_is_fetched(media: Media, recorded: Recorded, tmp_path: Path) -> None:
    content = media("at_limit_300.png").read_bytes()
    prepare(Reference(location="upload.png", content=content), out=tmp_path / "out")
    assert ("prepare file", [("copy", []), ("fetch", []), ("verify", [])]) in recorded.below()[0][1][1][1]


def test_the_cache_is_named(media: Media, recorded: Recorded, tmp_path: Path) -> None:
    for _ in range(2):
        prepare(media("photo_orient6.jpg"), out=tmp_path / "out", cache=tmp_path / "cache")
    assert [span["cached"] for span in recorded.named("encode")] == [False, True]


def test_a_file_that_fails_names_the_error_alone(media: Media, recorded: Recorded, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        prepare([media("photo.jpg"), media("truncated.mp4")], out=tmp_path / "out")
    probed = {span["file.name"]: span for span in recorded.named("probe file")}
    assert "status" not in probed["photo.jpg"]
    assert probed["truncated.mp4"] == {
        "file.name": "truncated.mp4",
        "error.type": "prep.errors.UnreadableError",
        "status": "ERROR",
    }
    assert recorded.named("prep.prepare")[0]["error.type"] == "prep.errors.UnreadableError"
    assert all(span.status.description is None and not span.events for span in recorded.spans)


def test_a_file_that_can_not_be_made_fails_alone(media: Media, recorded: Recorded, tmp_path: Path) -> None:
    def refuse(entry: ManifestEntry, path: Path) -> None:
        if entry.tag == "@Image2":
            raise ValueError(f"{path} is not wanted")

    with pytest.raises(ValueError, match="not wanted"):
        prepare([media("photo_orient6.jpg"), media("at_limit_300.png")], out=tmp_path / "out", on_made=refuse)
    failed = {span["tag"]: span.get("error.type") for span in recorded.named("prepare file")}
    assert failed["@Image2"] == "ValueError" and failed.get("@Image1") in (None, "prep.errors.Cancelled")
    assert recorded.named("prepare")[0]["error.type"] == "ValueError"


def test_a_set_that_can_not_comply_is_planned_only(media: Media, recorded: Recorded, tmp_path: Path) -> None:
    with pytest.raises(NonCompliantError):
        prepare([media("voice.mp3")], out=tmp_path / "out")
    assert recorded.named("plan") == [{"errors": ("audio-without-visual",), "warnings": ()}]
    assert recorded.named("prepare") == []


def test_findings_are_named_by_their_rules(media: Media, recorded: Recorded) -> None:
    report = check([media("photo_orient6.jpg"), media("huge_7000.jpg")])
    (span,) = recorded.named("prep.check")
    assert set(span["errors"]) == {finding.rule for finding in report.findings if finding.severity == "error"}
    assert "image-side-too-long" in span["errors"]


def test_each_of_many_files_is_a_check_of_its_own(media: Media, recorded: Recorded) -> None:
    """In threads, below what the program does."""
    references = [Reference(location=str(media(name))) for name in ("photo.jpg", "at_limit_300.png", "truncated.mp4")]
    tracer = recorded.tracer_provider.get_tracer("program")
    with tracer.start_as_current_span("nightly"):
        list(check_each(references))
    assert recorded.below() == [("nightly", [("prep.check", [("probe", [PROBED])])] * 3)]
    assert [span.get("error.type") for span in recorded.named("prep.check")].count("prep.errors.UnreadableError") == 1


def test_spans_nest_below_those_of_an_event_loop(media: Media, recorded: Recorded) -> None:
    tracer = recorded.tracer_provider.get_tracer("program")

    async def handle(name: str) -> None:
        with tracer.start_as_current_span(name):
            await acheck(media("photo.jpg"))

    async def serve() -> None:
        await asyncio.gather(handle("first"), handle("second"))

    asyncio.run(serve())
    checked = [("prep.check", [("probe", [PROBED])])]
    assert recorded.below() == [("first", checked), ("second", checked)]


def test_a_refused_job_fails_where_it_was_refused(
    start: Callable[..., Sandbox], media: Media, recorded: Recorded, tmp_path: Path
) -> None:
    start("policy-refusal")
    with pytest.raises(Refusal):
        run(media("at_limit_300.png"), "@Image1 waves", out=tmp_path / "out", poll_s=0.02)
    (waited,), (root,) = recorded.named("wait"), recorded.named("submit.run")
    assert (waited["job.state"], waited["error.type"]) == ("failed", "submit.errors.Refusal")
    assert (root["job.state"], root["status"]) == ("submitted", "ERROR")
    assert recorded.named("submit")[0].get("status") is None


def test_stages_of_one_job_in_several_calls_share_its_id(cloud: Cloud, generate: Generate, recorded: Recorded) -> None:
    job = generate(wait=False, webhook="https://me.example/hook").job
    body = notice("abc-123", payload={"video": {"url": "https://fal.media/v.mp4"}})
    receive(signed(body), body, platform=cloud, keys={"keys": [jwk(KEY)]}, now=NOW)
    resume(job, platform=cloud)
    assert [name for name, _ in recorded.below()] == ["submit.resume", "submit.run", "submit.webhook"]
    for name in ("submit.run", "submit.webhook", "submit.resume", "download"):
        assert [span["job.id"] for span in recorded.named(name)] == [job], name
    assert recorded.named("submit.webhook")[0]["job.state"] == "completed"


def test_jobs_that_are_resumed_together_have_a_span_each(
    cloud: Cloud, generate: Generate, recorded: Recorded, tmp_path: Path
) -> None:
    first = generate(wait=False).job
    cloud.request_id = "def-456"
    second = generate("@Image1 runs", out=tmp_path / "other", wait=False).job
    cloud.on_download = raising(RemoteError("gone"))
    resume(all=True, platform=cloud)
    outer, *each = recorded.named("submit.resume")
    assert "job.id" not in outer and "status" not in outer
    assert {span["job.id"] for span in each} == {first, second}
    assert {(span["job.state"], span["error.type"]) for span in each} == {("completed", "prep.errors.RemoteError")}


def test_nothing_private_is_recorded(
    box: Sandbox, media: Media, recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "home" / "ada.lovelace"
    folder.mkdir(parents=True)
    shutil.copy(media("photo_orient6.jpg"), folder / "hero.jpg")
    monkeypatch.setenv("FAL_KEY", "account:very-secret")
    prepare([folder / "hero.jpg"], out=folder / "ready")
    submit(folder / "ready", "@Image1 whispers", webhook="https://me.example/hook?token=hush", poll_s=0.02).result()
    with pytest.raises(UnreadableError):
        prepare([folder / "missing.jpg"], out=folder / "other")
    text = recorded.text()
    assert "hero.jpg" in text
    for private in ("ada.lovelace", str(tmp_path), "whispers", "very-secret", "hush", "me.example", "127.0.0.1"):
        assert private not in text, private


class _Broken(SpanProcessor):
    """A processor of the program's that fails."""

    def on_start(self, span: Span, parent_context: Any = None) -> None:  # noqa: ARG002
        raise RuntimeError("full")

    def on_end(self, span: Any) -> None:  # noqa: ARG002
        raise RuntimeError("full")


def test_what_fails_in_the_program_stops_no_job(cloud: Cloud, generate: Generate, recorded: Recorded) -> None:
    recorded.tracer_provider.add_span_processor(_Broken())
    assert generate().result.path
    assert len(cloud.posts) == 1
    assert all(attributes(span).get("status") is None for span in recorded.spans)
