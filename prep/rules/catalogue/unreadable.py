"""The rules about files that can't be read, are skipped, or are left from earlier runs."""

from functools import partial

from prep.model.finding import Rule

limit = partial(Rule, severity="error")
advice = partial(Rule, basis="advice")
UNREADABLE_RULES = (
    limit(
        name="input-unreadable",
        about="input",
        basis="documented",
        subject="the file",
        meaning="The file, or the job, can't be read, or lacks the track that you asked for.",
        why="Nothing else is known about it, and the endpoint most likely can't use it either. This finding can't be "
        "switched off with --ignore.",
        remedy="check whether the file is missing, empty, cut short, or not what its name says",
        example="hero.png: the file is empty (0 bytes)",
        fal_error="image_load_error",
        own=True,
    ),
    advice(
        name="input-skipped",
        about="input",
        severity="warning",
        subject="the file",
        meaning="The file can't be read, and the job continues without it.",
        why="Later tags move up: @Image3 becomes @Image2. The warning and the plan show the new tags. A prompt that "
        "uses the name of a skipped file is refused.",
        remedy="fix the file, or leave it out of the call",
        example="walk.mp4: the file is empty (0 bytes)",
    ),
    advice(
        name="input-folder-extras",
        about="input",
        severity="info",
        subject="the folder",
        meaning="The folder contains files that are not used: sidecars of cameras and editors, system files, other "
        "folders, videos of Live Photos, files of this program, results of jobs.",
        why="A folder stands for the images, videos and sounds directly in it.",
        remedy="to use a result, or the video of a Live Photo, name that file as well",
        example="refs: skipped 1 sidecar (IMG_1.AAE), 1 Live Photo video (IMG_1.MOV)",
    ),
    advice(
        name="output-beside-originals",
        about="output",
        severity="warning",
        subject="the folder",
        meaning="The output folder contains your originals.",
        why="Originals are never replaced, but they then lie among the prepared files.",
        remedy="choose another folder",
        example="the prepared files go into photos/, where your originals are; to keep them apart, choose another "
        "folder, such as photos/ready",
    ),
    advice(
        name="output-earlier-files",
        about="output",
        severity="info",
        subject="the folder",
        meaning="The output folder still contains files of an earlier run.",
        why="Nothing is deleted; files of the same name are replaced.",
        remedy="delete them, or choose another folder",
        example="image1-hero.jpg is from an earlier run and stays; manifest.json lists only the new files",
    ),
)
