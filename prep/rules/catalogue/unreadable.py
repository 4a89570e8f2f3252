"""The rules about files that can't be read, or are skipped."""

from prep.model.finding import Rule

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
    Rule(
        name="input-skipped",
        about="input",
        severity="warning",
        basis="advice",
        subject="the file",
        meaning="The file can't be read, and the job goes on without it, as you asked.",
        why="The tags count only what is kept: a prompt that names what was skipped is refused.",
        remedy="fix the file, or leave it out of the call",
        example="walk.mp4: skipped: the file is empty (0 bytes)",
    ),
    Rule(
        name="input-folder-extras",
        about="input",
        severity="info",
        basis="advice",
        subject="the folder",
        meaning="The folder holds files that are no references: sidecars, system files, the videos of Live Photos.",
        why="A folder stands for the images, videos and sounds directly in it. What is skipped is named.",
        remedy="name a file or a folder by itself to use it all the same",
        example="refs: skipped 1 sidecar (IMG_1.AAE), 1 Live Photo video (IMG_1.MOV)",
    ),
)
