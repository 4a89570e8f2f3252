"""What decoding shows of the part of a clip that is sent: enough for advice about it."""

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
