"""Facts that only decoding shows: about a picture (Look), a whole clip (Scan), the part that is sent (Inside)."""

from typing import Literal

from prep.model.value import Value

# The meter's least: R 128 counts nothing that is quieter.
SILENCE_LUFS = -70.0
# Pictures in which cuts are looked for have this width and height, whatever the shape of the clip.
SMALL = 128, 72
# A shot that is shorter, at an end of a part as well, is not counted as one.
MIN_SHOT_S = 0.15
# A shot that is shorter, at an end of a part, is a flash that nobody means; times are rounded to less than EDGE_S.
FLASH_S, EDGE_S = 0.5, 0.01


class Unseen(Value):
    """A stretch of a clip in which a cut may be: not all of it was decoded. *chance*, 0..1, is a guess; *costly*:
    decoding it takes too long."""

    start_s: float
    end_s: float
    chance: float
    costly: bool = False


class Cuts(Value):
    """The cuts of a clip: when new shots begin, in seconds from its start, and where others may be *unseen*."""

    times_s: tuple[float, ...] = ()
    unseen: tuple[Unseen, ...] = ()

    def within(self, start_s: float, end_s: float) -> "Cuts":
        """Those of a part. A shot shorter than MIN_SHOT_S at one of its ends is none."""
        first_s, last_s = start_s + MIN_SHOT_S, end_s - MIN_SHOT_S
        return Cuts(
            times_s=tuple(time_s for time_s in self.times_s if first_s < time_s < last_s),
            unseen=tuple(stretch for stretch in self.unseen if stretch.start_s < last_s and stretch.end_s > first_s),
        )

    def without_flashes(self, start_s: float, end_s: float) -> tuple[float, float]:
        """Start and end of a part without what it shows of other shots, for less than FLASH_S, at its ends."""
        late = [time_s for time_s in self.times_s if start_s + EDGE_S < time_s < start_s + FLASH_S]
        first_s = max(late, default=start_s)
        early = [time_s for time_s in self.times_s if max(first_s, end_s - FLASH_S) < time_s < end_s - EDGE_S]
        return first_s, min(early, default=end_s)

    def after_look(self, start_s: float, end_s: float, seen: "Cuts") -> "Cuts":
        """These after the part from *start_s* to *end_s* was decoded, which showed *seen*."""
        inside = self.within(start_s, end_s)
        outside = [time_s for time_s in self.times_s if time_s not in inside.times_s]
        unseen = [part for stretch in self.unseen for part in _without(stretch, start_s, end_s)]
        return Cuts(
            times_s=tuple(sorted({*outside, *seen.times_s})),
            unseen=tuple(sorted({*unseen, *seen.unseen}, key=lambda stretch: stretch.start_s)),
        )


def _without(stretch: Unseen, start_s: float, end_s: float) -> list[Unseen]:
    """What is left of *stretch* outside of a part."""
    before = stretch.model_copy(update={"end_s": min(stretch.end_s, start_s)})
    after = stretch.model_copy(update={"start_s": max(stretch.start_s, end_s)})
    return [part for part in (before, after) if part.start_s < part.end_s]


class Inside(Value):
    """The part from *start_s* to *end_s*, in seconds of the source.

    *cuts* are those of the clip, none for a sound. *loudness_lufs* is that of the part's sound (EBU R 128, integrated),
    −70 for silence; None: it has none, it is too short to be measured, or nobody listened.
    """

    start_s: float
    end_s: float
    cuts: Cuts = Cuts()
    loudness_lufs: float | None = None


class Glimpse(Value):
    """One picture of a clip, at *time_s* from its start. All measures are 0..1.

    *light* is the mean luma, *contrast* its spread, *change* how much the picture differs from the glimpse before.
    *crisp* is how much neighbours differ beside what is farther apart: about 0.1 where it is blurred, 1 in noise.
    *plain* is the share of its commonest tones. Black bars count for none of these.
    """

    time_s: float
    light: float
    contrast: float
    crisp: float
    plain: float
    change: float


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
    """What was seen or *heard* of a clip. *keyframes_s* are the times at which it can be cut without decoding; *cuts*
    those in all of it, None where nobody looked for them."""

    glimpses: tuple[Glimpse, ...] = ()
    cuts: Cuts | None = None
    heard: tuple[Heard, ...] = ()
    keyframes_s: tuple[float, ...] = ()


class Subject(Value):
    """Where the eye goes: a point in displayed pixels of the whole picture, and how it was found.

    "only-saliency": what finds faces is not installed. "motion": of a clip, what moves.
    """

    x: int
    y: int
    how: Literal["face", "motion", "saliency", "only-saliency"]


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
