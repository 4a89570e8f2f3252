"""Progress of long work, as values that a caller may show."""

from typing import Literal

from prep.model.limits import Value


class Progress(Value):
    """*part* is 0..1 of the work on one reference; *tag* and *label* are empty when it is about the whole job.

    *message* is a line worth showing ("in the queue, 2 ahead"), empty when there is none.
    """

    stage: Literal["probe", "prepare", "upload", "queue", "generate", "download"]
    tag: str = ""
    label: str = ""
    part: float = 0.0
    message: str = ""
