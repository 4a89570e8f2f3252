"""The rules about one video's tracks over time: changes midway, misleading lengths, several pictures."""

from prep.model.finding import Rule

TIMELINE_RULES = (
    Rule(
        name="video-picture-changes",
        about="video",
        severity="warning",
        basis="advice",
        subject="the picture",
        meaning="The picture changes its size, the shape or format of its pixels, or its colours partway through.",
        why="Many programs squash or crop the rest, or stop there. The model takes the change for a cut.",
        fix="re-encode it in the first size; parts of another size get bars",
        example="call.webm: the picture changes at 3 s from 1280×720 to 640×1000",
        mended=True,
    ),
    Rule(
        name="video-sound-changes",
        about="video",
        severity="warning",
        basis="advice",
        subject="the soundtrack",
        meaning="The soundtrack changes its sample rate or its channels partway through.",
        why="Many programs lose the sound after the change, or play it out of step with the picture.",
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
        meaning="The file states another length than its picture and sound have.",
        why="The length is in its header, or that of another track. A service that trusts it may take an 8 s clip to "
        "be over the limit, or too short.",
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
        meaning="The file has more than one video track.",
        why="It is not certain which track a service uses, and one of them may miss a limit.",
        fix="copy one of the tracks into a new file",
        example="dual.mp4: has 2 video tracks; it is not certain which one is used",
        mended=True,
    ),
)
