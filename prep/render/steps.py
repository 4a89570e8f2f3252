"""Steps of a plan in a few words."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from prep.model.color import BLACK
from prep.model.plan import EncodeImage, Extend, Pad, SetRate, Step
from prep.rules.amounts import amount, span
from prep.rules.format_names import format_name

# The steps that write the file, whatever was changed before.
WRITING = frozenset({"encode-image", "encode-video", "encode-audio", "remux"})


def describe_step(step: Step) -> str:
    """The change that one step makes, without its reasons: "keep 1:03.0–1:05.1 (2.1 s)"."""
    words = DETAILS.get(step.kind)
    return words(step) if words else KINDS[step.kind]


def step_text(step: Step) -> str:
    """The change and its note: "keep 1:03.0–1:05.1 (2.1 s): one steady shot, sharp"."""
    return f"{describe_step(step)}: {step.note}" if step.note else describe_step(step)


def reasons(steps: Sequence[Step]) -> Iterator[str]:
    """For each of *steps* the rules that it is for: "video-too-long", "you asked".

    A file is written for what the steps before it don't cure, or else because they need it.
    """
    cured: set[str] = set()
    for number, step in enumerate(steps):
        rules = [rule for rule in step.because if step.kind not in WRITING or rule not in cured]
        above = "the changes above need it" if number > 1 else "the change above needs it"
        cured.update(step.because)
        yield ", ".join("you asked" if rule == "asked" else rule for rule in rules) or above


def _pad(step: Pad) -> str:
    bars = f" with {' and '.join(dict.fromkeys(step.colors))}" if step.colors else ""
    return f"pad to {step.width}×{step.height}{bars}"


def _rate(step: SetRate) -> str:
    numerator, _, denominator = step.fps.partition("/")
    return f"set a constant {amount(int(numerator) / int(denominator or 1), 'fps')}"


def _extend(step: Extend) -> str:
    how = {"hold": "by holding the last frame", "loop": "by looping", "silence": "with silence"}[step.how]
    return f"lengthen to {amount(step.duration_s, 's')} {how}"


def _encode_image(step: EncodeImage) -> str:
    quality = f"quality {step.quality}" if step.quality else "lossless" if step.container == "webp" else ""
    return f"encode as {format_name(step.container)}{f' ({quality})' if quality else ''}"


# A step in general, as it is counted over many files; a step without details is described by it as well.
KINDS = {
    "take-frame": "take one frame",
    "orient": "turn the picture itself upright",
    "trim": "trim",
    "crop": "crop",
    "scale": "scale",
    "pad": "pad",
    "set-rate": "set a constant frame rate",
    "extend": "lengthen",
    "deinterlace": "deinterlace",
    "flatten": "fill transparency",
    "mute": "remove the soundtrack",
    "tone-map": "tone-map HDR to SDR",
    "strip-metadata": "strip metadata",
    "encode-image": "encode the picture",
    "encode-video": "encode as H.264 in MP4",
    "remux": "copy the picture into MP4",
    "set-loudness": "set the loudness",
    "encode-audio": "encode the sound",
}
DETAILS: dict[str, Callable[[Any], str]] = {
    "take-frame": lambda step: f"take frame {step.index + 1}",
    "trim": lambda step: f"keep {span(step.start_s, step.duration_s)}",
    "crop": lambda step: f"crop to {step.width}×{step.height} at {step.x},{step.y}",
    "scale": lambda step: f"scale to {step.width}×{step.height}",
    "pad": _pad,
    "set-rate": _rate,
    "extend": _extend,
    "deinterlace": lambda step: KINDS["deinterlace"] + (" to one frame per field" if step.every == "field" else ""),
    "flatten": lambda step: f"{KINDS['flatten']} with {'black' if step.color == BLACK else step.color}",
    "strip-metadata": lambda step: f"{KINDS['strip-metadata']}; keep the coded data unchanged",
    "encode-image": _encode_image,
    "remux": lambda step: KINDS["remux"] + (", soundtrack as AAC" if step.audio == "encode" else ""),
    "set-loudness": lambda step: f"{KINDS['set-loudness']} to {step.lufs:g} LUFS".replace("-", "−"),
    "encode-audio": lambda step: f"encode as {format_name(step.container)}",
}
