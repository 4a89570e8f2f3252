"""Cases about a video's tracks over time: what is unlike the usual video, and the rules it breaks."""

from typing import Any

from prep.model.media import Change

RESIZED = Change(time_s=3.0, track="picture", what="size", before="1280×720", after="640×1000")
RESAMPLED = Change(time_s=3.0, track="sound", what="rate", before="44.1 kHz", after="48 kHz")
PICTURE, SOUND, LENGTH = "video-picture-changes", "video-sound-changes", "video-length-misleading"
TIMELINE: tuple[tuple[str, dict[str, Any], set[str]], ...] = (
    ("two sizes and a new rate", {"changes": (RESIZED, RESIZED, RESAMPLED)}, {PICTURE, SOUND}),
    ("5 s called 60 s", {"claimed_s": 60.0}, {LENGTH}),
    ("5 s called nothing", {"claimed_s": 0.0}, {LENGTH}),
    ("two pictures", {"video_streams": 2}, {"video-several-pictures"}),
)
