"""The effect of each step on the facts of a file."""

from typing import Any, get_args

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
from prep.planning.predict import predict
from tests.made import audio, image, video, wav

WHY = ("asked",)
CASES: list[tuple[MediaInfo, Step, dict[str, Any]]] = [
    (image(frames=42), TakeFrame(because=WHY), {"frames": 1}),
    (image(orientation=6), Orient(because=WHY), {"orientation": 1}),
    (video(rotation=90, mirrored=True), Orient(because=WHY), {"rotation": 0, "mirrored": False}),
    (
        video(duration_s=10, bytes=4_000_000),
        Trim(start_s=2, duration_s=5, because=WHY),
        {"duration_s": 5, "bytes": 2_000_000},
    ),
    (image(), CropTo(x=1, y=2, width=300, height=400, because=WHY), {"width": 300, "height": 400}),
    (
        video(sar="16:11"),
        Scale(width=640, height=642, because=WHY),
        {"width": 640, "height": 642, "coded_width": 640, "coded_height": 642, "sar": "1:1"},
    ),
    (image(), Pad(width=3000, height=1200, x=0, y=100, because=WHY), {"width": 3000, "height": 1200}),
    (
        video(fps=23.976, vfr=True),
        SetRate(fps="30000/1001", because=WHY),
        {"fps": 29.97, "avg_fps": 29.97, "vfr": False},
    ),
    (audio(1), Extend(duration_s=2, how="silence", because=WHY), {"duration_s": 2}),
    (
        video(fps=25, interlaced=True),
        Deinterlace(every="field", because=WHY),
        {"fps": 50, "avg_fps": 50, "interlaced": False},
    ),
    (video(has_alpha=True), Flatten(because=WHY), {"has_alpha": False}),
    (video(), Mute(because=WHY), {"has_audio": False, "audio_codec": None, "audio_stream": None}),
    (video(hdr="pq", dolby_vision=8), ToneMap(because=WHY), {"hdr": None, "dolby_vision": None}),
    (image(hdr="pq", color_primaries="bt2020"), ToneMap(because=WHY), {"hdr": None, "color_primaries": None}),
    (
        image(private_metadata=("gps",), metadata=("exif",)),
        StripMetadata(because=WHY),
        {"private_metadata": (), "metadata": (), "bytes": 400_000},
    ),
    (
        audio(5, private_metadata=("gps",), metadata=("id3",), has_cover=True),
        StripMetadata(because=WHY),
        {"private_metadata": (), "metadata": (), "has_cover": False, "duration_s": 5, "container": "mp3"},
    ),
    (
        image(container="heif", private_metadata=("gps",)),
        EncodeImage(container="jpeg", quality=95, max_bytes=30_000_000, because=WHY),
        {"container": "jpeg", "bytes": 30_000_000, "private_metadata": ()},
    ),
    (
        image(container="png", mode="RGBA", has_alpha=True),
        EncodeImage(container="webp", quality=95, max_bytes=5, because=WHY),
        {"container": "webp", "mode": "RGBA", "has_alpha": True, "bytes": 5},
    ),
    (
        video(container="mov", codec="prores", audio_codec="pcm_s16le", audio_channels=6, private_metadata=("gps",)),
        EncodeVideo(fps="24/1", max_bytes=7, because=WHY),
        {
            "container": "mp4",
            "codec": "h264",
            "audio_codec": "aac",
            "audio_channels": 2,
            "bytes": 7,
            "pix_fmt": "yuv420p",
            "private_metadata": (),
        },
    ),
    (
        video(container="matroska", audio_codec="opus", video_streams=2),
        Remux(audio="encode", because=WHY),
        {"container": "mp4", "codec": "h264", "audio_codec": "aac", "video_streams": 1},
    ),
    (video(container="matroska"), Remux(because=WHY), {"container": "mp4", "audio_codec": "aac", "width": 1280}),
    (audio(5), SetLoudness(lufs=-16, because=WHY), {"duration_s": 5, "container": "mp3"}),
    (
        audio(5, container="m4a", codec="aac", channels=6, has_cover=True),
        EncodeAudio(container="mp3", sample_rate_hz=48_000, channels=2, because=WHY),
        {"container": "mp3", "codec": "mp3", "channels": 2, "sample_rate_hz": 48_000, "has_cover": False},
    ),
    (
        wav(5, codec="pcm_s24le", channels=1),
        EncodeAudio(container="wav", sample_rate_hz=48_000, channels=1, because=WHY),
        {"container": "wav", "codec": "pcm_s16le", "bitrate_bps": 768_000},
    ),
]


@pytest.mark.parametrize(("info", "step", "after"), CASES, ids=[f"{i.kind}-{s.kind}" for i, s, _ in CASES])
def test_a_step(info: MediaInfo, step: Step, after: dict[str, Any]) -> None:
    predicted = predict(info, (step,)).model_dump()
    assert predicted.items() >= after.items()
    assert predicted["kind"] == info.kind


def test_every_kind_of_step_has_a_case() -> None:
    kinds = {step.model_fields["kind"].default for step in get_args(get_args(Step)[0])}
    assert {step.kind for _, step, _ in CASES} == kinds


def test_no_steps_change_nothing() -> None:
    for info in (image(), video(), audio()):
        assert predict(info, ()) is info


def test_steps_follow_each_other() -> None:
    steps = (
        Orient(because=WHY),
        CropTo(x=0, y=0, width=1000, height=700, because=WHY),
        Scale(width=800, height=560, because=WHY),
        Pad(width=900, height=560, x=50, y=0, because=WHY),
        SetRate(fps="24/1", because=WHY),
        EncodeVideo(fps="24/1", max_bytes=1000, because=WHY),
    )
    predicted = predict(video(1920, 1080, fps=23.976, rotation=180), steps).model_dump()
    expected = {"width": 900, "height": 560, "coded_width": 900, "fps": 24, "bytes": 1000, "rotation": 0}
    assert predicted.items() >= expected.items()


@pytest.mark.parametrize("seconds", [2.0, 15.0])
@pytest.mark.parametrize(("container", "bps"), [("mp3", 320_000), ("wav", 1_536_000)])
def test_the_bytes_of_a_sound_are_the_most_it_can_have(seconds: float, container: Any, bps: int) -> None:
    step = EncodeAudio(container=container, sample_rate_hz=48_000, channels=2, because=WHY)
    predicted = predict(audio(seconds), (step,))
    assert seconds * bps / 8 <= predicted.bytes <= seconds * bps / 8 + 10_000


@pytest.mark.parametrize(
    ("info", "step"),
    [
        (audio(), EncodeVideo(fps="24/1", max_bytes=5, because=WHY)),
        (video(), EncodeImage(container="jpeg", because=WHY)),
        (image(), Remux(because=WHY)),
    ],
)
def test_a_step_that_does_not_apply(info: MediaInfo, step: Step) -> None:
    with pytest.raises(ValueError, match="does not apply to"):
        predict(info, (step,))
