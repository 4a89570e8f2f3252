"""The rules about the prompt."""

from functools import partial

from prep.model.finding import Rule

limit = partial(Rule, about="prompt", severity="error")
advice = partial(Rule, about="prompt", basis="advice")
PROMPT_RULES = (
    limit(
        name="prompt-empty",
        basis="documented",
        subject="the prompt",
        meaning="The prompt is empty.",
        why="The endpoint requires a prompt.",
        remedy="describe what the video should show",
        example='--prompt ""',
        fal_error="missing",
    ),
    limit(
        name="prompt-tag-undefined",
        basis="documented",
        subject="the prompt",
        meaning="The prompt contains an @NAME that is not a reference.",
        why="The model would read the word as text and ignore the reference you meant.",
        remedy="use the reference's name or the endpoint's tag",
        example="the prompt names @wakl, but no reference has that name (known: @walk)",
        own=True,
    ),
    limit(
        name="prompt-tag-out-of-range",
        basis="documented",
        subject="the prompt",
        meaning="The prompt contains a numbered tag, such as @Image3, that matches no reference.",
        why="References are numbered by kind, from 1, in the order you give them.",
        remedy="correct the number, or add the missing reference",
        example="the prompt names @Image3, but there are 2 images",
        own=True,
    ),
    limit(
        name="prompt-reference-skipped",
        basis="documented",
        subject="the prompt",
        meaning="The prompt uses the name of a reference that was skipped because its file can't be read.",
        why="You would pay for a video without that reference.",
        remedy="fix the file, or take the name out of the prompt",
        example="@hero, where hero=photo.heic was skipped",
        own=True,
    ),
    advice(
        name="prompt-reference-unused",
        severity="warning",
        subject="the prompt",
        meaning="The prompt doesn't mention every reference.",
        why="A reference that the prompt doesn't mention is uploaded all the same, and the seconds of a video are "
        "billed, but the model may ignore it.",
        remedy="mention them in the prompt, or leave them out",
        example="@Image2 and @Video1 are sent, but the prompt doesn't mention them",
    ),
    advice(
        name="prompt-longer-than-useful",
        severity="warning",
        subject="the prompt",
        meaning="The prompt is so long that the model reportedly ignores parts of it.",
        why="A published page, which `limits --json` names, recommends at most 1,000 words of English, or 500 "
        "characters of Chinese. Most languages are counted in words, Japanese and Korean in characters.",
        remedy="shorten it; describe what the references don't show",
        example="the prompt has 1,204 words; beyond 1,000 the model reportedly loses details",
    ),
)
