"""The manifest's JSON: the facts of a file beside its own keys, and back again."""

import json

import pytest
from pydantic import ValidationError

from prep.model.manifest import Manifest, OutputFile, SourceFile
from prep.model.media import MediaInfo
from prep.model.plan import EncodeVideo, Trim
from tests.made import audio, image, manifest, video

INFOS = [image(), video(), audio()]
OWN = {"path", "sha256"}


@pytest.mark.parametrize("info", INFOS, ids=lambda info: info.kind)
def test_a_file_is_flat(info: MediaInfo) -> None:
    """docs/json.md: `source` holds path, hash and MediaInfo; `output` has `media_type` as well."""
    source = SourceFile(path="clips/a", sha256="00", info=info)
    output = OutputFile(path="a", sha256="00", media_type="x/y", info=info)
    assert source.model_dump() == {"path": "clips/a", "sha256": "00", "fingerprint": None} | info.model_dump()
    assert set(output.model_dump()) == OWN | {"media_type", "url"} | set(type(info).model_fields)
    assert SourceFile.model_validate_json(source.model_dump_json()) == source
    assert OutputFile.model_validate_json(output.model_dump_json()) == output


@pytest.mark.parametrize("key", ["sha256", "kind", "width", "container"])
def test_a_file_without_its_facts(key: str) -> None:
    fields = SourceFile(path="a", sha256="00", info=image()).model_dump()
    del fields[key]
    with pytest.raises(ValidationError):
        SourceFile.model_validate(fields)


def test_a_file_with_a_key_too_many() -> None:
    fields = SourceFile(path="a", sha256="00", info=image()).model_dump() | {"colour": "red"}
    with pytest.raises(ValidationError, match="colour"):
        SourceFile.model_validate(fields)


def test_a_manifest_comes_back() -> None:
    whole = manifest(*INFOS, names={"@Video1": "walk"})
    steps = (
        Trim(start_s=1, duration_s=5, because=("asked",)),
        EncodeVideo(fps="24/1", max_bytes=5, because=("asked",)),
    )
    entries = tuple(entry.model_copy(update={"steps": steps}) for entry in whole.entries)
    whole = whole.model_copy(update={"entries": entries})
    assert Manifest.model_validate_json(whole.model_dump_json()) == whole


def test_the_keys_of_a_manifest() -> None:
    """The contract in docs/json.md."""
    document = json.loads(manifest(*INFOS).model_dump_json())
    assert set(document) == {"endpoint", "entries", "totals", "spec", "tool", "findings"}
    for entry in document["entries"]:
        assert set(entry) == {"tag", "name", "kind", "source", "output", "steps"}
        assert entry["kind"] == entry["source"]["kind"] == entry["output"]["kind"]
    assert set(document["spec"]) == {"endpoint", "checked"}
    assert set(document["tool"]) == {"version", "ffmpeg"}
    assert set(document["totals"]) == {
        "files",
        "images",
        "videos",
        "audios",
        "video_duration_s",
        "video_bytes",
        "audio_duration_s",
    }
    assert document["spec"]["checked"] == "2026-11-22"
