"""Clips of a realistic job, made once into the cache folder: moving pictures with grain and sound.

Decoding costs what size, codec, bit depth and bitrate demand, whatever the picture shows. So these stand for a phone's
clips: 4K60 HEVC 10-bit HLG at 50 Mbit/s, 1080p30 H.264 at 12 Mbit/s, and one filmed upright.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import imageio_ffmpeg

TIMEOUT_S = 900


class Clip(NamedTuple):
    """A clip and the part of it that the user asks for."""

    name: str
    start_s: float
    end_s: float

    def reference(self, folder: Path) -> str:
        return f"{folder / self.name}#t={self.start_s:g},{self.end_s:g}"


class Seed(NamedTuple):
    """A short clip that is repeated; *display* are the options for its display matrix."""

    size: str
    rate: int
    seconds: int
    colour: str
    encoder: tuple[str, ...]
    display: tuple[str, ...] = ()


HDR = Clip("phone-4k60-hlg.mov", 3.4, 8.4)
WIDE = Clip("wide-1080p30.mp4", 31.3, 36.3)
UPRIGHT = Clip("upright-1080p30.mov", 8.7, 13.7)
JOB = (HDR, WIDE, UPRIGHT)
MINUTES = Clip("two-minutes-1080p30.mp4", 57.3, 62.3)
HOURS = Clip("two-hours-1080p30.mp4", 3597.3, 3602.3)

HLG = "setparams=color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc:range=tv"
BT709 = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
X265 = "log-level=error:keyint=60:bitrate=50000:vbv-maxrate=60000:vbv-bufsize=60000"


def media(folder: Path, tell: Callable[[str], None]) -> Path:
    """Make the clips that are missing in *folder*, and return it; *tell* gets a line for each."""
    folder.mkdir(parents=True, exist_ok=True)
    hevc = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", X265, "-tag:v", "hvc1")
    phone = Seed("1920x1080", 30, 10, BT709, _h264("12M"))
    light = Seed("1920x1080", 30, 20, BT709, _h264("1500k"))
    _make(folder, HDR, 20, Seed("3840x2160", 60, 5, f"{HLG},format=yuv420p10le", hevc), tell)
    _make(folder, WIDE, 120, phone, tell)
    _make(folder, UPRIGHT, 30, phone._replace(display=("-display_rotation", "-90")), tell)
    _make(folder, MINUTES, 120, light, tell)
    _make(folder, HOURS, 7200, light, tell)
    return folder


def _h264(bitrate: str) -> tuple[str, ...]:
    speed = ("-c:v", "libx264", "-preset", "superfast", "-pix_fmt", "yuv420p")
    return (*speed, "-b:v", bitrate, "-maxrate", bitrate, "-bufsize", bitrate, "-g", "60")


def _make(folder: Path, clip: Clip, seconds: int, seed: Seed, tell: Callable[[str], None]) -> None:
    """Encode *seed* and repeat it, without encoding again, until it lasts *seconds*."""
    target = folder / clip.name
    if target.exists():
        return
    tell(f"making {clip.name}")
    short, sound = folder / f"seed{target.suffix}", folder / "seed.m4a"
    # a camera that moves over the pattern, and its grain
    camera = "crop=1920:1080:'320+320*sin(0.7*t)':'180+180*sin(1.1*t)'"
    scaled = f"scale={seed.size.replace('x', ':')},noise=alls=5:allf=t"
    picture = f"testsrc2=size=2560x1440:rate={seed.rate},{camera},{scaled},{seed.colour}"
    _ffmpeg("-f", "lavfi", "-i", picture, "-t", str(seed.seconds), *seed.encoder, str(short))
    _ffmpeg("-f", "lavfi", "-i", "anoisesrc=color=pink:amplitude=0.2:r=48000", "-t", "20", "-ac", "2", str(sound))
    unfinished = folder / f"unfinished{target.suffix}"
    looped = (*seed.display, "-stream_loop", "-1", "-i", str(short), "-stream_loop", "-1", "-i", str(sound))
    _ffmpeg(*looped, "-map", "0:v", "-map", "1:a", "-c", "copy", "-t", str(seconds), str(unfinished))
    unfinished.replace(target)
    short.unlink()
    sound.unlink()


def _ffmpeg(*arguments: str) -> None:
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
    subprocess.run(argv, check=True, timeout=TIMEOUT_S)
