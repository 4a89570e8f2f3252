"""The steps for one image: the fewest that bring it inside its limits."""

from prep.errors import UsageError
from prep.model.analysis import Questions
from prep.model.color import BLACK
from prep.model.limits import ImageLimits
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
from prep.model.source import Source
from prep.planning.geometry import Target, arrange_source
from prep.planning.image_format import encode_image, packed_by_file, surely_fits
from prep.planning.predict import predict
from prep.planning.requested import cropped, requested_crop
from prep.rules.amounts import amount
from prep.rules.findings import Findings, advice, broken
from prep.rules.image import check_image

SIDE_RULES = ("image-side-", "image-area-", "image-aspect-")


def plan_image(source: Source, limits: ImageLimits, options: Options) -> tuple[Step, ...]:
    """Plan the steps for one image; none if it complies and nothing was asked.

    When no size is inside the limits the steps leave the sides as they are, and the prediction shows what remains.
    Raises UsageError when the crop reaches outside the picture, or the moment lies outside the animation.
    """
    info, crop = source.image, requested_crop(source)
    rules = broken(check_image(cropped(info, crop), limits))
    asked = crop is not None or source.reference.part is not None or _is_flattened(info, options)
    if not rules and not asked:
        if not (options.strip_metadata and (info.metadata or info.private_metadata)):
            return ()
        # a file that is made has to meet the strict size; one that stays as it is may be a little above
        if info.container in STRIPPABLE and (limits.max_bytes is None or info.bytes <= limits.max_bytes.value):
            return (StripMetadata(because=("asked",)),)
        asked = True
    because = (*(("asked",) if asked else ()), *sorted(rules))
    sides = tuple(sorted(rule for rule in rules if rule.startswith(SIDE_RULES)))
    target = Target(limits=limits, fit=options.fit, because=sides or because)
    steps = [*_steps_before_size(source, options, because), *arrange_source(source, target, options.background)]
    flat, size = _written(info, tuple(steps))
    return (*steps, encode_image(flat, limits, size, because, source.look))


def questions(source: Source, steps: tuple[Step, ...], limits: ImageLimits, options: Options) -> Questions:
    """The questions about the picture that *steps*, planned without decoding it, depend on."""
    info, encode, pad, crop = source.image, find(steps, EncodeImage), find(steps, Pad), find(steps, CropTo)
    if encode is None:
        return Questions()
    flat, size = _written(info, steps)
    return Questions(
        packed=info.lossless and not flat.has_alpha and info.mode not in ("1", "P") and packed_by_file(info) is None,
        edges=pad is not None and options.background is None and not flat.has_alpha,
        subject=crop is not None and any(rule.startswith("image-aspect-") for rule in crop.because),
        sizes=encode.container == "png" and not surely_fits(flat, limits, size),
    )


def advise_on_enlargement(info: ImageInfo, steps: tuple[Step, ...]) -> Findings:
    """Warn when the picture is scaled up, which adds no detail."""
    crop, scale = find(steps, CropTo), find(steps, Scale)
    width, height = (crop.width, crop.height) if crop else (info.width, info.height)
    if scale is None or (scale.width <= width and scale.height <= height):
        return ()
    message = f"scaled up from {width}×{height} to {scale.width}×{scale.height}, which adds no detail"
    return advice("image-enlarged", f"{width}×{height}", f"{scale.width}×{scale.height}", message)


def _is_flattened(info: ImageInfo, options: Options) -> bool:
    return options.background is not None and info.has_alpha


def _written(info: ImageInfo, steps: tuple[Step, ...]) -> tuple[ImageInfo, tuple[int, int]]:
    """*info* without the transparency that *steps* flatten, and the size that is written.

    The rest stays as the file has it, which tells how its pixels pack, whatever size they will have.
    """
    after = predict(info, steps)
    assert isinstance(after, ImageInfo)
    return info.model_copy(update={"has_alpha": after.has_alpha}), (after.width, after.height)


def _steps_before_size(source: Source, options: Options, because: tuple[str, ...]) -> list[Step]:
    """The steps that change the picture before its size."""
    info, steps = source.image, list[Step]()
    if info.frames > 1:
        why = because if info.container == "tiff" else ("image-animated",)
        steps.append(TakeFrame(index=_frame(source), because=("asked",) if source.reference.part else why))
    if info.orientation != 1:
        steps.append(Orient(because=("image-not-upright",)))
    if info.hdr is not None:
        steps.append(ToneMap(because=("image-hdr",)))
    if _is_flattened(info, options):
        steps.append(Flatten(color=options.background or BLACK, because=("asked",)))
    return steps


def _frame(source: Source) -> int:
    """The frame that is shown at the moment asked for, or the largest one.

    Raises UsageError when the animation is over by then.
    """
    part, frames_s = source.reference.part, source.look.frames_s
    if part is None or frames_s is None:
        return source.image.frame
    *starts, end_s = frames_s
    if part.start_s >= end_s:
        raise UsageError(
            f"{source.label}: #t={part.start_s:g} is after the end of the animation ({amount(end_s, 's')})"
        )
    return max(index for index, start_s in enumerate(starts) if start_s <= part.start_s)
