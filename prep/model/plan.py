"""The plan: the steps for every reference and why each is there. It survives JSON and back."""

from typing import Annotated, Literal, TypeVar

from pydantic import Field, FiniteFloat, NonNegativeInt, PositiveInt

from prep.model.color import BLACK, Color
from prep.model.finding import Finding
from prep.model.media import Kind, MediaInfo
from prep.model.reference import Reference
from prep.model.value import Given, Printable, Value

# A century: more can only be a mistake, and seconds are multiplied.
MOST_S = 3_155_760_000
Seconds = Annotated[FiniteFloat, Field(ge=0, le=MOST_S)]
SomeSeconds = Annotated[FiniteFloat, Field(gt=0, le=MOST_S)]
Rate = Annotated[str, Field(pattern=r"^[1-9]\d*(/[1-9]\d*)?$")]


class StepBase(Value):
    """One change. *because* names the rules that ask for it, or "asked" when the user did."""

    because: tuple[str, ...]
    note: str = ""


class TakeFrame(StepBase):
    """Of an animation or a document of several pages, one frame."""

    kind: Literal["take-frame"] = "take-frame"
    index: NonNegativeInt = 0


class Orient(StepBase):
    """Bake the EXIF orientation or the display matrix into the pixels."""

    kind: Literal["orient"] = "orient"


class Window(Value):
    """A part of a clip, in seconds of its own time, and in words why it may be kept."""

    start_s: Seconds
    duration_s: SomeSeconds
    why: str


class Trim(StepBase):
    """Keep *duration_s* seconds from *start_s* on, of the source's time.

    *alternatives* are other parts worth keeping, the best first; none where the user named the part.
    """

    kind: Literal["trim"] = "trim"
    start_s: Seconds
    duration_s: SomeSeconds
    alternatives: tuple[Window, ...] = ()


class CropTo(StepBase):
    """Keep a rectangle, in displayed pixels of the source."""

    kind: Literal["crop"] = "crop"
    x: NonNegativeInt
    y: NonNegativeInt
    width: PositiveInt
    height: PositiveInt


class Scale(StepBase):
    """Resample to *width* × *height* square pixels (Lanczos)."""

    kind: Literal["scale"] = "scale"
    width: PositiveInt
    height: PositiveInt


class Pad(StepBase):
    """Put the picture on a canvas of *width* × *height* with its top left corner at *x*, *y*.

    *colors* are those of the bars on the left or top, and on the right or bottom, as "#rrggbb"; a video has one for
    both. None: black, or transparent where the picture is.
    """

    kind: Literal["pad"] = "pad"
    width: PositiveInt
    height: PositiveInt
    x: NonNegativeInt
    y: NonNegativeInt
    colors: tuple[Color, Color] | None = None


class SetRate(StepBase):
    """Make the frame rate constant at *fps*, given as "num/den"."""

    kind: Literal["set-rate"] = "set-rate"
    fps: Rate


class Extend(StepBase):
    """Lengthen to *duration_s*: hold the last frame, repeat the clip, or add silence."""

    kind: Literal["extend"] = "extend"
    duration_s: SomeSeconds
    how: Literal["hold", "loop", "silence"]


class Deinterlace(StepBase):
    """Make frames of fields: one of each ("field", twice the frame rate), or one of two ("frame")."""

    kind: Literal["deinterlace"] = "deinterlace"
    every: Literal["field", "frame"]


class Flatten(StepBase):
    """Put a picture with transparency on *color*, "#rrggbb"."""

    kind: Literal["flatten"] = "flatten"
    color: Color = BLACK


class Mute(StepBase):
    """Leave the soundtrack out."""

    kind: Literal["mute"] = "mute"


class ToneMap(StepBase):
    """HDR to BT.709 SDR."""

    kind: Literal["tone-map"] = "tone-map"


class StripMetadata(StepBase):
    """Leave out the blocks that tell something beside the picture or the sound, which stays as it is coded."""

    kind: Literal["strip-metadata"] = "strip-metadata"


class EncodeImage(StepBase):
    """Write as *container*; *quality* 1..100, None: lossless. *chroma* is the subsampling of a JPEG.

    Where that takes more than *max_bytes*, the quality goes down as far as it must; the manifest tells how far it went.
    """

    kind: Literal["encode-image"] = "encode-image"
    container: Literal["jpeg", "png", "webp"]
    quality: Annotated[int, Field(ge=1, le=100)] | None = None
    chroma: Literal["4:4:4", "4:2:0"] | None = None
    max_bytes: PositiveInt | None = None


class EncodeVideo(StepBase):
    """Write as MP4: H.264, with AAC when there is sound, at *fps* ("num/den") and in at most *max_bytes* bytes.

    *bars* is the colour around parts of the source that have another size, "#rrggbb".
    """

    kind: Literal["encode-video"] = "encode-video"
    fps: Rate
    max_bytes: PositiveInt
    bars: Color = BLACK


class Remux(StepBase):
    """Put the streams into MP4 as they are, leaving out what is neither the picture nor the soundtrack.

    *audio* "encode": the soundtrack alone is re-encoded, to AAC.
    """

    kind: Literal["remux"] = "remux"
    audio: Literal["copy", "encode"] = "copy"


class SetLoudness(StepBase):
    """Bring the whole sound to *lufs* (EBU R 128, integrated) by one gain; peaks stay below −1 dBTP."""

    kind: Literal["set-loudness"] = "set-loudness"
    lufs: float


class EncodeAudio(StepBase):
    """Write as *container*, at most stereo, at *sample_rate_hz*."""

    kind: Literal["encode-audio"] = "encode-audio"
    container: Literal["mp3", "wav"]
    sample_rate_hz: PositiveInt
    channels: PositiveInt


Step = Annotated[
    TakeFrame
    | Orient
    | Trim
    | CropTo
    | Scale
    | Pad
    | SetRate
    | Extend
    | Deinterlace
    | Flatten
    | Mute
    | ToneMap
    | StripMetadata
    | EncodeImage
    | EncodeVideo
    | Remux
    | SetLoudness
    | EncodeAudio,
    Field(discriminator="kind"),
]

S = TypeVar("S", bound=StepBase)


def find(steps: tuple[Step, ...], kind: type[S]) -> S | None:
    """The step of that kind, None when there is none; a plan has at most one of each for a reference."""
    return next((step for step in steps if isinstance(step, kind)), None)


class Options(Given):
    """What the user may choose about preparation.

    *fit*: how an aspect ratio outside the limits is met. *short*: what happens to a clip that is too short ("hold" the
    last frame or add silence, "loop" it, or "refuse"). *window*: which part is kept of a clip that is too long, where
    the user named none ("best" looks at the pictures, and listens to sounds). *seconds*: keep at most this many of each
    clip and sound for which the user named no part. *mute*: leave soundtracks out.
    *loudness*: bring sounds to this many LUFS (EBU R 128); None leaves them as loud as they are.
    *background*: put transparent images and videos on this colour, "#rrggbb", and pad with it. *strip_metadata*: leave
    out what a file tells beside its pictures and sound also where it would go through as it is.
    *generated_s*: the references are for a video of this length, so that of a longer one that is cut no more is kept,
    unless the user named a part or *seconds*. Calls that take a Generation fill it in.
    """

    fit: Literal["pad", "crop"] = "pad"
    short: Literal["hold", "loop", "refuse"] = "hold"
    window: Literal["start", "middle", "end", "best"] = "best"
    seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    mute: bool = False
    loudness: float | None = Field(default=None, ge=-50, le=-5)
    background: Color | None = None
    strip_metadata: bool = False
    generated_s: float | None = Field(default=None, gt=0, allow_inf_nan=False)


class PlanEntry(Value):
    """One reference: what it is, what is done to it, what should come out. No steps: it goes through byte-identical.

    *fingerprint* is of the file's content; a plan is carried out only where it is still the same. *url*: it is not
    fetched either, the request names this URL.
    """

    tag: str
    reference: Reference
    source: MediaInfo
    fingerprint: str = ""
    url: str | None = None
    steps: tuple[Step, ...] = ()
    predicted: MediaInfo
    unfixable: tuple[Finding, ...] = ()

    @property
    def label(self) -> str:
        return self.reference.label


class Plan(Printable):
    """The steps for all references. *unfixable* are the findings that would stand after them."""

    endpoint: str
    options: Options = Options()
    entries: tuple[PlanEntry, ...]
    warnings: tuple[Finding, ...] = ()
    set_unfixable: tuple[Finding, ...] = ()

    @property
    def names(self) -> dict[str, str | None]:
        """The user's name, if any, for each tag."""
        return {entry.tag: entry.reference.name for entry in self.entries}

    @property
    def kinds(self) -> dict[str, Kind]:
        """The kind of what comes out, for each tag."""
        return {entry.tag: entry.predicted.kind for entry in self.entries}

    @property
    def kinds_made(self) -> frozenset[Kind]:
        """The kinds of which at least one file is made: what they share is then held to the strict value."""
        return frozenset(entry.source.kind for entry in self.entries if entry.steps)

    @property
    def unfixable(self) -> tuple[Finding, ...]:
        return tuple(finding for entry in self.entries for finding in entry.unfixable) + self.set_unfixable
