"""Sources of videos are opened by ffmpeg and by workers, never in the calling process."""

from pathlib import Path

import av
import pytest

from prep import prepare
from tests.types import Media


@pytest.mark.parametrize("name", ["clip_1080p_20s.mp4", "both_changes.ts"])
def test_libav_opens_nothing_in_the_calling_process(
    media: Media, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = media(name)

    def refuse(*args: object, **options: object) -> None:
        pytest.fail(f"opened here: {args}")

    monkeypatch.setattr(av, "open", refuse)
    manifest = prepare([f"{source}#t=0.5,4"], out=tmp_path)
    assert manifest.entries[0].steps
