"""The rules about one clip or sound over time: changes midway, misleading lengths, added seconds, flashes."""

from functools import partial

from prep.model.finding import Rule
from prep.rules.catalogue.reasons import LOOKED_INTO

advice = partial(Rule, basis="advice")
TIMELINE_RULES = (
    advice(
        name="video-picture-changes",
        about="video",
        severity="warning",
        subject="the picture",
        meaning="The picture changes its size, the shape or format of its pixels, or its colours partway through.",
        why="Many programs squash or crop the rest, or stop there. The model takes the change for a cut.",
        fix="re-encode it in the first size; parts of another size get bars",
        example="call.webm: the picture changes at 3 s from 1280×720 to 640×1000",
        mended=True,
    ),
    advice(
        name="video-sound-changes",
        about="video",
        severity="warning",
        subject="the soundtrack",
        meaning="The soundtrack changes its sample rate or its channels partway through.",
        why="Many programs lose the sound after the change, or play it out of step with the picture.",
        fix="re-encode the soundtrack in stereo, at one rate",
        example="tv.ts: the sound changes at 3 s from 2 channels to 6 channels",
        mended=True,
    ),
    advice(
        name="video-length-misleading",
        about="video",
        severity="warning",
        subject="the header",
        meaning="The header, or another track, states another length than the picture and the sound have.",
        why="If the endpoint trusts that, it may refuse an 8 s clip as too long, or as too short.",
        fix="copy picture and sound into a new file with a correct header",
        example="cam.mp4: lasts 8.25 s, but its header or another track says 60 s; the endpoint may trust that",
        mended=True,
    ),
    advice(
        name="video-several-pictures",
        about="video",
        severity="warning",
        subject="the tracks",
        meaning="The file has more than one video track.",
        why="It is not certain which track a service uses, and one of them may miss a limit.",
        fix="copy one of the tracks into a new file",
        example="dual.mp4: has 2 video tracks; it is not certain which one is used",
        mended=True,
    ),
    advice(
        name="video-lengthened",
        about="video",
        severity="warning",
        subject="the duration",
        meaning="More than half a second is added to the clip: its last frame is held, or it is repeated.",
        why="The clip is shorter than the endpoint accepts, or its sound is longer than its picture. The model may "
        "copy the freeze or the repetition.",
        remedy="use a longer clip or part; if its sound is longer than its picture, end the part with the picture, or "
        "use `mute`",
        example="blink.mp4: its last frame is held for 1 s, since it lasts 1 s (min 2 s)",
    ),
    advice(
        name="video-flash-at-end",
        about="video",
        severity="warning",
        subject="the ends",
        meaning="The part that is kept begins or ends with a flash of another shot: less than half a second.",
        why=f"The model may copy the flash. {LOOKED_INTO}",
        remedy="leave it out; the finding names the part without it",
        example="edit.mp4: ends with 0.2 s of another shot (cut at 0:06.8); without: edit.mp4#t=2,6.8",
    ),
    advice(
        name="audio-lengthened",
        about="audio",
        severity="warning",
        subject="the duration",
        meaning="More than half a second is added to the sound: silence, or repeats.",
        why="It is shorter than the endpoint accepts. The model may copy the silence or the repetition.",
        remedy="use a longer sound or part",
        example="click.wav: 1 s of silence is added, since it lasts 1 s (min 2 s)",
    ),
)
