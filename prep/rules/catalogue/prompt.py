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
        remedy="write what is to be seen",
        example='--prompt ""',
        fal_error="missing",
    ),
    Rule(
        name="prompt-tag-undefined",
        about="prompt",
        severity="error",
        basis="documented",
        subject="the prompt",
        meaning="The prompt names something with @ that no reference is called.",
        why="The model would read the word as text, and the reference it stands for would not be used.",
        remedy="write the name as the reference has it, or the endpoint's tag",
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
        remedy="count the references of that kind again, or add the one that is missing",
        example="@Image3, with two images",
    ),
    Rule(
        name="prompt-reference-unused",
        about="prompt",
        severity="warning",
        basis="advice",
        subject="the prompt",
        meaning="References are sent that the prompt does not name.",
        why="They are uploaded, and billed if they are videos, but the model may ignore them.",
        remedy="name them in the prompt, or leave them out",
        example="the prompt does not name @Image2 and @Video1, which are sent",
    ),
)
