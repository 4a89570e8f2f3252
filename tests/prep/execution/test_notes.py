"""Notes of killed runs, which say whose the files of a folder are."""

import json
import os
from pathlib import Path

import pytest

from prep import prepare
from prep.errors import UsageError
from tests.types import Media


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no such owners")
def test_what_another_user_notes_makes_no_file_ours(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, picture, user = tmp_path / "out", media("at_limit_300.png"), os.geteuid()
    staging = out / f".making-{'0' * 32}"
    staging.mkdir(parents=True)
    (staging / "names.json").write_text(json.dumps(["image1-at_limit_300.png"]))
    (out / "image1-at_limit_300.png").write_bytes(b"precious")
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    with pytest.raises(UsageError, match="would be replaced"):
        prepare([picture], out=out)
    assert (out / "image1-at_limit_300.png").read_bytes() == b"precious"
