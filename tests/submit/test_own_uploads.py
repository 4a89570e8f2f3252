"""A caller's own uploader, with the real fal_client against the sandbox."""

from pathlib import Path
from typing import Any

import fal_client
import pytest

from prep import prepare
from prep.errors import RemoteError, UsageError
from submit import jobs, resume, run, submit
from submit.sandbox import Sandbox
from tests.types import Media

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")  # fal_client closes no connection


class Store:
    """Uploads as a program might do it itself, and remembers the paths."""

    def __init__(self) -> None:
        self.paths: list[Path] = []
        self.client = fal_client.SyncClient()

    def __call__(self, path: Path) -> str:
        self.paths.append(path)
        return str(self.client.upload_file(path))


@pytest.fixture
def pictures(media: Media) -> list[Path]:
    return [media("at_limit_300.png"), media("photo_orient6.jpg")]


def test_files_go_where_the_caller_takes_them(box: Sandbox, pictures: list[Path], tmp_path: Path) -> None:
    store = Store()
    outcome = run(pictures, "@Image1 @Image2", out="out", uploader=store)
    assert outcome.result is not None and Path(outcome.result.path).is_file()
    assert sorted(store.paths) == sorted(outcome.manifest.paths.values()), "absolute paths, under their final names"
    assert len(box.ledger) == 1
    sent = [access for access in box.accesses() if "upload" in access]
    assert len(sent) == len([*store.paths]), f"nothing was uploaded beside that: {sent}"


def test_prepared_files_as_well(box: Sandbox, pictures: list[Path]) -> None:
    prepare(pictures, out="out")
    store = Store()
    assert Path(submit("out", "@Image1 @Image2", uploader=store).result().path).is_file()
    assert len(store.paths) == 2


def _fails(path: Path) -> str:
    if "at_limit" in path.name:
        raise PermissionError("bucket is read-only")
    return f"https://example.com/{path.name}"


@pytest.mark.parametrize(
    ("uploader", "message"),
    [
        pytest.param(_fails, "uploading image1-at_limit_300.png failed: bucket is read-only", id="raises"),
        pytest.param(lambda path: None, "returned None, not an https:// URL", id="nothing"),
        pytest.param(lambda path: f"http://x/{path.name}", "not an https:// URL", id="http"),
        pytest.param(str, "not an https:// URL", id="a path"),
        pytest.param(lambda path: f"https://x/{path.name}\n", "not an https:// URL", id="a line break"),
    ],
)
def test_its_failure_is_the_error_of_that_file(box: Sandbox, pictures: list[Path], uploader: Any, message: str) -> None:
    calls: list[Path] = []

    def counted(path: Path) -> str:
        calls.append(path)
        return str(uploader(path)) if uploader is str else uploader(path)

    with pytest.raises(RemoteError, match=message) as caught:
        run(pictures, "@Image1 @Image2", out="out", uploader=counted)
    assert isinstance(caught.value.__cause__, PermissionError) == (uploader is _fails)
    assert len(calls) == len(set(calls)), "called once for each file"
    assert (box.ledger, box.accesses()) == ((), ())


@pytest.mark.parametrize("raised", [True, False], ids=["raised", "returned"])
def test_what_it_says_of_a_signed_url_is_kept_nowhere(
    box: Sandbox, pictures: list[Path], tmp_path: Path, raised: bool
) -> None:
    signed = "http://user:PASSWORD@bucket.example/key?X-Amz-Signature=SECRET0123456789abcdef"

    def uploader(path: Path) -> str:
        if raised:
            raise RuntimeError(f"PUT {signed} failed")
        return signed

    with pytest.raises(RemoteError, match=r"bucket\.example") as caught:
        run(pictures, "@Image1 @Image2", out="out", uploader=uploader)
    kept = [str(caught.value), *(path.read_text("latin-1") for path in tmp_path.rglob("*") if path.is_file())]
    assert len(kept) > 3
    assert not [text for text in kept if "SECRET" in text or "PASSWORD" in text]


def test_a_job_that_was_not_sent_needs_it_again(box: Sandbox, pictures: list[Path]) -> None:
    with pytest.raises(RemoteError):
        run(pictures, "@Image1 @Image2", out="out", uploader=_fails, state="state")
    (job,) = jobs(state="state")
    with pytest.raises(UsageError, match=f"^job {job.id}: its files are uploaded by a function of yours; .*`uploader`"):
        resume(job.id, state="state")
    assert box.accesses() == ()
    assert Path(resume(job.id, state="state", uploader=Store()).path).is_file()
    assert len(box.ledger) == 1


def test_the_same_job_without_it_is_uploaded_to_the_platform(box: Sandbox, pictures: list[Path]) -> None:
    with pytest.raises(RemoteError):
        run(pictures, "@Image1 @Image2", out="out", uploader=_fails)
    assert run(pictures, "@Image1 @Image2", out="out").result is not None
    assert len(box.ledger) == 1


def test_an_uploader_is_a_function(pictures: list[Path]) -> None:
    with pytest.raises(UsageError, match=r"^uploader: should be a function, not 'x'$"):
        run(pictures, "@Image1", out="out", uploader="x")  # type: ignore[arg-type]
