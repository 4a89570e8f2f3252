"""Versions of the programs, libraries and code that make files here."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from prep.media.ffmpeg import binary


@cache
def tool_versions() -> str:
    """One line; it changes whenever one of the tools may make another file."""
    import av
    import PIL
    import pillow_heif

    own = sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        own.update(path.read_bytes())
    return " ".join([binary.version(), av.__version__, PIL.__version__, pillow_heif.__version__, own.hexdigest()])
