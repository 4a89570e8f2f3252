"""A running sandbox with its environment set, and tiny media made once."""

import gc
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import fal_client
import imageio_ffmpeg
import pytest
from PIL import Image

from submit.sandbox import Sandbox, running


@pytest.fixture
def clock() -> list[float]:
    """What the sandbox takes for the time, in one cell that tests move."""
    return [1_000_000.0]


@pytest.fixture
def queue_s() -> float:
    return 0.05


@pytest.fixture
def box(clock: list[float], queue_s: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with running(tmp_path / "sandbox", queue_s=queue_s, clock=lambda: clock[0]) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        yield sandbox
    assert "fal-sandbox" not in {thread.name for thread in threading.enumerate()}
    gc.collect()  # fal_client closes none of its connections: their warnings belong to this test


@pytest.fixture
def client(box: Sandbox) -> fal_client.SyncClient:
    """A client of its own: the module's functions keep one for the process, with the proxy of its first use."""
    return fal_client.SyncClient()


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """good.mp4 (3 s, 854×480, 24 fps, AAC), mute.mov (2 s, portrait), slow.mp4 (15 fps, 320×240, mpeg4, 1 s),
    sound.mp3 and sound.wav (3 s), song.m4a, photo.jpg (600×400), tiny.png, thin.png, sideways.jpg, text.txt."""
    folder = tmp_path_factory.mktemp("media")
    h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    sine = ["-f", "lavfi", "-i", "sine=d=3:r=44100"]
    _make(folder / "good.mp4", *_pattern("854x480", 24, 3), *sine, *h264, "-c:a", "aac")
    _make(folder / "mute.mov", *_pattern("540x960", 30, 2), *h264)
    _make(folder / "slow.mp4", *_pattern("320x240", 15, 1), "-c:v", "mpeg4")
    for name in ("sound.mp3", "sound.wav", "song.m4a"):
        _make(folder / name, *sine)
    Image.new("RGB", (600, 400), "orange").save(folder / "photo.jpg")
    Image.new("RGB", (200, 200), "blue").save(folder / "tiny.png")
    Image.new("RGB", (1200, 300), "blue").save(folder / "thin.png")
    sideways = Image.Exif()
    sideways[0x0112] = 6
    Image.new("RGB", (800, 450), "green").save(folder / "sideways.jpg", exif=sideways)
    (folder / "text.txt").write_text("not media\n")
    return folder


def _pattern(size: str, fps: int, seconds: int) -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={fps}:d={seconds}"]


def _make(target: Path, *arguments: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", *arguments, str(target)]
    subprocess.run(command, check=True, timeout=60)
