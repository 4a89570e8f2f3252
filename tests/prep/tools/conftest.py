"""One reference at a time through the real tools."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prep import Options, prepare
from prep.model.manifest import ManifestEntry
from prep.references import parse_reference

Made = Callable[..., tuple[Path, ManifestEntry]]


@pytest.fixture
def made(media: Callable[[str], Path], tmp_path: Path) -> Made:
    """`made("clip_720p.mp4#t=1,3")` prepares that fixture (or an absolute path) and gives its file and manifest entry.

    *beside* are fixtures that go before it; a sound gets a small image, since sound alone is refused.
    """

    def prepared(ref: str | Path, beside: tuple[str, ...] = (), **options: Any) -> tuple[Path, ManifestEntry]:
        name, mark, fragment = str(ref).partition("#")
        path = Path(name) if Path(name).is_absolute() else media(name)
        reference = parse_reference(f"{path}{mark}{fragment}", lambda text: Path(text).exists())
        sound = reference.track == "audio" or name.endswith((".mp3", ".wav", ".m4a", ".flac", ".ogg", ".opus", ".amr"))
        beside += ("at_limit_300.png",) if sound or name == "audio_only.mp4" else ()
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        manifest = prepare([*map(media, beside), reference], out=out, options=Options(**options))
        entry = manifest.entries[-1]
        return out / entry.output.path, entry

    return prepared
