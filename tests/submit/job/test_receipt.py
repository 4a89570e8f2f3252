"""A receipt is data: whoever wrote it, it leads to no file outside its folder and to no folder of the journal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep.errors import UsageError
from submit import resume
from tests.submit.cloud import Cloud

Generate = Callable[..., Any]
EVIL = ["../../escaped", "/etc/passwd", "a/b", "..", "a\\b", "a\0b", ""]


def _edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads((folder / "receipt.json").read_text("utf-8"))
    change(document)
    (folder / "receipt.json").write_text(json.dumps(document), "utf-8")


CHANGES: dict[str, Callable[[dict[str, Any], str], None]] = {
    "id": lambda document, evil: document.update(id=evil or "x" * 33),
    "video": lambda document, evil: document["video"].update(path=evil),
    "file": lambda document, evil: document["manifest"]["entries"][0]["output"].update(path=evil),
}


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
@pytest.mark.parametrize("what", CHANGES)
def test_a_name_that_leads_elsewhere(cloud: Cloud, generate: Generate, tmp_path: Path, what: str, evil: str) -> None:
    generate(state=tmp_path / "state")
    _edit(tmp_path / "out", lambda document: CHANGES[what](document, evil))
    before = sorted(path for path in tmp_path.rglob("*") if "other" not in path.parts)
    with pytest.raises(UsageError, match="can't be read"):
        resume(tmp_path / "out", platform=cloud, state=tmp_path / "other")
    assert sorted(path for path in tmp_path.rglob("*") if "other" not in path.parts) == before
    assert len(cloud.posts) == 1


def test_a_receipt_as_it_was_written(cloud: Cloud, generate: Generate, tmp_path: Path) -> None:
    generate(state=tmp_path / "state")
    assert Path(resume(tmp_path / "out", platform=cloud, state=tmp_path / "other").path).is_file()
