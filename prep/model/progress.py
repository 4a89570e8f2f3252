"""Progress of long work, as values that a caller may show."""

from collections.abc import Callable
from typing import Literal

from prep.model.value import Value


class Progress(Value):
    """*part* is 0..1 of the work on one reference; *tag* and *label* are empty when it is about the whole job.

    *message* is a line worth showing ("in the queue, 2 ahead"), empty when there is none. *bytes* of *of_bytes* have
    gone over the network; both are 0 where nothing does, *of_bytes* also where it is not known. At stage "job" the
    *label* is the id of the job, which is in the journal now. At stage "queue" *position* counts the requests ahead;
    at stage "generate" an event without a message says that the platform is at work. Both have the job's id as *label*
    and in *usual_s* how long earlier jobs took from submission to completion, None where there were none.
    """

    stage: Literal["probe", "analyse", "prepare", "job", "upload", "queue", "generate", "download"]
    tag: str = ""
    label: str = ""
    part: float = 0.0
    bytes: int = 0
    of_bytes: int = 0
    message: str = ""
    position: int | None = None
    usual_s: float | None = None


OnProgress = Callable[[Progress], None]


def ignore(event: object) -> None:
    """Drop *event*: the caller shows no progress."""
