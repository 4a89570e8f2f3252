"""The rules about the prompt, and what each means."""

from prep.model.rule import Rule

PROMPT_RULES = (
    Rule(
        name="prompt-empty",
        about="prompt",
        severity="error",
        basis="documented",
        subject="the prompt",
        meaning="The prompt holds no text.",
        why="The endpoint requires a prompt.",
        example='--prompt ""',
        fal_error="missing",
    ),
    Rule(
        name="prompt-tag-undefined",
        about="prompt",
        severity="error",
        basis="advice",
        subject="the prompt",
        meaning="The prompt names something with @ that no reference is called.",
        why="The model would read the word as text, and the reference it stands for would not be used.",
        example="@wakl, where the reference is called walk",
    ),
    Rule(
        name="prompt-tag-out-of-range",
        about="prompt",
        severity="error",
        basis="documented",
        subject="the prompt",
        meaning="The prompt names a tag with a number beyond the references of that kind.",
        why="References are counted for each kind in the order given, from 1.",
        example="@Image3, with two images",
    ),
    Rule(
        name="prompt-reference-unused",
        about="prompt",
        severity="warning",
        basis="advice",
        subject="the prompt",
        meaning="A reference is sent, but the prompt does not name it.",
        why="It is uploaded, and billed if it is a video, but the model may ignore it.",
        example="@Image2 is sent, but the prompt does not name it",
    ),
)
