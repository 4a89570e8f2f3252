"""References in object storage through check, prepare and the command."""

import json
from pathlib import Path

import pytest

from prep import check, prepare
from prep.errors import UnreadableError
from tests.object_stores import SECRET, Storage
from tests.types import Media, Say

SHORT = "generation: {duration: 4, resolution: 480p}\n"


@pytest.mark.parametrize("name", ["photo.heic", "clip_720p.mp4", "portrait_rot90.mov", "voice.mp3"])
def test_an_object_is_seen_as_the_file_is(storage: Storage, media: Media, name: str) -> None:
    url = storage.put(f"refs/{name}", media(name).read_bytes())
    here, there = check([media(name)]), check([url])
    assert there.references[0].info == here.references[0].info
    assert [finding.model_dump() for finding in there.findings] == [finding.model_dump() for finding in here.findings]
    assert there.references[0].reference.label == name


def test_it_is_prepared_like_the_file(seaweed_env: Storage, media: Media, tmp_path: Path) -> None:
    names = ["photo_orient6.jpg", "portrait_rot90.mov"]
    urls = [seaweed_env.put(f"refs/{name}", media(name).read_bytes()) for name in names]
    local = prepare([media(name) for name in names], out=tmp_path / "local")
    far = prepare(urls, out=tmp_path / "far")
    assert [entry.output.sha256 for entry in far.entries] == [entry.output.sha256 for entry in local.entries]
    assert [entry.source.path for entry in far.entries] == urls
    assert all(entry.output.url is None for entry in far.entries), "the platform can't read it there"
    written = b"".join(path.read_bytes() for path in (tmp_path / "far").iterdir())
    assert not any(word.encode() in written for word in (SECRET, "key-of-the-tests"))


def test_the_command_and_a_job_name_objects(seaweed_env: Storage, media: Media, say: Say, tmp_path: Path) -> None:
    url = seaweed_env.put("refs/photo.jpg", media("photo.jpg").read_bytes())
    code, out, _ = say("check", f"hero={url}", "--json")
    assert (code, json.loads(out)["ok"], url in out) == (0, True, True)
    (tmp_path / "job.yaml").write_text(
        f"references: ['hero={url}#xywh=percent:0,0,90,90']\nprompt: '@hero waves'\n{SHORT}"
    )
    code, _, err = say("run", "--from-job", "job.yaml", "--sandbox", "--yes")
    assert code == 0, f"storage on this machine is no network: {err}"
    code, _, err = say("check", "s3://media/refs/none.jpg")
    assert (code, "s3://media/refs/none.jpg: no such object or bucket" in err) == (2, True)


def test_the_sandbox_reads_no_storage_elsewhere(
    seaweed_env: Storage, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    code, _, err = say("run", "s3://media/refs/photo.jpg", "--prompt", "@Image1", "--sandbox", "--yes")
    assert (code, "s3://media/refs/photo.jpg: --sandbox can't read URLs" in err) == (2, True)


def test_all_unreadable_objects_are_named(seaweed_env: Storage, media: Media, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"(?s)s3://media/a\.jpg.*s3://media/b\.jpg") as caught:
        prepare(["s3://media/a.jpg", "s3://media/b.jpg", media("photo.jpg")], out=tmp_path / "out")
    assert all(isinstance(error, UnreadableError) for error in getattr(caught.value, "problems", ()))
