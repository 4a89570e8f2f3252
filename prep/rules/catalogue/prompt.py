"""The rules about the prompt."""

from prep.model.rule import Rule

PROMPT_RULES = (
    Rule(
        name="prompt-empty",
        about="prompt",
        severity="error",
        basis="documented",
        subject="the prompt",
        meaning="The prompt is empty.",
        why="The endpoint requires a prompt.",
        remedy="describe what the video should show",
        example='--prompt ""',
        fal_error="missing",
    ),
    Rule(
        name="prompt-tag-undefined",
        about="prompt",
        severity="error",
        basis="documented",
        subject="the prompt",
        meaning="The prompt names something with @ that is no reference.",
        why="The model would read the word as text and ignore the reference you meant.",
        remedy="use the reference's name or the endpoint's tag",
        example="the prompt names @wakl, but no reference has that name (known: @walk)",
    ),
    Rule(
        name="prompt-tag-out-of-range",
        about="prompt",
        severity="error",
        basis="documented",
        subject="the prompt",
        meaning="The prompt names a number that no reference of that kind has.",
        why="References are numbered by kind, from 1, in the order you give them.",
        remedy="correct the number, or add the missing reference",
        example="the prompt names @Image3, but there are 2 images",
    ),
    Rule(
        name="prompt-reference-unused",
        about="prompt",
        severity="warning",
        basis="advice",
        subject="the prompt",
        meaning="The prompt doesn't mention every reference.",
        why="The others are uploaded, and videos billed, but the model may ignore them.",
        remedy="mention them in the prompt, or leave them out",
        example="@Image2 and @Video1 are sent, but the prompt doesn't mention them",
    ),
)
