"""Making of one sound: the wanted seconds are decoded in process; pydub fades, levels and lengthens them, and writes
PCM that stays as it is; ffmpeg writes the rest."""

import warnings
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

import ffmpeg as graphs

from prep.errors import DamagedError, ToolError
from prep.media.audio.decode import Wanted, decode_sound
from prep.media.audio.loudness import Adjustment, adjust, adjusting
from prep.media.audio.strip import strip_sound
from prep.media.ffmpeg.run import open_input, run_graph, source_url
from prep.media.task import Task
from prep.model.media import AudioInfo
from prep.model.plan import EncodeAudio, Extend, PlanEntry, SetLoudness, StripMetadata, Trim, find
from prep.rules.audio import damaged
from prep.rules.findings import Findings, about

with warnings.catch_warnings():
    # pydub looks for an ffmpeg of its own on the PATH and complains without one; it is only given WAV here
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

# A cut in the middle of a wave clicks; a fade as short as this is not heard.
FADE_MS = 10
# Below these a cut does not click: a pause that is quiet for as long as a fade, or a single sample near zero.
PAUSE_DBFS, ZERO_SHARE = -60.0, 0.001
# A source may end a little early. Where more than this is missing it is damaged, and silence must not hide that.
SHORT_MS = 60
# With more silence in the place of what does not decode, a sound is no longer itself.
MOST_LOST = 0.5
LAME_QUALITY = 0  # the highest of LAME's variable rates, about 245 kbit/s
# Seven channels and more add up to four times full scale at most; fewer, and floats of any kind, to less.
HEADROOM, HEADROOM_DB = 0.25, 12.0412
# Sound over full scale is brought down to here, since an MP3 decodes to a little more than what went in.
CEILING_DBFS = -1.0
# Codecs that decode to 16 bits without loss.
SHALLOW = frozenset({"pcm_s16le", "pcm_s16be", "pcm_u8", "pcm_s8", "pcm_alaw", "pcm_mulaw"})


def make_sound(task: Task) -> Findings:
    """Make the sound that *task* orders (MP3 or WAV); returns a warning when some of what was decoded is damaged.

    Only the wanted seconds are decoded, and progress is measured on them. Raises DamagedError when most of it does not
    decode, ToolError when ffmpeg fails, Cancelled when the task is cancelled.
    """
    entry, target = task.entry, task.target
    info, encode = entry.source, find(entry.steps, EncodeAudio)
    if isinstance(info, AudioInfo) and find(entry.steps, StripMetadata) is not None:
        if info.container not in ("mp3", "wav"):
            raise ToolError(f"{entry.label}: the metadata of {info.container.upper()} can't be left out as it is")
        strip_sound(task.source, target, info.container)
        return ()
    if not isinstance(info, AudioInfo) or encode is None:
        raise ToolError(f"{entry.label}: the plan does not encode it as a sound")
    trim, loudness = find(entry.steps, Trim), find(entry.steps, SetLoudness)
    exact = info.codec in SHALLOW and info.sample_rate_hz == encode.sample_rate_hz and info.channels <= encode.channels
    wanted = Wanted(
        start_s=trim.start_s if trim else 0.0,
        # a header may give the last packet a shorter length than it has: the rest was added by an encoder
        duration_s=trim.duration_s if trim else info.duration_s,
        rate_hz=encode.sample_rate_hz,
        channels=encode.channels,
        headroom=None if exact else HEADROOM,
    )
    decoded = decode_sound(task, info, wanted)
    if decoded.lost_s > MOST_LOST * wanted.duration_s:
        raise DamagedError(f"{entry.label}: most of it can't be decoded; the file is damaged. Export it again")
    segment = AudioSegment(
        decoded.samples, sample_width=decoded.sample_bytes, frame_rate=wanted.rate_hz, channels=wanted.channels
    )
    segment = _shaped(segment, entry, info, exact)
    if exact and encode.container == "wav" and loudness is None:
        segment.export(str(target), format="wav").close()
    else:
        with TemporaryDirectory(dir=target.parent, prefix=".sound-") as folder:
            shaped = Path(folder, "shaped.wav")
            segment.export(str(shaped), format="wav").close()
            change = adjust(shaped, loudness.lufs, task.cancel) if loudness else Adjustment()
            run_graph(_write(shaped, encode, change, exact, target), segment.duration_seconds, None, task.cancel)
    return about(damaged(decoded.damaged), entry.label, entry.tag)


def _shaped(segment: AudioSegment, entry: PlanEntry, info: AudioInfo, exact: bool) -> AudioSegment:
    trim, extend = find(entry.steps, Trim), find(entry.steps, Extend)
    if not exact:
        segment = _raised(segment)
    if trim is not None:
        if trim.start_s > 0 and not _is_quiet(segment[:FADE_MS], 0):
            segment = segment.fade_in(FADE_MS)
        if trim.start_s + trim.duration_s < info.duration_s and not _is_quiet(segment[-FADE_MS:], -1):
            segment = segment.fade_out(FADE_MS)
    wanted_s = extend.duration_s if extend else trim.duration_s if trim else 0.0
    wanted_ms = round(wanted_s * 1000)
    if extend is not None and extend.how == "loop":
        return (segment * (wanted_ms // max(1, len(segment)) + 1))[:wanted_ms]
    # also after a trim: some decoders give a few milliseconds less than asked for
    missing_ms = max(0, ceil((wanted_s - segment.frame_count() / segment.frame_rate) * 1000))
    if not missing_ms or (extend is None and missing_ms > SHORT_MS):
        return segment
    return segment + AudioSegment.silent(missing_ms, frame_rate=segment.frame_rate)


def _raised(segment: AudioSegment) -> AudioSegment:
    """Undo the headroom, as far as channels that were added up stay within full scale."""
    peak_dbfs = segment.max_dBFS + HEADROOM_DB
    return segment.apply_gain(HEADROOM_DB if peak_dbfs <= 0 else CEILING_DBFS - segment.max_dBFS)


def _is_quiet(edge: AudioSegment, at: int) -> bool:
    """Whether a cut at the sample *at* falls into a pause, or where all channels are near zero."""
    if edge.max_dBFS < PAUSE_DBFS:
        return True
    most = ZERO_SHARE * edge.max_possible_amplitude
    samples = edge.get_array_of_samples()
    frame = samples[: edge.channels] if at == 0 else samples[-edge.channels :]
    return all(abs(sample) <= most for sample in frame)


def _write(
    source: Path, encode: EncodeAudio, change: Adjustment, exact: bool, target: Path
) -> graphs.nodes.OutputStream:
    stream = open_input(source, "wav")["a"]
    for name, options in adjusting(change, encode.sample_rate_hz):
        stream = stream.filter(name, **options)
    if encode.container == "mp3":
        codec = {"c:a": "libmp3lame", "q:a": LAME_QUALITY}
    else:
        codec = {"c:a": "pcm_s16le"}
        if not exact or change != Adjustment():
            stream = stream.filter("aresample", osf="s16", dither_method="triangular")
    # no name of the writing program either: bitexact keeps it out
    return graphs.output(stream, source_url(target), f=encode.container, **codec, map_metadata=-1, fflags="+bitexact")
