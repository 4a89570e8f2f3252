"""What was seen in a clip beside its MediaInfo: enough to choose a part of it."""

from prep.model.limits import Value


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
