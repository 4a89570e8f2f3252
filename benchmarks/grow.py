"""Memory of a process that prepares many mixed sets through the library: does it grow?

python -m benchmarks.grow [SETS]
"""

import gc
import sys
import tempfile
from collections import deque
from pathlib import Path
from statistics import median

from benchmarks.measure import ratio, resident_bytes
from fixtures.make import make
from prep import prepare

# Every way through the tools: streamed and whole pictures, colours, frames; encoded, copied and short clips; sounds.
SETS = (
    ("photo_orient6.jpg", "photo.heic", "short_1s.mp4", "song_20s.mp3"),
    ("huge_7000.jpg", "alpha.png", "portrait_rot90.mov", "voice.mp3"),
    ("cmyk.jpg", "animated.gif", "photo_display_p3.jpg", "tone_5s.wav", "clip_720p.mp4"),
    ("photo.tiff", "photo.avif", "grey16.png", "animated.webp", "h264_aac.mkv"),
)
FIRST, MIDDLE, SETS_MADE = 50, 200, 400
MOST_GROWTH = 1.1
# The C library keeps freed memory now and then: the median over the sets before each mark is what counts.
RECENT = 20


def main(sets: int) -> None:
    """Print the memory after the first 50 sets, after 200 and at the end, and the growth since the first."""
    measured: dict[int, float] = {}
    recent: deque[int] = deque(maxlen=RECENT)
    with tempfile.TemporaryDirectory() as scratch:
        made = [[make(name, Path(scratch) / "made") for name in names] for names in SETS]
        for number in range(1, sets + 1):
            prepare(made[number % len(made)], out=Path(scratch) / "out")
            gc.collect()
            recent.append(resident_bytes())
            if number in (FIRST, MIDDLE, sets):
                measured[number] = median(recent)
                print(f"after {number:4} sets {measured[number] / 1e6:6.0f} MB", flush=True)
    if sets > FIRST:
        ratio(f"memory after {sets} sets / after {FIRST}", measured[sets] / measured[FIRST], MOST_GROWTH)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SETS_MADE)
