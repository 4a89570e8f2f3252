"""What was seen in a picture beside its MediaInfo: enough to choose its format, its bars, its crop and its frame."""

from typing import Literal

from prep.model.limits import Value


class Subject(Value):
    """Where the eye goes: a point in displayed pixels of the whole picture, and how it was found.

    "only-saliency": what finds faces is not installed.
    """

    x: int
    y: int
    how: Literal["face", "saliency", "only-saliency"]


class Look(Value):
    """Whatever nobody looked for is None.

    *packed* is the size of the pixels without loss, over their size as they are (0..1): photographs are above 0.2.
    *edges* are the colours of the left, top, right and bottom edge of what is kept, "#rrggbb"; None: that edge is not
    of one colour. *png_bytes* and *webp_bytes* are the sizes of what would be written, without loss. *frames_s* are the
    times at which the frames of an animation begin, and last the one at which it ends.
    """

    packed: float | None = None
    edges: tuple[str | None, str | None, str | None, str | None] | None = None
    subject: Subject | None = None
    png_bytes: int | None = None
    webp_bytes: int | None = None
    frames_s: tuple[float, ...] | None = None


class Questions(Value):
    """What has to be looked for, since the plan depends on it."""

    packed: bool = False
    edges: bool = False
    subject: bool = False
    sizes: bool = False

    def __bool__(self) -> bool:
        return self.packed or self.edges or self.subject or self.sizes
