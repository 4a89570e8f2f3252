"""Facts of one file as `check` reports them, so that no test depends on the room that probes."""

from pathlib import Path
from typing import Literal

from prep import Reference, check
from prep.model.media import MediaInfo


def probe(path: Path, track: Literal["audio", "video"] | None = None) -> MediaInfo:
    return check(Reference(location=str(path), track=track)).references[0].info
