"""The rules about one video's tracks over time: changes midway, misleading lengths, several pictures."""

from prep.model.finding import Rule

TIMELINE_RULES = (
    Rule(
        name="video-picture-changes",
        about="video",
        severity="warning",
        basis="advice",
        subject="the picture",
        meaning="The picture changes its size, the shape or format of its pixels, or its colours in the middle.",
        why="Readers squash or crop what comes after the change, or stop there. The model takes it for a cut.",
        fix="re-encode it in the first size; what has another is fitted with bars",
        example="call.webm: the picture changes at 3 s from 1280×720 to 640×1000",
        mended=True,
    ),
    Rule(
        name="video-sound-changes",
        about="video",
        severity="warning",
        basis="advice",
        subject="the soundtrack",
        meaning="The soundtrack changes its sample rate or its channels in the middle.",
        why="Many readers lose the sound after the change, or play it out of step with the picture.",
        fix="re-encode the soundtrack in stereo, at one rate",
        example="tv.ts: the sound changes at 3 s from 2 channels to 6 channels",
        mended=True,
    ),
    Rule(
        name="video-length-misleading",
        about="video",
        severity="warning",
        basis="advice",
        subject="the header",
        meaning="The file's header, or another track in it, gives another length than picture and sound have.",
        why="Readers that trust it take 8 s for more than the limit of 15 s, or for too short.",
        fix="copy picture and sound into a new file with a correct header",
        example="cam.mp4: lasts 8.25 s, but its header or another track suggests 60 s, which the endpoint may believe",
        mended=True,
    ),
    Rule(
        name="video-several-pictures",
        about="video",
        severity="warning",
        basis="advice",
        subject="the tracks",
        meaning="The file holds more than one picture track.",
        why="Which of them a reader takes is not certain; one of them may miss a limit.",
        fix="keep one of them, and copy it into a new file",
        example="dual.mp4: holds 2 picture tracks; which one is used is not certain",
        mended=True,
    ),
)
