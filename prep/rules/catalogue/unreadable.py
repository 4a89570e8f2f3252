"""The rule about what can't be read at all."""

from prep.model.rule import Rule

UNREADABLE_RULES = (
    Rule(
        name="input-unreadable",
        about="input",
        severity="error",
        basis="documented",
        subject="the file",
        meaning="The file, or the job, can't be read, so that nothing else can be said about it.",
        why="What can't be decoded here is not decoded there. This finding can't be deselected: nothing was judged.",
        remedy="look at the file: it may be missing, empty, cut short, or something else than its name says",
        example="walk.mp4: the file is empty (0 bytes)",
        fal_error="image_load_error",
    ),
)
