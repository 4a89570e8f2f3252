"""A folder with references that an agent may use, and a real account behind the sandbox's door."""

import shutil
from pathlib import Path

import pytest

from prep import prepare
from submit.mcp.desk import Desk
from submit.sandbox import Sandbox
from tests.types import Media

PROMPT = "@Image1 waves"
WISHES = {"duration": "4", "resolution": "480p", "seed": 1}


@pytest.fixture
def root(tmp_path: Path, media: Media) -> Path:
    """A folder with one small image, and a prepared folder *ready* of it."""
    folder = tmp_path / "open"
    folder.mkdir()
    shutil.copy(media("at_limit_300.png"), folder / "hero.png")
    prepare([folder / "hero.png"], out=folder / "ready")
    return folder.resolve()


@pytest.fixture
def paying(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A platform whose jobs cost money, as far as this program knows: the sandbox with the key of an account."""
    monkeypatch.setenv("FAL_KEY", "account:key")
    return box


@pytest.fixture
def desk(root: Path, tmp_path: Path) -> Desk:
    return Desk(roots=(root,), state=tmp_path / "state")
