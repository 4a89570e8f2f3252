"""Types of the fixtures in conftest.py."""

from collections.abc import Callable
from pathlib import Path

from prep.model.manifest import ManifestEntry

Media = Callable[[str], Path]
Made = Callable[..., tuple[Path, ManifestEntry]]
Say = Callable[..., tuple[int, str, str]]
