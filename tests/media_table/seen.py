"""Facts of a file in the words of docs/media.md, read with Pillow and PyAV, without the code under test."""

from pathlib import Path

import av
from PIL import Image

# libav's names for codecs, and those of the endpoint's page.
CODECS = {"h264": "H.264", "hevc": "HEVC", "aac": "AAC", "mp3float": "MP3"}
FORMATS = {"WEBP": "WebP"}
IMAGES = (".jpg", ".png", ".webp")


def seen(path: Path) -> str:
    """ "JPEG 1800×1200", "PNG 800×600 with alpha", "MP4 H.264 1280×720, 30 fps, 5 s, AAC", "MP3 44.1 kHz mono, 6 s"."""
    return _image(path) if path.suffix in IMAGES else _streams(path)


def _image(path: Path) -> str:
    with Image.open(path) as image:
        image.load()
        frames = getattr(image, "n_frames", 1)
        text = f"{FORMATS.get(str(image.format), image.format)} {image.width}×{image.height}"
        text += " with alpha" if "A" in image.mode or "transparency" in image.info else ""
        return text + (f", {frames} frames" if frames > 1 else "")


def _streams(path: Path) -> str:
    container_name = path.suffix.removeprefix(".").upper()
    with av.open(str(path)) as container:
        pictures = [stream for stream in container.streams.video if "attached_pic" not in stream.disposition.name]
        sounds = list(container.streams.audio)
        seconds = f"{round((container.duration or 0) / av.time_base, 1):g} s"
        if not pictures:
            codec = sounds[0].codec_context
            channels = {1: "mono", 2: "stereo"}.get(codec.channels, f"{codec.channels} channels")
            return f"{container_name} {codec.sample_rate / 1000:g} kHz {channels}, {seconds}"
        picture = pictures[0]
        codec_name = CODECS.get(picture.codec_context.name, picture.codec_context.name)
        rate = f"{float(picture.average_rate or 0):.5g} fps"
        text = f"{container_name} {codec_name} {picture.width}×{picture.height}, {rate}, {seconds}"
        names = [CODECS.get(sound.codec_context.name, sound.codec_context.name) for sound in sounds]
        return ", ".join([text, *names])
