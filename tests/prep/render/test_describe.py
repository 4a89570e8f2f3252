"""Facts and steps in a few words."""

from typing import get_args

import pytest

from prep.model.media import MediaInfo
from prep.model.plan import (
    CropTo,
    Deinterlace,
    EncodeAudio,
    EncodeImage,
    EncodeVideo,
    Extend,
    Flatten,
    Mute,
    Orient,
    Pad,
    Remux,
    Scale,
    SetLoudness,
    SetRate,
    Step,
    StripMetadata,
    TakeFrame,
    ToneMap,
    Trim,
)
from prep.render.describe import describe
from prep.render.steps import describe_step, reasons
from tests.made import audio, image, silent, video, wav


@pytest.mark.parametrize(
    ("info", "text"),
    [
        (image(frames=42, container="gif", bytes=99_000), "GIF 1200×900, 42 frames, 99 kB"),
        (video(container="gif", codec="gif", **silent()), "GIF 1280×720, 24 fps, 5 s, no sound, 2 MB"),
        (audio(5.25, channels=1, sample_rate_hz=48_000), "MP3, 5.25 s, 48 kHz mono, 80 kB"),
        (wav(5, channels=6, bytes=1_500_000), "WAV 16-bit PCM, 5 s, 44.1 kHz 6 channels, 1.5 MB"),
        (
            video(fps=29.97, duration_s=4.567, hdr="hlg", vfr=True, **silent()),
            "MP4 H.264 1280×720, 29.97 fps, 4.57 s, HDR, variable rate, no sound, 2 MB",
        ),
    ],
    ids=["animation", "animation as a video", "mono", "six channels", "silent"],
)
def test_facts(info: MediaInfo, text: str) -> None:
    assert describe(info) == text


WHY = ("asked",)
STEPS: list[tuple[Step, str]] = [
    (TakeFrame(because=WHY), "take frame 1"),
    (TakeFrame(index=4, because=WHY), "take frame 5"),
    (Orient(because=WHY), "turn the picture itself upright"),
    (Trim(start_s=2.5, duration_s=5, because=WHY), "keep 0:02.5–0:07.5 (5 s)"),
    (Trim(start_s=0, duration_s=14.9, because=WHY), "keep 0:00.0–0:14.9 (14.9 s)"),
    (Trim(start_s=63, duration_s=2.1333, because=WHY), "keep 1:03.00–1:05.13 (2.13 s)"),
    (CropTo(x=5, y=6, width=300, height=400, because=WHY), "crop to 300×400 at 5,6"),
    (Scale(width=1280, height=720, because=WHY), "scale to 1280×720"),
    (Pad(width=4000, height=1600, x=0, y=300, because=WHY), "pad to 4000×1600"),
    (SetRate(fps="24/1", because=WHY), "set a constant 24 fps"),
    (SetRate(fps="30000/1001", because=WHY), "set a constant 29.97 fps"),
    (Extend(duration_s=2, how="hold", because=WHY), "lengthen to 2 s by holding the last frame"),
    (Extend(duration_s=2, how="loop", because=WHY), "lengthen to 2 s by looping"),
    (Extend(duration_s=2, how="silence", because=WHY), "lengthen to 2 s with silence"),
    (Deinterlace(every="field", because=WHY), "deinterlace to one frame per field"),
    (Deinterlace(every="frame", because=WHY), "deinterlace"),
    (
        Pad(width=4, height=9, x=0, y=3, colors=("#ffffff", "#000000"), because=WHY),
        "pad to 4×9 with #ffffff and #000000",
    ),
    (Pad(width=4, height=9, x=0, y=3, colors=("#ffffff", "#ffffff"), because=WHY), "pad to 4×9 with #ffffff"),
    (Flatten(because=WHY), "fill transparency with black"),
    (Flatten(color="#ff0000", because=WHY), "fill transparency with #ff0000"),
    (StripMetadata(because=WHY), "strip metadata; keep the coded data unchanged"),
    (Mute(because=WHY), "remove the soundtrack"),
    (ToneMap(because=WHY), "tone-map HDR to SDR"),
    (EncodeImage(container="png", because=WHY), "encode as PNG"),
    (EncodeImage(container="jpeg", quality=95, chroma="4:4:4", because=WHY), "encode as JPEG (quality 95)"),
    (EncodeImage(container="webp", because=WHY), "encode as WebP (lossless)"),
    (EncodeImage(container="webp", quality=95, because=WHY), "encode as WebP (quality 95)"),
    (EncodeVideo(fps="24/1", max_bytes=5, because=WHY), "encode as H.264 in MP4"),
    (Remux(because=WHY), "copy the picture into MP4"),
    (Remux(audio="encode", because=WHY), "copy the picture into MP4, soundtrack as AAC"),
    (SetLoudness(lufs=-16, because=WHY), "set the loudness to −16 LUFS"),
    (EncodeAudio(container="wav", sample_rate_hz=48_000, channels=2, because=WHY), "encode as WAV"),
]


@pytest.mark.parametrize(("step", "text"), STEPS, ids=[step.kind for step, _ in STEPS])
def test_a_step(step: Step, text: str) -> None:
    assert describe_step(step) == text


ASKED = Trim(start_s=0, duration_s=2, because=WHY)


@pytest.mark.parametrize(
    ("steps", "texts"),
    [
        ([StripMetadata(because=WHY)], ["you asked"]),
        ([EncodeImage(container="png", because=WHY)], ["you asked"]),
        ([ASKED, Remux(because=WHY)], ["you asked", "the change above needs it"]),
        ([Mute(because=WHY), ASKED, Remux(because=WHY)], ["you asked", "you asked", "the changes above need it"]),
        (
            [ASKED, EncodeVideo(fps="24/1", max_bytes=5, because=("asked", "video-fps-too-low"))],
            ["you asked", "video-fps-too-low"],
        ),
        ([Remux(because=("video-several-pictures",))], ["video-several-pictures"]),
    ],
)
def test_reasons(steps: list[Step], texts: list[str]) -> None:
    assert list(reasons(steps)) == texts


def test_every_kind_of_step_has_its_words() -> None:
    kinds = {step.model_fields["kind"].default for step in get_args(get_args(Step)[0])}
    assert {step.kind for step, _ in STEPS} == kinds
