"""The rule about files that can't be read."""

from prep.model.rule import Rule

UNREADABLE_RULES = (
    Rule(
        name="input-unreadable",
        about="input",
        severity="error",
        basis="documented",
        subject="the file",
        meaning="The file, or the job, can't be read, so nothing else is known about it.",
        why="What can't be decoded here can't be decoded there either. This finding can't be deselected.",
        remedy="check whether the file is missing, empty, cut short, or not what its name says",
        example="walk.mp4: the file is empty (0 bytes)",
        fal_error="image_load_error",
    ),
)
