"""Folders that have no manifest: what is said of them, and what to do next."""

import os
from pathlib import Path

import pytest

from prep.errors import UsageError
from prep.inputs.manifests import read_manifest


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("photos", "photos was not made by prep: .*prep photos --out ready'.*then submit ready$", id="any"),
        pytest.param(
            "ready", "ready was not made by prep: .*prep ready --out prepared'.* submit prepared$", id="ready"
        ),
        pytest.param("my photos", 'prep "my photos" --out ready\'', id="a name to quote"),
    ],
)
def test_a_folder_of_originals_is_not_to_be_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkdir(name)
    with pytest.raises(UsageError, match=message) as raised:
        read_manifest(name)
    assert f"--out {name}" not in str(raised.value)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder; make it with 'prep-and-submit prep REF"):
        read_manifest(tmp_path / "ready")
