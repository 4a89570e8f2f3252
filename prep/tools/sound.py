"""Making one sound: ffmpeg decodes the wanted seconds, pydub cuts, fades and lengthens them, ffmpeg writes MP3."""

import threading
import warnings
from collections.abc import Callable
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

import ffmpeg as graph

from prep.errors import ToolError
from prep.model.media import AudioInfo
from prep.model.plan import EncodeAudio, Extend, PlanEntry, Trim, find
from prep.tools import ffmpeg

with warnings.catch_warnings():
    # pydub looks for an ffmpeg of its own on the PATH and complains without one; it is only given WAV here
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

# A cut that is not at a pause clicks; so short a fade is not heard.
FADE_MS = 10
# What a decoder may give less than was asked for; more is damage, and not hidden by silence.
SHORT_MS = 60
LAME_QUALITY = 2  # VBR of about 190 kbit/s


def make_sound(
    source: Path,
    demuxer: str,
    entry: PlanEntry,
    target: Path,
    progress: Callable[[float], None] | None = None,
    cancel: threading.Event | None = None,
) -> None:
    """Carry out the steps of *entry* on *source* and write *target* (MP3 or WAV).

    Only the wanted seconds are ever decoded. Raises ToolError when ffmpeg fails, Cancelled when *cancel* is set.
    """
    info, encode = entry.source, find(entry.steps, EncodeAudio)
    if not isinstance(info, AudioInfo) or encode is None:
        raise ToolError(f"{entry.label}: the plan does not encode it as a sound")
    with TemporaryDirectory(dir=target.parent, prefix=".sound-") as folder:
        decoded = Path(folder, "decoded.wav")
        ffmpeg.run(_decode(source, demuxer, entry, info, encode, decoded), info.duration_s, progress, cancel)
        with decoded.open("rb") as file:
            segment = _shaped(AudioSegment.from_wav(file), entry, info)
        if encode.container == "wav":
            segment.export(str(target), format="wav").close()
            return
        shaped = Path(folder, "shaped.wav")
        segment.export(str(shaped), format="wav").close()
        ffmpeg.run(_mp3(shaped, target), segment.duration_seconds, None, cancel)


def _decode(
    source: Path, demuxer: str, entry: PlanEntry, info: AudioInfo, encode: EncodeAudio, target: Path
) -> graph.nodes.OutputStream:
    trim = find(entry.steps, Trim)
    opened = ffmpeg.open_input(source, demuxer, **({"ss": f"{trim.start_s:.6f}"} if trim and trim.start_s else {}))
    stream = opened[str(info.audio_stream)].filter("aresample", encode.sample_rate_hz)
    stream = stream.filter("aformat", channel_layouts="mono" if encode.channels == 1 else "stereo")
    length = {"t": f"{trim.duration_s:.6f}"} if trim else {}
    return graph.output(stream, ffmpeg.source_url(target), f="wav", **{"c:a": "pcm_s16le"}, map_metadata=-1, **length)


def _shaped(segment: AudioSegment, entry: PlanEntry, info: AudioInfo) -> AudioSegment:
    trim, extend = find(entry.steps, Trim), find(entry.steps, Extend)
    if trim is not None:
        if trim.start_s > 0:
            segment = segment.fade_in(FADE_MS)
        if trim.start_s + trim.duration_s < info.duration_s:
            segment = segment.fade_out(FADE_MS)
    wanted_s = extend.duration_s if extend else trim.duration_s if trim else 0.0
    wanted_ms = round(wanted_s * 1000)
    if extend is not None and extend.how == "loop":
        return (segment * (wanted_ms // max(1, len(segment)) + 1))[:wanted_ms]
    # also after a cut: some decoders give a few milliseconds less than was asked for
    missing_ms = max(0, ceil((wanted_s - segment.frame_count() / segment.frame_rate) * 1000))
    if not missing_ms or (extend is None and missing_ms > SHORT_MS):
        return segment
    return segment + AudioSegment.silent(missing_ms, frame_rate=segment.frame_rate)


def _mp3(source: Path, target: Path) -> graph.nodes.OutputStream:
    stream = ffmpeg.open_input(source, "wav")["a"]
    codec = {"c:a": "libmp3lame", "q:a": LAME_QUALITY}
    return graph.output(stream, ffmpeg.source_url(target), f="mp3", **codec, map_metadata=-1)
