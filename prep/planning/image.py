"""The fewest steps that bring one image inside its limits."""

from prep.errors import UsageError
from prep.model.analysis import Look, Questions
from prep.model.color import BLACK
from prep.model.limits import ImageLimits, Value
from prep.model.media import STRIPPABLE, ImageInfo
from prep.model.plan import (
    CropTo,
    EncodeImage,
    Flatten,
    Options,
    Orient,
    Pad,
    Scale,
    Step,
    StripMetadata,
    TakeFrame,
    ToneMap,
    find,
)
from prep.model.reference import Crop, Part
from prep.planning.geometry import Target, arrange, asked_crop
from prep.planning.image_format import encode_image, packed_by_file, surely_fits
from prep.planning.predict import predict
from prep.rules.amounts import amount
from prep.rules.findings import Findings, advice, broken
from prep.rules.image import check_image

# The formats of which the metadata can be left out while the picture stays as it is coded.
SUBJECT_NOTES = {
    "face": "around the face",
    "saliency": "around the area that stands out",
    "only-saliency": "around the area that stands out; the extra smartcrop would look for faces first",
}


class Still(Value):
    """One image and what is wanted of it."""

    label: str
    info: ImageInfo
    crop: Crop | None = None
    part: Part | None = None
    options: Options = Options()
    look: Look = Look()

    @property
    def flattened(self) -> bool:
        return self.options.background is not None and self.info.has_alpha

    @property
    def stripped(self) -> bool:
        return self.options.strip_metadata and bool(self.info.metadata or self.info.private_metadata)


def image_steps(wanted: Still, limits: ImageLimits) -> tuple[Step, ...]:
    """Steps for one image; none if it is inside already and nothing was asked.

    When no size is inside the limits the steps leave the sides as they are, and the prediction shows what stands.
    Raises UsageError when the crop reaches outside the picture, or the moment lies outside the animation.
    """
    info, rules = wanted.info, broken(check_image(wanted.info, limits))
    asked = wanted.crop is not None or wanted.part is not None or wanted.flattened
    if not rules and not asked:
        if not wanted.stripped:
            return ()
        # a file that is made has to meet the strict size, which one that was given may be a little above
        if info.container in STRIPPABLE and (limits.max_bytes is None or info.bytes <= limits.max_bytes.value):
            return (StripMetadata(because=("asked",)),)
        asked = True
    because = (*(("asked",) if asked else ()), *sorted(rules))
    steps = [*_picture_steps(wanted, because), *_arranged(wanted, limits, _sides_broken(rules) or because)]
    after = predict(info, tuple(steps))
    assert isinstance(after, ImageInfo)
    # the file as it is tells how its pixels pack, whatever their size will be
    flat = info.model_copy(update={"has_alpha": after.has_alpha})
    steps.append(encode_image(flat, limits, (after.width, after.height), because, wanted.look))
    return tuple(steps)


def questions(wanted: Still, steps: tuple[Step, ...], limits: ImageLimits) -> Questions:
    """What has to be looked for before *steps*, planned without having looked, are the last word."""
    info, encode, pad, crop = wanted.info, find(steps, EncodeImage), find(steps, Pad), find(steps, CropTo)
    if encode is None:
        return Questions()
    after = predict(info, steps)
    assert isinstance(after, ImageInfo)
    flat = info.model_copy(update={"has_alpha": after.has_alpha})
    return Questions(
        packed=info.lossless and not after.has_alpha and info.mode not in ("1", "P") and packed_by_file(info) is None,
        edges=pad is not None and wanted.options.background is None and not after.has_alpha,
        subject=crop is not None and any(rule.startswith("image-aspect-") for rule in crop.because),
        sizes=encode.container == "png" and not surely_fits(flat, limits, (after.width, after.height)),
    )


def enlarged(info: ImageInfo, steps: tuple[Step, ...]) -> Findings:
    """A warning when the picture is scaled up: what it did not show it does not show afterwards."""
    crop, scale = find(steps, CropTo), find(steps, Scale)
    width, height = (crop.width, crop.height) if crop else (info.width, info.height)
    if scale is None or (scale.width <= width and scale.height <= height):
        return ()
    message = f"scaled up from {width}×{height} to {scale.width}×{scale.height}, which adds no detail"
    return advice("image-enlarged", f"{width}×{height}", f"{scale.width}×{scale.height}", message)


def _picture_steps(wanted: Still, because: tuple[str, ...]) -> list[Step]:
    """What changes the picture before its size does."""
    info, steps = wanted.info, list[Step]()
    if info.frames > 1:
        index = _frame(wanted)
        steps.append(TakeFrame(index=index, because=("asked",) if wanted.part else because))
    if info.orientation != 1:
        steps.append(Orient(because=("image-not-upright",)))
    if info.hdr is not None:
        steps.append(ToneMap(because=("image-hdr",)))
    if wanted.flattened:
        steps.append(Flatten(color=wanted.options.background or BLACK, because=("asked",)))
    return steps


def _frame(wanted: Still) -> int:
    """The frame that is shown at the moment asked for. Raises UsageError when the animation is over by then."""
    if wanted.part is None or wanted.look.frames_s is None:
        return 0
    *starts, end_s = wanted.look.frames_s
    if wanted.part.start_s >= end_s:
        raise UsageError(
            f"{wanted.label}: #t={wanted.part.start_s:g} is after the end of the animation ({amount(end_s, 's')})"
        )
    return max(index for index, start_s in enumerate(starts) if start_s <= wanted.part.start_s)


def _arranged(wanted: Still, limits: ImageLimits, because: tuple[str, ...]) -> list[Step]:
    """Crop, scale and pad, with the reasons for where and with what."""
    info, look = wanted.info, wanted.look
    point = (look.subject.x, look.subject.y) if look.subject else None
    size = (info.width, info.height)
    selection = asked_crop(wanted.crop, *size, wanted.label) if wanted.crop else None
    steps = arrange(size, selection, Target(limits=limits, fit=wanted.options.fit, grid=1, because=because), point)
    return [_explained(step, wanted) for step in steps]


def _explained(step: Step, wanted: Still) -> Step:
    if isinstance(step, CropTo) and wanted.look.subject and step.because != ("asked",):
        return step.model_copy(update={"note": SUBJECT_NOTES[wanted.look.subject.how]})
    if isinstance(step, Pad):
        return step.model_copy(update=_bars(step, wanted))
    return step


def _bars(pad: Pad, wanted: Still) -> dict[str, object]:
    """The colour of the bars: the user's, or that of the edge that they touch, or black."""
    background, edges = wanted.options.background, wanted.look.edges
    if background:
        return {"colors": (background, background), "note": "the colour you chose"}
    if wanted.info.has_alpha:
        return {"note": "transparent"}
    if edges is None:
        return {}
    left, top, right, bottom = edges
    first, second = (left, right) if pad.x > pad.y else (top, bottom)
    if first is None and second is None:
        return {"note": "black, because the edges have no single colour"}
    return {"colors": (first or BLACK, second or BLACK), "note": "the colour of the edges"}


def _sides_broken(rules: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(rule for rule in rules if rule.startswith(("image-side-", "image-area-", "image-aspect-"))))
