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


class Scan(Value):
    """*keyframes_s* are the times from the clip's start at which it can be cut without decoding."""

    glimpses: tuple[Glimpse, ...] = ()
    keyframes_s: tuple[float, ...] = ()
