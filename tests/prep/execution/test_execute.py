"""The order of things while a plan is carried out, with an executor whose files are a few bytes of text."""

import errno
import hashlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PIL import Image

from prep import prepare
from prep.errors import Cancelled, DamagedError, ToolError, UnreadableError, UnwritableError, UsageError
from prep.execution.lock import CLAIM
from prep.media.task import Task
from prep.model.finding import Finding
from prep.model.media import MediaInfo
from prep.model.plan import Plan
from prep.specs import DEFAULT_ENDPOINT
from tests.prep.bench import CLIP, H264, PHOTO, Job, entry_of
from tests.types import Media


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path / "in")


NAMES = ["image1-kept.jpg", "image2-made.jpg", "video1-clip.mp4"]


def test_files_and_entries_stand_in_the_order_of_the_references(job: Job) -> None:
    assert job.execute() == NAMES
    assert job.left() == NAMES
    assert (job.out / "image1-kept.jpg").read_text() == "kept.jpg"
    assert (job.out / "video1-clip.mp4").read_text() == "made of clip.mp4"


def test_what_was_found_while_making_is_told_of_each_file(job: Job) -> None:
    job.bench.damaged = 2
    made = job.made()
    assert [(finding.rule, finding.tag) for finding in made.findings] == [
        ("video-damaged", "@Image1"),
        ("video-damaged", "@Image2"),
        ("video-damaged", "@Video1"),
    ]


def test_entries_tell_hashes_of_both_sides(job: Job) -> None:
    made = job.made()
    for entry, source in zip(made.entries, job.sources, strict=True):
        assert entry.source.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
        assert entry.output.sha256 == hashlib.sha256((job.out / entry.output.path).read_bytes()).hexdigest()
        assert (entry.steps == ()) == (entry.source.sha256 == entry.output.sha256)
    assert [entry.output.media_type for entry in made.entries] == ["image/jpeg", "image/jpeg", "video/mp4"]


def test_progress_starts_at_zero_and_ends_at_one_for_each(job: Job) -> None:
    job.execute()
    for tag in ("@Image1", "@Image2", "@Video1"):
        parts = [event.part for event in job.events if event.tag == tag]
        assert parts[0] == 0.0
        assert parts[-1] == 1.0
        assert parts == sorted(parts)
    assert {event.stage for event in job.events} == {"prepare"}


# Everything that may go wrong with the second file; each leaves nothing behind.
FAILURES: dict[str, MediaInfo | Exception] = {
    "the tool fails": ToolError("made.jpg: ffmpeg failed"),
    "the tool crashes": ZeroDivisionError(),
    "too many bytes": PHOTO.model_copy(update={"bytes": 40_000_000}),
    "between the strict and the accepted value": PHOTO.model_copy(update={"bytes": 30_500_000}),
    "too small": PHOTO.model_copy(update={"width": 200}),
    "wrong format": PHOTO.model_copy(update={"container": "gif"}),
    "wrong kind": CLIP,
}


@pytest.mark.parametrize("case", FAILURES)
def test_one_failure_leaves_no_file_and_no_folder(job: Job, case: str) -> None:
    outcome = FAILURES[case]
    job.bench.made["made.jpg"] = outcome
    expected = type(outcome) if isinstance(outcome, Exception) else DamagedError if outcome is CLIP else ToolError
    with pytest.raises(expected) as caught:
        job.execute()
    if expected is ToolError:
        assert "made.jpg" in str(caught.value)
    assert not job.out.exists()


def test_folders_above_are_not_left_behind_either(job: Job, tmp_path: Path) -> None:
    job.bench.made["made.jpg"] = ToolError("no")
    job.out = tmp_path / "new" / "deep" / "out"
    with pytest.raises(ToolError):
        job.execute()
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("case", FAILURES)
def test_a_folder_that_was_there_is_as_it_was(job: Job, case: str) -> None:
    job.out.mkdir()
    for name in ("manifest.json", "image1-other.jpg", "notes.txt"):
        (job.out / name).write_text("from before")
    outcome = FAILURES[case]
    job.bench.made["made.jpg"] = outcome
    with pytest.raises(type(outcome) if isinstance(outcome, Exception) else (ToolError, DamagedError)):
        job.execute()
    assert job.left() == ["image1-other.jpg", "manifest.json", "notes.txt"]
    assert {path.read_text() for path in job.out.iterdir()} == {"from before"}


def test_an_old_manifest_does_not_stand_beside_new_files(job: Job) -> None:
    job.out.mkdir()
    (job.out / "manifest.json").write_text("of the files before")
    job.execute()
    assert job.left() == NAMES


def test_a_file_of_the_user_is_not_replaced(job: Job) -> None:
    job.out.mkdir()
    (job.out / "image2-made.jpg").write_text("the user's own")
    with pytest.raises(UsageError, match=r"image2-made\.jpg would be replaced"):
        job.execute()
    assert job.left() == ["image2-made.jpg"]
    assert (job.out / "image2-made.jpg").read_text() == "the user's own"
    assert not job.events, "it is refused before the work"


def test_files_that_a_killed_run_put_in_place_are_ours(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """It dies as by `kill -9` after the first file: nothing of it runs any more."""

    class Killed(BaseException):
        pass

    def replace(source: Path, target: Path) -> None:
        source.rename(target)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("prep.execution.execute.os.replace", replace)
        dying.setattr("prep.execution.execute.shutil.rmtree", lambda *args, **kwargs: None)
        dying.setattr(Path, "unlink", lambda self, **kwargs: None)
        with pytest.raises(Killed):
            job.execute()
    assert (job.out / "image1-kept.jpg").exists()
    (job.out / CLAIM).unlink(missing_ok=True)
    assert job.execute() == NAMES
    assert job.left() == NAMES


def test_a_set_over_its_limit_leaves_nothing(job: Job) -> None:
    """Each file is inside, all together are not: 2 clips of 9 s."""
    nine = CLIP.model_copy(update={"duration_s": 9.0})
    entries = [
        entry_of("@Video1", job.sources[0].parent, "one.mp4", nine, H264),
        entry_of("@Video2", job.sources[0].parent, "two.mp4", nine, H264),
    ]
    job.plan = Plan(endpoint=DEFAULT_ENDPOINT, entries=tuple(entries))
    job.sources = [Path(entry.reference.location) for entry in entries]
    job.bench.made = {"one.mp4": nine, "two.mp4": nine}
    with pytest.raises(ToolError, match="videos-too-long"):
        job.execute()
    assert not job.out.exists()


def test_what_the_plan_does_not_promise_is_not_held_against_it(job: Job) -> None:
    standing = Finding(
        rule="videos-too-long",
        severity="error",
        basis="documented",
        actual=18.0,
        allowed=15.0,
        unit="s",
        message="too long",
    )
    job.plan = job.plan.model_copy(update={"set_unfixable": (standing,)})
    assert job.execute() == NAMES


def test_a_source_that_changes_while_it_is_copied(job: Job) -> None:
    def half(task: Task) -> None:
        task.target.write_text("half of it")
        job.bench.seen[task.target] = task.entry.source

    job.bench.copy = half  # type: ignore[method-assign]
    with pytest.raises(UsageError, match=r"kept\.jpg.*changed"):
        job.execute()
    assert not job.out.exists()


def test_a_copy_that_can_not_be_read(job: Job) -> None:
    def refuse(task: Task) -> None:
        raise UnreadableError(f"{task.source}: does not decode")

    job.bench.copy = refuse  # type: ignore[method-assign]
    with pytest.raises(UnreadableError, match=r"kept\.jpg"):
        job.execute()
    assert not job.out.exists()


@pytest.mark.parametrize("through", ["itself", "a link", "dots"])
def test_a_source_is_never_replaced(job: Job, tmp_path: Path, through: str) -> None:
    folder = job.sources[0].parent
    (folder / "image1-kept.jpg").write_text("a source that has the name of an output")
    job.sources[0] = folder / "image1-kept.jpg"
    match through:
        case "itself":
            job.out = folder
        case "a link":
            job.out = tmp_path / "elsewhere"
            job.out.symlink_to(folder)
        case _:
            job.out = folder / ".." / folder.name
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(UsageError, match=r"image1-kept\.jpg"):
        job.execute()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_failure_stops_the_others(job: Job) -> None:
    """The clip would take for ever; it sees that it is to stop once the photo has failed."""
    started, stopped = threading.Event(), []

    def before(source: Path, cancel: threading.Event) -> None:
        if source.name == "made.jpg":
            started.wait(10)
            return
        started.set()
        while not cancel.is_set():
            cancel.wait(0.01)
        stopped.append(source.name)
        raise Cancelled("stopped")

    job.bench.before_make = before
    job.bench.made["made.jpg"] = ToolError("made.jpg: no")
    with pytest.raises(ToolError, match=r"made\.jpg"):
        job.execute()
    assert stopped == ["clip.mp4"]
    assert not job.cancel.is_set()  # the caller's own is left alone
    assert not job.out.exists()


def test_cancelling_stops_what_is_under_way(job: Job) -> None:
    def before(source: Path, cancel: threading.Event) -> None:
        job.cancel.set()
        while not cancel.is_set():
            cancel.wait(0.01)
        raise Cancelled("stopped")

    job.bench.before_make = before
    with pytest.raises(Cancelled):
        job.execute()
    assert not job.out.exists()


def test_what_waits_for_a_cancellation_is_woken_by_it(job: Job) -> None:
    """An executor may wait on the event instead of asking it."""
    woken = []

    def before(source: Path, cancel: threading.Event) -> None:
        if source.name == "clip.mp4":
            job.cancel.set()
            woken.append(cancel.wait(2))
            raise Cancelled("stopped")

    job.bench.before_make = before
    with pytest.raises(Cancelled):
        job.execute()
    assert woken == [True]


def test_nothing_is_begun_once_cancelled(job: Job) -> None:
    job.cancel.set()
    begun: list[str] = []
    job.bench.before_make = lambda source, cancel: begun.append(source.name)
    with pytest.raises(Cancelled):
        job.execute()
    assert begun == []
    assert not job.out.exists()


def test_two_runs_into_one_folder_do_not_meet(job: Job) -> None:
    """Each makes its files in a folder of its own until they are all there."""
    folders = []

    def before(source: Path, cancel: threading.Event) -> None:
        folders.append([path.name for path in job.out.iterdir() if path.name != CLAIM])

    job.bench.before_make = before
    job.execute()
    assert all(len(names) == 1 and names[0].startswith(".making-") for names in folders)
    assert job.left() == NAMES


@pytest.mark.parametrize(
    ("number", "kind", "told"),
    [
        (errno.ENOSPC, UnwritableError, "out: No space left on device; choose another folder"),
        (errno.EDQUOT, UnwritableError, "quota exceeded; choose another folder"),
        (errno.EIO, UnreadableError, "clip.mp4: can't be read: Input/output error"),
    ],
)
def test_what_the_system_refuses(job: Job, number: int, kind: type[Exception], told: str) -> None:
    job.bench.made["clip.mp4"] = OSError(number, os.strerror(number))
    with pytest.raises(kind) as caught:
        job.execute()
    assert told in str(caught.value)
    assert not job.out.exists()


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_manifest_that_can_not_be_written_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    """A disk that is full then, which a limit on the size of files stands for: the pictures are below it."""
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    for path, colour in ((first, "red"), (second, "blue")):
        Image.new("RGB", (320, 320), colour).save(path)
    out = tmp_path / "out"
    prepare([first, second], out=out)
    before = _contents(out)
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))"
    script = f"import sys; from prep import prepare; {limit}; prepare([sys.argv[1]], out=sys.argv[2])"
    done = subprocess.run([sys.executable, "-c", script, second, out], capture_output=True, text=True, check=False)
    assert "UnwritableError" in done.stderr
    assert _contents(out) == before
    prepare([first, second], out=out)


def test_what_two_killed_runs_have_left_is_ours(media: Media, tmp_path: Path) -> None:
    out, picture = tmp_path / "out", media("at_limit_300.png")
    prepare([picture], out=out)
    staging = out / f".making-{'0' * 32}"  # of one that was killed once its first file was in place
    staging.mkdir()
    (staging / "names.json").write_text(json.dumps(["image1-at_limit_300.png"]))
    (out / "manifest.json").unlink()
    script = (
        "import os, sys, prep.execution.execute as execute\nfrom prep import prepare\n"
        "execute._make_all = lambda *_: os._exit(9)\nprepare([sys.argv[1]], out=sys.argv[2])"
    )
    done = subprocess.run([sys.executable, "-c", script, picture, out], check=False)
    assert done.returncode == 9
    prepare([picture], out=out)
    assert sorted(path.name for path in out.iterdir()) == ["image1-at_limit_300.png", "manifest.json"]
