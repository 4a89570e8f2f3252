"""Rendering of the "generated" video: the references cut together and really encoded."""

import asyncio
import shutil
from pathlib import Path

import imageio_ffmpeg
from PIL import Image, ImageOps

from submit.sandbox.judge.measure import SAFE_FORMATS, MeasuredImage, MeasuredVideo, open_picture
from submit.sandbox.judge.output import Output
from submit.sandbox.judge.request import References

TIMEOUT_S = 120.0
_READ_SAFELY = ["-format_whitelist", SAFE_FORMATS, "-protocol_whitelist", "file"]


async def render(references: References, output: Output, work: Path) -> Path:
    """Render an H.264 MP4 (with AAC when *output* has sound) in the new directory *work*, which the caller removes.

    Raises RuntimeError with the end of ffmpeg's messages. The process does not outlive this call.
    """
    work.mkdir()
    target = work / "output.mp4"
    stills = await asyncio.to_thread(_draw_stills, references.images, output, work)
    process = await asyncio.create_subprocess_exec(
        *render_command(imageio_ffmpeg.get_ffmpeg_exe(), references, stills, output, target),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, messages = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"ffmpeg could not render: {messages.decode(errors='replace')[-500:]}")
    return target


def remove_work(work: Path) -> None:
    shutil.rmtree(work, ignore_errors=True)


def render_command(
    ffmpeg: str, references: References, stills: tuple[Path, ...], output: Output, target: Path
) -> list[str]:
    """Build the argv. Each visual reference gets an equal share of the time; *stills* replace the images, in order."""
    visuals: tuple[Path | MeasuredVideo, ...] = (*stills, *references.videos)
    share_s = output.duration_s / max(1, len(visuals))
    inputs: list[str] = []
    filters: list[str] = []
    for index, visual in enumerate(visuals):
        inputs += _visual_input(visual, share_s, output)
        filters.append(f"[{index}:v:0]{_fit(output)},{_last(share_s)}[v{index}]")
    if not visuals:
        pattern = f"testsrc2=s={output.width}x{output.height}:r={output.fps}:d={output.duration_s}"
        inputs += ["-f", "lavfi", "-i", pattern]
        filters.append("[0:v]setsar=1[v0]")
    count = max(1, len(visuals))
    filters.append("".join(f"[v{index}]" for index in range(count)) + f"concat=n={count}:v=1:a=0[v]")
    sound: list[str] = []
    if output.sound:
        inputs += _sound_input(references, output)
        filters.append(f"[{count}:a:0]aresample=48000,aformat=channel_layouts=stereo,apad[a]")
        sound = ["-map", "[a]", "-c:a", "aac", "-b:a", "96k"]
    return [
        *[ffmpeg, "-nostdin", "-v", "error", *inputs, "-filter_complex", ";".join(filters), "-map", "[v]"],
        *["-c:v", "libx264", "-preset", "ultrafast", "-crf", "28", "-pix_fmt", "yuv420p", "-r", str(output.fps)],
        *sound,
        # -t alone may end one frame early or late where the shares were rounded
        *["-frames:v", str(output.duration_s * output.fps), "-t", str(output.duration_s)],
        *["-map_metadata", "-1", "-movflags", "+faststart", str(target)],
    ]


def _visual_input(visual: Path | MeasuredVideo, share_s: float, output: Output) -> list[str]:
    if isinstance(visual, MeasuredVideo):
        return [*_READ_SAFELY, "-t", f"{share_s + 0.1:.3f}", "-i", str(visual.path)]
    # pattern_type none: a % in the directory's name would mean a numbered sequence
    still = ["-f", "image2", "-pattern_type", "none", "-loop", "1", "-framerate", str(output.fps)]
    return [*still, "-t", f"{share_s + 0.1:.3f}", "-i", str(visual)]


def _sound_input(references: References, output: Output) -> list[str]:
    sources = [audio.path for audio in references.audios]
    sources += [video.path for video in references.videos if video.audio_codec is not None]
    if sources:
        return [*_READ_SAFELY, "-t", str(output.duration_s), "-i", str(sources[0])]
    return ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo"]


def _fit(output: Output) -> str:
    width, height = output.width, output.height
    scale = f"scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bilinear"
    return f"fps={output.fps},{scale},pad={width}:{height}:-1:-1,setsar=1,format=yuv420p"


def _last(share_s: float) -> str:
    """Last exactly the share: a shorter clip holds its last frame."""
    return f"tpad=stop_mode=clone:stop_duration={share_s:.3f},trim=duration={share_s:.3f},setpts=PTS-STARTPTS"


def _draw_stills(images: tuple[MeasuredImage, ...], output: Output, work: Path) -> tuple[Path, ...]:
    """Draw each image once at the output's size: ffmpeg would decode a large one again for each frame."""
    stills = []
    for index, image in enumerate(images):
        path = work / f"still{index}.bmp"
        with open_picture(image.path) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
        canvas = Image.new("RGBA", (output.width, output.height), "black")
        fitted = ImageOps.contain(upright, canvas.size, Image.Resampling.BILINEAR)
        corner = ((canvas.width - fitted.width) // 2, (canvas.height - fitted.height) // 2)
        canvas.alpha_composite(fitted, corner)
        canvas.convert("RGB").save(path)
        stills.append(path)
    return tuple(stills)
