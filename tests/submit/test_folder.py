"""The folder of a job: what lies in it is sent as it was verified, and nothing in it is lost."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from prep import prepare
from prep.errors import NonCompliantError, UsageError
from submit import submit
from tests.submit.job_values import FILES, PROMPT, Job

Media = Callable[[str], Path]


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
