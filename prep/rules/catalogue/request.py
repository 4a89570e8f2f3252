"""The rules about the parameters of a request, what its prompt asks of them, and its bill."""

from functools import partial

from prep.model.finding import Rule

advice = partial(Rule, about="request", basis="advice")
WITH_TASK = "Only endpoints with the parameter `task` have this rule; `prep-and-submit limits` lists parameters."
REQUEST_RULES = (
    advice(
        name="request-parameter-unlisted",
        severity="info",
        subject="the request",
        meaning="A parameter is sent that the endpoint's published schema doesn't list.",
        why="It is documented elsewhere, or was before; the endpoint may ignore it.",
        remedy="don't rely on it",
        example="seed is sent, but the endpoint's published schema doesn't list it; it may be ignored",
    ),
    Rule(
        name="request-parameter-reset",
        about="request",
        severity="warning",
        basis="documented",
        subject="the request",
        meaning="The endpoint resets a parameter to its default because of another one.",
        why=f"A task that edits or extends a clip takes its length or aspect ratio from that clip. {WITH_TASK}",
        remedy="leave the parameter out, or choose another task",
        example="duration is ignored: with task=editing the endpoint sets it to auto",
    ),
    advice(
        name="request-sound-not-generated",
        severity="warning",
        subject="the request",
        meaning="The prompt asks for music, a voice or another sound, but sound is turned off.",
        why="The video will be silent, and cost the same. Words for sounds are recognised in English and Chinese only.",
        remedy="leave out --no-audio (`generate_audio=False`), or take the sound out of the prompt",
        example='the prompt asks for sound ("sings"), but the video is generated without sound',
    ),
    advice(
        name="request-reads-as-editing",
        severity="warning",
        subject="the request",
        meaning="The prompt seems to ask for an edit of a reference video, but you set the duration or the aspect "
        "ratio.",
        why="The model decides from the prompt whether a request edits a video. An edit has the length and aspect "
        f"ratio of that video; users report that any other duration is refused ('duration must be -1'). {WITH_TASK}",
        remedy="leave both at auto, choose --set task=editing (`task='editing'`), or describe a new video",
        example='the prompt seems to ask for an edit of a video ("replace the car in @Video1"), which has the length '
        "and aspect ratio of that video: with duration=5 it may be refused",
    ),
    advice(
        name="request-shorter-than-reference",
        severity="warning",
        subject="the request",
        meaning="The result is shorter than a video or sound that the prompt names.",
        why="The model follows movement and speech second by second. What is left of the reference has no effect, but "
        "all seconds of a video are billed.",
        remedy="ask for a longer result, leave the duration at auto, or keep less with `seconds` or #t=START,END",
        example="@Video1: 14.9 s are sent, but only 8 s are generated: the rest has no effect, but is billed; "
        "`seconds=8` keeps less",
    ),
    advice(
        name="request-bill-differs",
        severity="warning",
        subject="the bill",
        meaning="The bill differs from the quoted price by more than 1 %.",
        why="Published prices and formulas change, and a price cap relies on them.",
        remedy="look at your bill; `prep-and-submit limits --json` says when the price was read",
        example="quoted $1.52, billed 121.3 units, which is $1.70 at $0.014 a unit",
    ),
)
