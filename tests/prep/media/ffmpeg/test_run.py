"""Command lines: what a plan compiles to, exactly. argv/NAME.txt has one argument a line; GOLDEN=write makes them."""

import os
from pathlib import Path

import ffmpeg as graphs
import pytest

from prep.errors import UsageError
from prep.media.ffmpeg import binary
from prep.media.ffmpeg.run import argv, source_url
from prep.media.image.color import cicp as coded_color
from prep.media.task import Task
from prep.media.video.encode import encode_graph, remux_graph
from prep.media.video.source import EARLY_S, Opening, opening
from prep.model.media import VideoInfo
from prep.model.plan import (
    CropTo,
    EncodeVideo,
    Extend,
    Mute,
    Orient,
    Pad,
    PlanEntry,
    Remux,
    Scale,
    Step,
    ToneMap,
    Trim,
)
from prep.model.reference import Reference
from tests.types import Media

GOLDEN = Path(__file__).parent / "argv"
WHY = ("asked",)
PHONE = VideoInfo(
    container="mov",
    bytes=9_000_000,
    width=1080,
    height=1920,
    coded_width=1920,
    coded_height=1080,
    rotation=90,
    fps=29.97,
    avg_fps=29.97,
    duration_s=20.0,
    codec="hevc",
    pix_fmt="yuv420p10le",
    bit_depth=10,
    hdr="hlg",
    color_space="bt2020nc",
    has_audio=True,
    audio_codec="pcm_s16le",
    audio_channels=6,
    audio_rate_hz=44_100,
    audio_stream=2,
    audio_streams=2,
)
SDR = PHONE.model_copy(update={"rotation": 0, "hdr": None, "color_space": None, "width": 1920, "height": 1080})

ENCODED: dict[str, tuple[VideoInfo, float, tuple[Step, ...]]] = {
    "encode-hdr-part": (
        PHONE,
        5.005,
        (
            Orient(because=WHY),
            Trim(start_s=1.5, duration_s=5.005, because=WHY),
            Scale(width=720, height=1280, because=WHY),
            ToneMap(because=WHY),
            EncodeVideo(fps="30000/1001", max_bytes=10_000_000, because=WHY),
        ),
    ),
    "encode-crop-pad-hold": (
        SDR,
        2.0,
        (
            Mute(because=WHY),
            Extend(duration_s=2.0, how="hold", because=WHY),
            CropTo(x=10, y=20, width=1200, height=400, because=WHY),
            Scale(width=1280, height=426, because=WHY),
            Pad(width=1280, height=512, x=0, y=42, because=WHY),
            EncodeVideo(fps="30/1", max_bytes=2_000_000, because=WHY),
        ),
    ),
}


def _entry(info: VideoInfo, seconds: float, steps: tuple[Step, ...]) -> PlanEntry:
    predicted = info.model_copy(update={"duration_s": seconds})
    return PlanEntry(
        tag="@Video1", reference=Reference(location="in/-a b.mov"), source=info, steps=steps, predicted=predicted
    )


def _is_golden(name: str, argv: list[str]) -> None:
    assert argv[0] == binary.binary()
    text = "\n".join(["ffmpeg", *argv[1:]]) + "\n"
    if os.environ.get("GOLDEN") == "write":
        (GOLDEN / f"{name}.txt").write_text(text, "utf-8")
    assert text == (GOLDEN / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", ENCODED)
def test_the_command_line_of_an_encode(name: str) -> None:
    info, seconds, steps = ENCODED[name]
    entry = _entry(info, seconds, steps)
    task = Task(Path("/in/-a b.mov"), "mov", entry, Path("/out/video1.mp4"))
    graph = encode_graph(task, opening(task, EARLY_S, 0.0), 10_000_000.0)
    _is_golden(name, argv(graph))


@pytest.mark.parametrize("audio", ["copy", "encode"])
def test_the_command_line_of_a_remux(audio: str) -> None:
    entry = _entry(PHONE, 20.0, (Remux(audio=audio, because=WHY),))  # type: ignore[arg-type]
    graph = remux_graph(Task(Path("/in/-a b.mov"), "mov", entry, Path("/out/video1.mp4")), Opening())
    _is_golden(f"remux-{audio}", argv(graph))


@pytest.mark.parametrize("name", ["-x.mp4", "concat:a|b", "a b", "%d.png", "http://x", "new\nline", "a:b", "ü"])
def test_a_path_is_never_an_option_or_a_protocol(tmp_path: Path, name: str) -> None:
    assert source_url(tmp_path / name) == f"file:{tmp_path.resolve()}/{name.replace('//', '/')}"


def test_another_program_may_be_named(named: Media) -> None:
    program = named("echo ffmpeg version 7.0")
    assert binary.binary() == str(program)


def test_a_program_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFMPEG_BINARY", "/no/such/ffmpeg")
    with pytest.raises(UsageError, match=r"FFMPEG_BINARY is /no/such/ffmpeg"):
        binary.binary()


@pytest.mark.parametrize("program", ["false", "true", "cat", "yes"])
def test_a_program_that_is_another(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setenv("FFMPEG_BINARY", program)
    with pytest.raises(UsageError, match=f"FFMPEG_BINARY is {program}, which does not answer as ffmpeg does; unset it"):
        binary.binary()


def test_the_version_is_one_word() -> None:
    assert binary.version()
    assert " " not in binary.version()


@pytest.mark.parametrize(
    ("version", "knows"),
    [("5.1.9-0+deb12u1", False), ("n8.0.1", False), ("8.1", True), ("9.0.2-static", True), ("N-1234-gabc", True)],
)
def test_only_an_ffmpeg_that_knows_how_alpha_is_meant_is_told(named: Media, version: str, knows: bool) -> None:
    named(f"echo 'ffmpeg version {version} Copyright (c) 2000-2026'\n")
    stream = coded_color.srgb_stream(graphs.input("in.png")["v"], None, has_alpha=True)
    assert ("alpha_mode" in " ".join(graphs.output(stream, "out.png").compile())) is knows
