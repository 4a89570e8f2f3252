"""A prepared folder is read back as it was verified, or not at all."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from prep.errors import ExitCode, UsageError
from prep.model.manifest import MANIFEST
from submit import submit
from tests.made import image, manifest, video
from tests.submit.cloud import Cloud


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files and their manifest."""
    prepared = manifest(image(), video())
    entries = []
    for entry in prepared.entries:
        content = f"the bytes of {entry.tag}".encode()
        (tmp_path / entry.output.path).write_bytes(content)
        output = entry.output.model_copy(update={"sha256": sha256(content).hexdigest()})
        entries.append(entry.model_copy(update={"output": output}))
    whole = prepared.model_copy(update={"entries": tuple(entries)})
    (tmp_path / MANIFEST).write_text(whole.model_dump_json(indent=2), "utf-8")
    return tmp_path


def _edit(folder: Path, **output: Any) -> None:
    document = json.loads((folder / MANIFEST).read_text("utf-8"))
    document["entries"][0]["output"] |= output
    (folder / MANIFEST).write_text(json.dumps(document), "utf-8")


def _refusal(folder: Path) -> str:
    with pytest.raises(UsageError) as caught:
        submit(folder, "@Image1 waves", platform=Cloud())
    assert caught.value.exit_code == ExitCode.USAGE
    return str(caught.value)


def test_a_file_that_was_changed(folder: Path) -> None:
    (folder / "video1.mp4").write_bytes(b"the bytes of @Video2")
    assert _refusal(folder) == f"{folder}/video1.mp4: changed since it was prepared\nprepare the references again"


def test_a_file_that_was_cut_short(folder: Path) -> None:
    (folder / "video1.mp4").write_bytes(b"the bytes of @Video")
    assert "video1.mp4: changed" in _refusal(folder)


def test_every_wrong_file_is_told(folder: Path) -> None:
    (folder / "video1.mp4").unlink()
    (folder / "image1.jpeg").write_bytes(b"")
    lines = _refusal(folder).splitlines()
    assert lines[0] == f"{folder}/image1.jpeg: changed since it was prepared"
    assert lines[1].startswith(f"{folder}/video1.mp4: No such file")
    assert lines[2] == "prepare the references again"


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/hostname", "sub/secret.txt", "./image1.jpeg", "sub/"])
def test_a_name_that_leads_elsewhere(folder: Path, name: str) -> None:
    """A manifest is data: it may not make the program send other files, whatever hash it gives for them."""
    (folder / "sub").mkdir()
    for secret in (folder / "sub" / "secret.txt", folder.parent / "secret.txt"):
        secret.write_bytes(b"secret")
    digest = sha256(b"the bytes of @Image1" if "image1" in name else b"secret").hexdigest()
    _edit(folder, path=name, sha256=digest)
    assert f"{name!r} in {MANIFEST} is not a plain file name" in _refusal(folder)


@pytest.mark.parametrize("media_type", ["video/mp4\r\nX-Other: 1", "vidéo/mp4", "", "mp4", "a/" + "b" * 200])
def test_an_odd_media_type(folder: Path, media_type: str) -> None:
    """It becomes a header of the upload, where the client would try again for minutes."""
    _edit(folder, media_type=media_type)
    refusal = _refusal(folder)
    assert refusal.startswith(f"{folder}/{MANIFEST}: not a manifest: ")
    assert "media_type: not a media type such as video/mp4" in refusal


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_is_a_folder(folder: Path, name: str) -> None:
    _edit(folder, path=name)
    assert "prepare the references again" in _refusal(folder)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"endpoint": 5}', '{"endpoint": "a", "entries": [{"tag": 5}]}', "\x00"],
    ids=["empty", "half", "list", "null", "object", "number", "entry", "nul"],
)
def test_what_is_no_manifest(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text, "utf-8")
    assert _refusal(folder).startswith(f"{folder}/{MANIFEST}: not a manifest: ")


def test_bytes_that_are_no_text(folder: Path) -> None:
    (folder / MANIFEST).write_bytes(b'{"endpoint": "\xff\xfe"}')
    assert _refusal(folder).startswith(f"{folder}/{MANIFEST}: not a manifest: ")


def test_a_folder_that_was_not_prepared(tmp_path: Path) -> None:
    assert _refusal(tmp_path).startswith(f"{tmp_path} was not made by prep: it has no {MANIFEST}; ")
    missing = tmp_path / "missing"
    message = f"{missing}: no such folder; make it with 'prep-and-submit prep REF... --out {missing}'"
    assert _refusal(missing) == message


def test_a_file_for_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "a.mp4"
    file.touch()
    assert f"{file}: a file, not a folder that prep made; 'prep-and-submit run {file}'" in _refusal(file)
    manifest = tmp_path / "manifest.json"
    manifest.touch()
    assert _refusal(manifest) == f"{manifest}: a file; name the folder that it is in: {tmp_path}"
