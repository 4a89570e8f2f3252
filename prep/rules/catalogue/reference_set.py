"""The rules about all references together."""

from functools import partial

from prep.model.finding import Rule
from prep.rules.catalogue.reasons import BY_ENDPOINT, CHOICE

limit = partial(Rule, about="set", severity="error")
advice = partial(Rule, about="set", basis="advice")
REFERENCE_SET_RULES = (
    limit(
        name="too-many-images",
        basis="documented",
        subject="images",
        meaning="There are too many images.",
        why=CHOICE,
        remedy="leave some out",
        example="10 images (max 9)",
        fal_error="sequence_too_long",
    ),
    limit(
        name="too-many-videos",
        basis="documented",
        subject="videos",
        meaning="There are too many videos.",
        why=CHOICE,
        remedy="leave some out, or join short ones into one file",
        example="4 videos (max 3)",
        fal_error="sequence_too_long",
    ),
    limit(
        name="too-many-audios",
        basis="documented",
        subject="sounds",
        meaning="There are too many sounds.",
        why=CHOICE,
        remedy="leave some out, or join short ones into one file",
        example="4 sounds (max 3)",
        fal_error="sequence_too_long",
    ),
    limit(
        name="too-many-files",
        basis="documented",
        subject="files",
        meaning="There are too many references in all.",
        why=CHOICE,
        remedy="leave some out",
        example="13 files (max 12)",
        fal_error="sequence_too_long",
    ),
    advice(
        name="reference-repeated",
        severity="warning",
        subject="the reference",
        meaning="The same file is referenced twice, perhaps as a copy or through a link.",
        why="Each copy counts towards the number of files and the combined seconds, and a video's seconds are billed. "
        "Different parts or crops of one file are different references.",
        remedy="leave one out; its tag can be used as often as you like",
        example="copy.mp4: is the same file as @Video1 (walk.mp4); leave one out: each counts as a file, and its "
        "seconds are billed",
    ),
    limit(
        name="videos-too-short",
        basis="documented",
        subject="the combined duration of the videos",
        meaning="All videos together are too short.",
        why=BY_ENDPOINT,
        fix="lengthen each video that is too short by holding its last frame",
        example="the combined duration of the videos is 1 s (min 2 s)",
        fal_error="video_duration_too_short",
    ),
    limit(
        name="videos-too-long",
        basis="documented",
        subject="the combined duration of the videos",
        meaning="All videos together are too long.",
        why="All videos share one budget of seconds.",
        fix="share the seconds: short clips stay whole, the longer ones divide what is left",
        example="the combined duration of the videos is 31.2 s (max 15 s)",
        fal_error="video_duration_too_long",
    ),
    limit(
        name="videos-too-large",
        basis="documented",
        subject="the combined size of the videos",
        meaning="All videos together are too large.",
        why="All videos share one budget of bytes.",
        fix="re-encode the largest at a lower bit rate",
        example="the combined size of the videos is 61 MB (max 50 MB)",
        fal_error="file_too_large",
    ),
    limit(
        name="audios-too-long",
        basis="documented",
        subject="the combined duration of the sounds",
        meaning="All sounds together are too long.",
        why="All sounds share one budget of seconds.",
        fix="share the seconds: short sounds stay whole, the longer ones divide what is left",
        example="the combined duration of the sounds is 31.2 s (max 15 s)",
        fal_error="audio_duration_too_long",
    ),
    advice(
        name="part-not-made",
        severity="info",
        subject="the file",
        meaning="You asked for a part, a crop or the soundtrack of a file, which has to be made first.",
        why="Only what you asked for is checked; the file itself stays as it is.",
        fix="make that part",
        example="walk.mp4: only a part of this file is wanted",
    ),
    advice(
        name="part-length-changed",
        severity="warning",
        subject="the part",
        meaning="More or fewer seconds are used than you asked for.",
        why="The file ends earlier, the part is too long or too short for the endpoint, or other files need some of "
        "the seconds.",
        remedy="ask for a part within the file and the endpoint's limits",
        example="walk.mp4: you asked for 20 s; 14.9 s are kept, since a video may last 15 s at most",
    ),
    limit(
        name="audio-without-visual",
        basis="documented",
        subject="the set",
        meaning="There are sounds, but no image or video.",
        why="The endpoint accepts sounds only together with something to see.",
        remedy="add an image or a video",
        example="only sounds, no image or video",
    ),
)
