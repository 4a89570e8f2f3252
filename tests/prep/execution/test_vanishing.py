"""References that change into something else, or go, while a call is at work on them."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from prep import prepare
from prep.errors import PrepError
from prep.model.progress import Progress
from tests.types import Media


def _gone(path: Path) -> None:
    path.unlink()


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("change", [_gone, _loop, _folder, _pipe])
@pytest.mark.parametrize("name", ["portrait_rot90.mov", "photo_orient6.jpg", "at_limit_300.png"])
@pytest.mark.parametrize("stage", ["probe", "prepare"])
def test_a_reference_that_goes_is_named(
    media: Media, tmp_path: Path, change: Callable[[Path], None], name: str, stage: str
) -> None:
    source, out = Path(shutil.copy(media(name), tmp_path)), tmp_path / "out"

    def progress(event: Progress) -> None:
        if event.stage == stage and not changed:
            changed.append(stage)
            change(source)

    changed: list[str] = []
    with pytest.raises(PrepError, match=name.replace(".", r"\.")) as caught:
        prepare([source], out=out, progress=progress)
    assert (caught.value.exit_code, changed) == (2, [stage])
    assert not out.exists() or list(out.iterdir()) == []
