"""Facts that only decoding shows: about a picture (Look), a whole clip (Scan), the part that is sent (Inside)."""

from typing import Literal

from prep.model.limits import Value

# The meter's least: R 128 counts nothing that is quieter.
SILENCE_LUFS = -70.0


class Inside(Value):
    """The part from *start_s* to *end_s*, in seconds of the source.

    *cuts_s* are the times between at which new shots begin. *loudness_lufs* is that of its sound (EBU R 128,
    integrated), −70 for silence; None: it has none, it is too short to be measured, or nobody listened.
    """

    start_s: float
    end_s: float
    cuts_s: tuple[float, ...] = ()
    loudness_lufs: float | None = None


class Glimpse(Value):
    """One picture of a clip, at *time_s* from its start. All measures are 0..1.

    *light* is the mean luma, *contrast* its spread, *detail* how much fine structure there is, *change* how much the
    picture differs from the glimpse before, *cut* that it belongs to another shot than that one.
    """

    time_s: float
    light: float
    contrast: float
    detail: float
    change: float
    cut: bool = False


HEARD_STEP_S = 0.02


class Heard(Value):
    """A stretch of a sound from *start_s* on, in steps of HEARD_STEP_S.

    *levels_dbfs* is the level of each step (RMS of all channels as one, −90 at the least), *speech* whether somebody
    speaks in it; None: no detector was there to tell.
    """

    start_s: float = 0.0
    levels_dbfs: tuple[int, ...]
    speech: tuple[bool, ...] | None = None


class Scan(Value):
    """What was seen or *heard* of a clip. *keyframes_s* are the times at which it can be cut without decoding."""

    glimpses: tuple[Glimpse, ...] = ()
    heard: tuple[Heard, ...] = ()
    keyframes_s: tuple[float, ...] = ()


class Subject(Value):
    """Where the eye goes: a point in displayed pixels of the whole picture, and how it was found.

    "only-saliency": what finds faces is not installed.
    """

    x: int
    y: int
    how: Literal["face", "saliency", "only-saliency"]


# Pixels that pack to less than this much of their size are graphics; photographs pack worse.
PHOTOGRAPH = 0.2


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
